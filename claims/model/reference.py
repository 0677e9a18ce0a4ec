"""Reference tables: codes, prices, pairs and areas, each with its dates of validity."""

from __future__ import annotations

from claims.model.column import Table, amounts, closed, dates, texts, typed

PROCEDURES = Table(
    name="procedures",
    kind="reference",
    key=("procedure_code", "effective_date"),
    sort=("procedure_code", "effective_date"),
    columns=(
        *texts("procedure_code*"),
        *dates("effective_date deletion_date"),
        *texts("procedure_code_system description"),
        *amounts("fee_amount"),
        *typed("int", "typical_minutes max_units_per_day"),
        *texts("sex"),
        *typed("int", "min_age max_age"),
        *typed("boolean", "requires_authorization is_add_on"),
    ),
)

PROCEDURE_PAIRS = Table(
    name="procedure_pairs",
    kind="reference",
    key=("column_1_code", "column_2_code", "effective_date"),
    sort=("column_1_code", "column_2_code"),
    columns=(
        *texts("column_1_code* column_2_code*"),
        *dates("effective_date* deletion_date"),
        *typed("boolean", "modifier_allowed"),
        *closed("relation", "not_together add_on requires included_in"),
    ),
)

DRUGS = Table(
    name="drugs",
    kind="reference",
    key=("drug_code", "effective_date"),
    sort=("drug_code", "effective_date"),
    columns=(
        *texts("drug_code*"),
        *dates("effective_date deletion_date"),
        *texts("description ingredient"),
        *typed("boolean", "is_controlled requires_authorization"),
        *typed("double", "max_daily_quantity morphine_equivalent"),
        *typed("decimal(18,3)", "pack_size"),
        *amounts("unit_price"),
    ),
)

CODE_SETS = Table(
    name="code_sets",
    kind="reference",
    key=("code_set", "code_system", "code", "related_code", "effective_date"),
    sort=("code_set", "code"),
    columns=(
        *texts("code_set* code_system code* related_code"),
        *typed("double", "value"),
        *dates("effective_date deletion_date"),
    ),
)

AREAS = Table(
    name="areas",
    kind="reference",
    key=("postal_code",),
    sort=("postal_code",),
    columns=(
        *texts("postal_code* area"),
        *typed("int", "population"),
        *typed("double", "latitude longitude"),
    ),
)

TABLES = (PROCEDURES, PROCEDURE_PAIRS, DRUGS, CODE_SETS, AREAS)
