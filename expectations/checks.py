"""Every check of every table of the model, declared once and found by name."""

from __future__ import annotations

from claims.errors import VigieError
from claims.model import INPUT_TABLES
from expectations.check import Check
from expectations.model_checks import model_checks
from expectations.suites import SUITES

CHECKS: dict[str, tuple[Check, ...]] = {
    name: (*model_checks(table), *SUITES[name]()) for name, table in INPUT_TABLES.items()
}


def find(full_name: str) -> Check:
    """The check named ``table.check``.

    Raises:
        VigieError: there is none of that name.
    """
    table = full_name.partition(".")[0]
    for check in CHECKS.get(table, ()):
        if check.full_name == full_name:
            return check
    raise VigieError(
        f"no check {full_name}; names are table.check, and `vigie check` lists those of a lake"
    )
