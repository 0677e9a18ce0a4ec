"""Subjects that are decided apart: the same answers however they are shared out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.code_sets import at_hand
from detectors.rulebook.crossing import subjects_of
from detectors.rulebook.evaluate import PARTIAL_SCHEMA
from detectors.rulebook.plan import plan

EVERY_DAY = "works_every_day"


def sums(subject: str, days: int) -> list[dict[str, object]]:
    """A line on each of so many days in a row."""
    first = date(2024, 1, 1)
    return [
        {
            "rule": rule_show(EVERY_DAY).name,
            "subject_id": subject,
            "key": f"{day.year}{chr(31)}{day}",
            "s0": Decimal(1),
        }
        for day in (first + timedelta(days=n) for n in range(days))
    ]


def passed(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    planned = plan(rule_show(EVERY_DAY))
    found = subjects_of([planned], {}, at_hand([]))(pa.Table.from_pylist(rows, PARTIAL_SCHEMA))
    assert not [row for row in found.to_pylist() if row["kind"] == "failure"]
    named = (row for row in found.to_pylist() if row["kind"] == "subject")
    return sorted(named, key=lambda row: (row["subject_id"], row["key"]))


def test_subjects_shared_out_pass_as_they_do_together() -> None:
    busy, idle, dogged = sums("P1", 70), sums("P2", 30), sums("P3", 61)
    together = passed(busy + idle + dogged)
    assert {row["subject_id"] for row in together} == {"P1", "P3"}
    assert together == passed(busy + idle) + passed(dogged)


@pytest.mark.parametrize(
    ("rule", "apart"),
    [
        (EVERY_DAY, True),
        ("impossible_day", True),
        # Peers, a window over all subjects, an employer's own rows.
        ("upcoding_level_shift", False),
        ("order_concentration_one_supplier", False),
        ("payroll_below_minimum_wage", False),
    ],
)
def test_only_subjects_that_nobody_else_bears_on_are_shared_out(rule: str, apart: bool) -> None:
    assert plan(rule_show(rule)).apart is apart


def test_several_rules_decide_in_one_group() -> None:
    day = rule_show("impossible_day")
    minutes = {"rule": day.name, "subject_id": "P9", "key": "2024-03-01", "s0": Decimal(3000)}
    rows = [*sums("P1", 70), minutes]
    plans = [plan(rule_show(EVERY_DAY)), plan(day)]
    table = pa.Table.from_pylist(rows, PARTIAL_SCHEMA)
    outside = {"providers": (None, None, ["provider_id"])}
    found = subjects_of(plans, outside, at_hand([]))(table).to_pylist()  # type: ignore[arg-type]
    assert {(row["rule"], row["subject_id"]) for row in found if row["kind"] == "subject"} == {
        (rule_show(EVERY_DAY).name, "P1"),
        (day.name, "P9"),
    }
