"""What a rule may read: views over the model's tables, their columns and look-ups.

A view is what a rule names in ``rows``, ``match`` and ``absent``. Enriched views are detail tables
with their 1:1 dimension rows (``member.``, ``billing.``, ``procedure.`` …); shared views (stays,
contacts …) are defined in shared_views.py.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from claims.adjustments import HISTORIES
from claims.identifiers import placeholder_sql
from claims.model import INPUT_TABLES, Table

EDITIONS = ("effective_date", "deletion_date")
SPANS = ("exclusion_date", "reinstatement_date")
PROVIDER_IDS = "billing rendering ordering facility"
POSITION = ("latitude", "longitude")


@dataclass(frozen=True)
class Lookup:
    """A dimension joined 1:1 to a view.

    Args:
        column: the view's column, or another look-up's, that holds the dimension's key.
        key: the dimension's key.
        dated: first and last columns of validity where editions coexist (the end is excluded);
            the edition valid on the row's date counts.
    """

    table: str
    column: str
    key: str
    dated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Derived:
    """A column computed from the row: DuckDB SQL over ``r`` and the look-ups it names."""

    sql: str
    type: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """A relation that rules read.

    Args:
        table: the model's table behind it; empty for a shared view.
        source: relation its rows are read from, where that is not the table itself.
        date, amount, provider: columns that date a row, give its money, and name a provider.
        until: last day of a row that lasts from ``date`` on.
        person: it holds ``person_id`` and lies in member buckets.
        columns: name and DuckDB type of a shared view's columns.
        tables: tables that a shared view is made of, with the columns it reads.
        condition: which rows of the table belong to it.
        sql: DuckDB query of a shared view over those tables.
    """

    name: str
    table: str = ""
    source: str = ""
    date: str = ""
    amount: str = ""
    provider: str = ""
    until: str = ""
    person: bool = True
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    derived: Mapping[str, Derived] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    condition: str = "true"
    sql: str = ""

    def column(self, path: tuple[str, ...]) -> str | None:
        """DuckDB type of a column (``death_date`` or ``member.death_date``), if there is one."""
        if len(path) == 2:
            lookup = self.lookups.get(path[0])
            return _type(INPUT_TABLES[lookup.table], path[1]) if lookup else None
        if path[0] in self.derived:
            return self.derived[path[0]].type
        if path[0] in self.columns:
            return self.columns[path[0]]
        if path[0] in ("row_key", "table_name") and (self.table or path[0] in self.columns):
            return "varchar"
        return _type(INPUT_TABLES[self.table], path[0]) if self.table else None

    def paths(self) -> list[str]:
        """Every column that an expression may name, look-ups with a dot."""
        table = INPUT_TABLES[self.table].names if self.table else ()
        key = ("row_key", "table_name") if self.table else ()
        looked_up = [
            f"{name}.{column}"
            for name, lookup in self.lookups.items()
            for column in INPUT_TABLES[lookup.table].names
        ]
        return list(dict.fromkeys((*table, *self.columns, *self.derived, *key, *looked_up)))

    def within(self, start: datetime.date, end: datetime.date) -> str:
        """Condition that a row, ``row``, is dated in a period; one that lasts need only touch it.

        Where rows have no date it always holds.
        """
        if not self.date:
            return "true"
        if not self.until:
            return f"\"row\".\"{self.date}\" between date '{start}' and date '{end}'"
        return (
            f'("row"."{self.date}" <= date \'{end}\' and "row"."{self.until}" >= date \'{start}\')'
        )


def _type(table: Table, column: str) -> str | None:
    if column not in table.names:
        return None
    return duckdb_type(table.column(column).type)


def model_table(name: str) -> Table:
    """The table of a relation at hand; ``claim_lines_history`` has the columns of its table."""
    return INPUT_TABLES[HISTORIES.get(name, name)]


def duckdb_type(type_: str) -> str:
    """A model type in DuckDB's words."""
    return {"string": "varchar", "timestamp_ntz": "timestamp"}.get(type_, type_)


def row_key_sql(table: str, alias: str) -> str:
    """A row's key as evidence names it."""
    parts = [f"coalesce(cast({alias}.\"{c}\" as varchar), '')" for c in INPUT_TABLES[table].key]
    return " || '|' || ".join(parts)


