"""Checks that follow from the model itself: schema, keys, nullness, sets, spans, signs, drift."""

from __future__ import annotations

from collections.abc import Iterator

from claims.identifiers import written_placeholder
from claims.model import Table
from expectations.check import Check, Severity

# The day a row belongs to and the money it moves: what volume, drift and freshness are measured on.
DAILY_MONEY = {
    "claim_lines": ("claim_line_start_date", "paid_amount"),
    "benefit_payments": ("period_start_date", "paid_amount"),
    "contributions": ("period_start_date", "contributions_due"),
    "supplier_invoices": ("invoice_date", "amount"),
}

# Days that may lie between a load and its newest row, by the habits of each source.
FRESH_DAYS = {
    "claim_lines": 62.0,
    "benefit_payments": 62.0,
    "contributions": 124.0,
    "supplier_invoices": 124.0,
}

POSTAL_CODE = "^[0-9A-Za-z][0-9A-Za-z -]{1,9}$"
PLAUSIBLE_AMOUNT = 10_000_000


def model_checks(table: Table) -> tuple[Check, ...]:
    """Every check that the model implies for one table, in a fixed order."""
    return (
        *_whole(table),
        *_values(table),
        *_dates(table),
        *_money(table),
        *_places(table),
        *_load(table),
    )


def _whole(table: Table) -> Iterator[Check]:
    name = table.name
    yield Check(
        name,
        "schema",
        "A required column is missing, or a column has another type than the model's",
        severity="critical",
        kind="schema",
    )
    yield Check(
        name,
        "has_rows",
        "The table holds no row",
        severity="warning" if table.optional else "critical",
        kind="load",
    )
    yield Check(
        name,
        "key_unique",
        f"Rows repeat the key ({', '.join(table.key)})",
        severity="critical",
        kind="key",
    )


def _values(table: Table) -> Iterator[Check]:
    name = table.name
    for column in table.columns:
        if column.required:
            yield Check(
                name,
                f"{column.name}_present",
                f"{column.name} is required and is null",
                f"{column.name} is null",
                severity="critical",
            )
        if column.values:
            listed = ", ".join(f"'{value}'" for value in column.values)
            yield Check(
                name,
                f"{column.name}_known",
                f"{column.name} is none of {', '.join(column.values)}",
                f"{column.name} not in ({listed})",
            )
        elif column.type == "string" and column.name.endswith("_id"):
            yield Check(
                name,
                f"{column.name}_real",
                f"{column.name} is a placeholder (blank, 0, UNKNOWN, one digit repeated): the row"
                " is joined to nobody",
                written_placeholder(column.name),
                tolerance=0.0 if column.required else 0.01,
            )
    if table.any_of:
        absent = " and ".join(f"{column} is null" for column in table.any_of)
        yield Check(
            name,
            "names_someone",
            f"None of {', '.join(table.any_of)} is given",
            absent,
        )


def _dates(table: Table) -> Iterator[Check]:
    name = table.name
    for start, end in table.spans:
        yield Check(
            name,
            f"{end}_after_start",
            f"{end} lies before {start}",
            f"{end} < {start}",
        )
    for column in table.columns:
        if column.event:
            yield Check(
                name,
                f"{column.name}_past",
                f"{column.name} lies after the as-of date, yet names what has happened",
                f"{column.name} > :as_of",
            )


def _money(table: Table) -> Iterator[Check]:
    name = table.name
    amounts = table.money
    if not amounts:
        return
    void = "coalesce(adjustment_type, '') <> 'void'" if "adjustment_type" in table.names else "true"
    for column in amounts:
        # VAT due is negative where more is deducted than collected.
        if not column.startswith("vat_"):
            yield Check(
                name,
                f"{column}_not_negative",
                f"{column} is negative outside a void",
                f"{column} < 0 and {void}",
            )
    yield Check(
        name,
        "amounts_plausible",
        f"An amount is beyond {PLAUSIBLE_AMOUNT:,}: cents read as units, or a typing error",
        " or ".join(f"abs({column}) > {PLAUSIBLE_AMOUNT}" for column in amounts),
        any_needed=True,
    )
    if name in DAILY_MONEY:
        yield Check(
            name,
            "one_currency",
            "The row's own currency is not the data root's: amounts cannot be added up",
            "currency <> :currency",
        )


def _places(table: Table) -> Iterator[Check]:
    name = table.name
    for column in table.names:
        if column.endswith("postal_code"):
            yield Check(
                name,
                f"{column}_form",
                f"{column} is blank or has not the form of a postal code",
                f"not {column} rlike '{POSTAL_CODE}'",
                tolerance=0.01,
            )
        if column == "country_code":
            yield Check(
                name,
                "country_code_form",
                "country_code is not an ISO 3166 code of two or three letters",
                "not country_code rlike '^[A-Z]{2,3}$'",
                tolerance=0.01,
            )
        if column.endswith("latitude"):
            east = column.replace("latitude", "longitude")
            yield Check(
                name,
                f"{column}_on_earth",
                f"{column} and {east} are no place on earth, or are 0, 0",
                f"abs({column}) > 90 or abs({east}) > 180 or ({column} = 0 and {east} = 0)",
            )


def _load(table: Table) -> Iterator[Check]:
    name = table.name

    def load(check: str, meaning: str, tolerance: float, severity: Severity = "warning") -> Check:
        return Check(name, check, meaning, "", severity, tolerance, kind="load")

    yield load("none_quarantined", "Rows that came in lie in quarantine, with their reasons", 0.0)
    yield load(
        "most_accepted",
        "More than half of the rows that came in lie in quarantine: the file is not of this form",
        0.5,
        "critical",
    )
    yield load("rows_kept", "Rows lost since the last load, as a share of it", 0.5, "critical")
    yield load("rows_drift", "Change of the row count since the last load, as a share of it", 0.25)
    yield load(
        "null_share_drift", "Greatest change of a column's null share since the last load", 0.10
    )
    if name in DAILY_MONEY:
        yield load("money_drift", "Change of the money a day since the last load, as a share", 0.3)
        yield load("newest_age", "Days between the newest row and the as-of date", FRESH_DAYS[name])
        yield load("newest_kept", "Days by which the newest row is older than the last load's", 0.0)
