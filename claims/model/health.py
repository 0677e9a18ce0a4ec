"""Health care: claim lines, the people and providers they name, and their rights."""

from __future__ import annotations

from claims.model.column import Table, amounts, closed, dates, events, texts, typed

ADJUSTMENTS = "original replacement void"

CLAIM_LINES = Table(
    name="claim_lines",
    kind="detail",
    key=("data_source", "claim_id", "claim_line_number"),
    optional=False,
    person="person_id",
    sort=("person_id", "claim_line_start_date"),
    spans=(
        ("claim_line_start_date", "claim_line_end_date"),
        ("service_start_time", "service_end_time"),
        ("admission_date", "discharge_date"),
    ),
    columns=(
        *texts("claim_id*"),
        *typed("int", "claim_line_number*"),
        *texts("data_source"),
        *closed(
            "claim_type*",
            "professional institutional pharmacy dental equipment transport home_care",
        ),
        *closed("adjustment_type", ADJUSTMENTS),
        *texts("original_claim_id person_id* card_id"),
        *typed("boolean", "card_present"),
        *texts("terminal_id"),
        *typed("timestamp_ntz", "card_read_at"),
        *texts(
            "billing_provider_id* rendering_provider_id ordering_provider_id facility_provider_id"
        ),
        *events("claim_line_start_date* claim_line_end_date"),
        *typed("timestamp_ntz", "service_start_time service_end_time"),
        *events("admission_date discharge_date"),
        *texts("admit_source_code discharge_disposition_code prescription_id"),
        *events("prescribed_date"),
        *typed("decimal(18,3)", "prescribed_quantity"),
        *typed("int", "refills_authorised fill_number"),
        *events("submitted_date paid_date"),
        *closed("claim_status", "paid denied pending"),
        *texts(
            "status_reason_code place_of_service_code bill_type_code revenue_center_code drg_code"
            " procedure_code procedure_code_system procedure_modifier_1 procedure_modifier_2"
            " procedure_modifier_3 procedure_modifier_4 drug_code"
        ),
        *typed("int", "days_supply"),
        *typed("decimal(18,3)", "service_unit_quantity"),
        *texts(
            "diagnosis_code_1 diagnosis_code_2 diagnosis_code_3 diagnosis_code_4 diagnosis_code_5"
            " body_site authorization_id origin_postal_code destination_postal_code"
        ),
        *typed("decimal(9,1)", "distance_km"),
        *texts("vehicle_id"),
        *typed("double", "visit_latitude visit_longitude"),
        *amounts("charge_amount allowed_amount paid_amount* member_paid_amount other_payer_amount"),
        *texts("payee_account_id"),
    ),
)

MEMBERS = Table(
    name="members",
    kind="dimension",
    key=("person_id",),
    optional=False,
    person="person_id",
    sort=("person_id",),
    spans=(("birth_date", "death_date"),),
    columns=(
        *texts("person_id* household_id"),
        *closed("sex", "female male unknown"),
        *events("birth_date death_date"),
        *texts("first_name last_name national_id postal_code country_code address"),
        *typed("double", "latitude longitude"),
        *texts("phone email bank_account_id"),
    ),
)

ELIGIBILITY = Table(
    name="eligibility",
    kind="detail",
    key=("person_id", "programme", "coverage_start_date"),
    person="person_id",
    sort=("person_id", "coverage_start_date"),
    spans=(("coverage_start_date", "coverage_end_date"),),
    columns=(
        *texts("person_id* programme*"),
        *dates("coverage_start_date* coverage_end_date"),
        *texts("status data_source"),
    ),
)

CARDS = Table(
    name="cards",
    kind="dimension",
    key=("card_id",),
    person="person_id",
    sort=("person_id", "card_id"),
    spans=(("issued_date", "expiry_date"),),
    columns=(
        *texts("card_id* person_id*"),
        *dates("issued_date expiry_date cancelled_date"),
        *closed("status", "active lost stolen cancelled expired"),
    ),
)

PROVIDERS = Table(
    name="providers",
    kind="dimension",
    key=("provider_id",),
    optional=False,
    sort=("provider_id",),
    spans=(("enrolment_date", "termination_date"),),
    columns=(
        *texts("provider_id*"),
        *closed("provider_type", "individual organisation"),
        *texts("name specialty organisation_id tax_id postal_code address"),
        *typed("double", "latitude longitude"),
        *texts("phone"),
        *dates("enrolment_date termination_date"),
        *events("death_date"),
        *texts("person_id bank_account_id"),
    ),
)

AFFILIATIONS = Table(
    name="affiliations",
    kind="dimension",
    key=(
        "subject_type",
        "subject_id",
        "organisation_type",
        "organisation_id",
        "role",
        "start_date",
    ),
    sort=("organisation_id", "subject_id"),
    spans=(("start_date", "end_date"),),
    columns=(
        *closed("subject_type*", "provider member employer"),
        *texts("subject_id*"),
        *closed("organisation_type*", "provider employer"),
        *texts("organisation_id*"),
        *closed("role*", "owner manager employee member"),
        *dates("start_date end_date"),
    ),
)

EXCLUSIONS = Table(
    name="exclusions",
    kind="reference",
    key=("provider_id", "person_id", "name", "exclusion_date"),
    sort=("provider_id",),
    spans=(("exclusion_date", "reinstatement_date"),),
    any_of=("provider_id", "person_id", "name", "birth_date", "tax_id"),
    columns=(
        *texts("provider_id person_id name"),
        *events("birth_date"),
        *texts("tax_id"),
        *dates("exclusion_date* reinstatement_date"),
        *texts("reason source"),
    ),
)

AUTHORIZATIONS = Table(
    name="authorizations",
    kind="detail",
    key=("authorization_id",),
    person="person_id",
    sort=("person_id", "valid_from_date"),
    spans=(("valid_from_date", "valid_to_date"),),
    columns=(
        *texts("authorization_id* person_id* provider_id procedure_code drug_code"),
        *typed("decimal(18,3)", "approved_units"),
        *dates("valid_from_date* valid_to_date"),
        *closed("status", "approved denied pending"),
    ),
)

TABLES = (
    CLAIM_LINES,
    MEMBERS,
    ELIGIBILITY,
    CARDS,
    PROVIDERS,
    AFFILIATIONS,
    EXCLUSIONS,
    AUTHORIZATIONS,
)