def service_mark_sql(alias: str) -> str:
    """A service as two ids of one person would share it: biller, day, code and charge."""
    return (
        f"left(md5(concat_ws('|', {alias}.billing_provider_id, {alias}.claim_line_start_date,"
        f" coalesce({alias}.procedure_code, {alias}.drug_code), {alias}.charge_amount)), 12)"
    )


def _place(part: str) -> Derived:
    """Where a line was rendered: the visit's own position, else the facility's, else the office's.

    A facility that is named without a position leaves the place unknown. Both parts come from one
    source, so that no place is made of two.
    """
    known = " ".join(
        f'when "{role}"."latitude" is not null and "{role}"."longitude" is not null'
        f' then "{role}"."{part}"'
        for role in ("rendering", "billing")
    )
    return Derived(
        "case when r.visit_latitude is not null and r.visit_longitude is not null"
        f" then r.visit_{part} when r.facility_provider_id is not null then"
        ' if("facility"."latitude" is null or "facility"."longitude" is null, null,'
        f' "facility"."{part}") {known} end',
        "double",
        (
            *(f"visit_{name}" for name in POSITION),
            "facility_provider_id",
            *(
                f"{role}.{name}"
                for role in ("facility", "rendering", "billing")
                for name in POSITION
            ),
        ),
    )


LINES = View(
    "lines",
    "claim_lines",
    date="claim_line_start_date",
    amount="paid_amount",
    provider="billing_provider_id",
    condition="r.paid_amount > 0",
    lookups={
        "member": Lookup("members", "person_id", "person_id"),
        **{
            role: Lookup("providers", f"{role}_provider_id", "provider_id")
            for role in PROVIDER_IDS.split()
        },
        "organisation": Lookup("providers", "billing.organisation_id", "provider_id"),
        "card": Lookup("cards", "card_id", "card_id"),
        "procedure": Lookup("procedures", "procedure_code", "procedure_code", EDITIONS),
        "drug": Lookup("drugs", "drug_code", "drug_code", EDITIONS),
        **{
            f"{role}_exclusion": Lookup("exclusions", f"{role}_provider_id", "provider_id", SPANS)
            for role in PROVIDER_IDS.split()
        },
        "authorization": Lookup("authorizations", "authorization_id", "authorization_id"),
        **{
            f"{end}_area": Lookup("areas", f"{end}_postal_code", "postal_code")
            for end in ("origin", "destination")
        },
    },
    derived={
        "service_date": Derived("r.claim_line_start_date", "date", ("claim_line_start_date",)),
        # Both words of a day, so that a list of days may hold dates and days of every year.
        "calendar_day": Derived(
            "strftime(r.claim_line_start_date, '%Y-%m-%d %m-%d')",
            "varchar",
            ("claim_line_start_date",),
        ),
        "service_end": Derived(
            "coalesce(r.claim_line_end_date, r.discharge_date, r.claim_line_start_date)",
            "date",
            ("claim_line_end_date", "discharge_date", "claim_line_start_date"),
        ),
        "units": Derived(
            "coalesce(r.service_unit_quantity, 1)", "decimal(18,3)", ("service_unit_quantity",)
        ),
        "code": Derived(
            "coalesce(r.procedure_code, r.drug_code)", "varchar", ("procedure_code", "drug_code")
        ),
        "age": Derived(
            "cast(date_part('year', age(r.claim_line_start_date, "
            '"member"."birth_date")) as integer)',
            "integer",
            ("claim_line_start_date", "member.birth_date"),
        ),
        "renderer_id": Derived(
            'coalesce(r.rendering_provider_id, if("billing"."provider_type" = \'individual\','
            " r.billing_provider_id, null))",
            "varchar",
            ("rendering_provider_id", "billing_provider_id", "billing.provider_type"),
        ),
        "modifiers": Derived(
            "list_aggregate(list_sort(list_filter([r.procedure_modifier_1, r.procedure_modifier_2,"
            " r.procedure_modifier_3, r.procedure_modifier_4],"
            " lambda m: m is not null and m <> '')), 'string_agg', ' ')",
            "varchar",
            tuple(f"procedure_modifier_{n}" for n in range(1, 5)),
        ),
        "diagnoses": Derived(
            "list_aggregate(list_filter([r.diagnosis_code_1, r.diagnosis_code_2,"
            " r.diagnosis_code_3, r.diagnosis_code_4, r.diagnosis_code_5],"
            " lambda m: m is not null and m <> ''), 'string_agg', ' ')",
            "varchar",
            tuple(f"diagnosis_code_{n}" for n in range(1, 6)),
        ),
        "claim": Derived(
            "coalesce(r.data_source, '') || '|' || r.claim_id",
            "varchar",
            ("data_source", "claim_id"),
        ),
        "service_mark": Derived(
            service_mark_sql("r"),
            "varchar",
            (
                "billing_provider_id",
                "claim_line_start_date",
                "procedure_code",
                "drug_code",
                "charge_amount",
            ),
        ),
        **{f"place_{part}": _place(part) for part in POSITION},
    },
)

