"""Suites of the reference tables, beyond what the model itself implies."""

from __future__ import annotations

from expectations.check import Check
from expectations.suites.references import procedure


def _editions(table: str) -> Check:
    return Check(
        table,
        "deleted_after_effective",
        "deletion_date lies before effective_date",
        "deletion_date < effective_date",
    )


def procedures() -> tuple[Check, ...]:
    """Fees, minutes, units and ages of a procedure are possible."""
    table = "procedures"
    return (
        _editions(table),
        Check(
            table,
            "minutes_plausible",
            "typical_minutes is not within 0 to 1,440",
            "typical_minutes not between 0 and 1440",
        ),
        Check(
            table,
            "units_plausible",
            "max_units_per_day is negative",
            "max_units_per_day < 0",
        ),
        Check(
            table,
            "ages_ordered",
            "min_age or max_age is not within 0 to 130, or the smallest is above the greatest",
            "min_age not between 0 and 130 or max_age not between 0 and 130 or min_age > max_age",
            any_needed=True,
        ),
        Check(
            table,
            "sex_known",
            "sex is neither female nor male",
            "sex not in ('female', 'male')",
        ),
    )


def procedure_pairs() -> tuple[Check, ...]:
    """A pair is of two codes, and of codes in the reference."""
    table = "procedure_pairs"
    return (
        _editions(table),
        Check(
            table,
            "two_codes",
            "A code is paired with itself",
            "column_1_code = column_2_code",
        ),
        procedure(table, "column_1_code"),
        procedure(table, "column_2_code"),
    )


def drugs() -> tuple[Check, ...]:
    """Packs, daily quantities and morphine equivalents are positive."""
    table = "drugs"
    return (
        _editions(table),
        Check(
            table,
            "quantities_positive",
            "pack_size or max_daily_quantity is not positive, or morphine_equivalent is negative",
            "pack_size <= 0 or max_daily_quantity <= 0 or morphine_equivalent < 0",
            any_needed=True,
        ),
    )


def code_sets() -> tuple[Check, ...]:
    """Names and codes are not blank."""
    table = "code_sets"
    return (
        _editions(table),
        Check(
            table,
            "codes_not_blank",
            "code_set or code is blank",
            "trim(code_set) = '' or trim(code) = ''",
        ),
    )


def areas() -> tuple[Check, ...]:
    """People live there."""
    return (
        Check("areas", "population_not_negative", "population is negative", "population < 0"),
        Check(
            "areas",
            "area_named",
            "area is blank",
            "trim(area) = ''",
        ),
    )


SUITES = (procedures, procedure_pairs, drugs, code_sets, areas)