PAYMENTS = View(
    "payments",
    "benefit_payments",
    date="period_start_date",
    amount="paid_amount",
    condition="r.paid_amount > 0",
    lookups={
        "member": Lookup("members", "person_id", "person_id"),
        "employer": Lookup("employers", "employer_id", "employer_id"),
        "certifying": Lookup("providers", "certifying_provider_id", "provider_id"),
        "account": Lookup("accounts", "bank_account_id", "account_id"),
    },
    derived={
        "period_end": Derived(
            "coalesce(r.period_end_date, r.period_start_date)",
            "date",
            ("period_end_date", "period_start_date"),
        ),
        "period_days": Derived(
            "date_diff('day', r.period_start_date,"
            " coalesce(r.period_end_date, r.period_start_date)) + 1",
            "bigint",
            ("period_end_date", "period_start_date"),
        ),
        "employer_known": Derived(
            f'if({placeholder_sql("r.employer_id")}, null, "employer"."employer_id" is not null)',
            "boolean",
            ("employer_id", "employer.employer_id"),
        ),
        "age": Derived(
            'cast(date_part(\'year\', age(r.period_start_date, "member"."birth_date")) as integer)',
            "integer",
            ("period_start_date", "member.birth_date"),
        ),
    },
)

# Rows before voids and replacements are netted, denied and pending ones among them.
HISTORY_VIEWS = tuple(
    replace(view, name=name, source=f"{view.table}_history", condition="true")
    for view, name in ((LINES, "lines_history"), (PAYMENTS, "payments_history"))
)

CONTRIBUTIONS = View(
    "contributions",
    "contributions",
    date="period_start_date",
    person=False,
    lookups={"employer": Lookup("employers", "employer_id", "employer_id")},
    derived={
        "period_end": Derived(
            "coalesce(r.period_end_date, cast(r.period_start_date + interval 1 month as date) - 1)",
            "date",
            ("period_end_date", "period_start_date"),
        ),
        "months": Derived(
            "greatest(1, cast(round(date_diff('day', r.period_start_date,"
            " coalesce(r.period_end_date,"
            " cast(r.period_start_date + interval 1 month as date) - 1)) / 30.4) as integer))",
            "integer",
            ("period_end_date", "period_start_date"),
        ),
    },
)

# A row that names nobody; an exclusion may name its person otherwise.
_NOBODY = placeholder_sql("r.provider_id")

PLAIN = tuple(
    View(
        table.name,
        table.name,
        date=date,
        person=bool(table.person),
        condition=f"not {_NOBODY} or r.provider_id is null"
        if table.name == "exclusions"
        else "true",
    )
    for table, date in (
        (INPUT_TABLES["eligibility"], "coverage_start_date"),
        (INPUT_TABLES["cards"], "issued_date"),
        (INPUT_TABLES["authorizations"], "valid_from_date"),
        (INPUT_TABLES["declarations"], "period_start_date"),
        (INPUT_TABLES["members"], ""),
        (INPUT_TABLES["providers"], ""),
        (INPUT_TABLES["relationships"], ""),
        (INPUT_TABLES["exclusions"], "exclusion_date"),
        (INPUT_TABLES["affiliations"], "start_date"),
        (INPUT_TABLES["procedure_pairs"], "effective_date"),
        (INPUT_TABLES["accounts"], ""),
    )
)

# Under names of their own, as rules join these tables besides.
NAMED = (
    View("registered_providers", "providers", person=False, condition=f"not {_NOBODY}"),
    View("tariffs", "procedures", person=False),
)
