"""Rows of examples that stand for many are made when they are read, and not before."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from detectors.rulebook.copies import repeated
from detectors.rulebook.examples import example_tables
from detectors.rulebook.loader import load_rules
from detectors.rulebook.problems import ExpressionError


def test_copies_are_numbered_from_one() -> None:
    rows = repeated({"members": [{"person_id": "P{n}", "copies": 3}, {"person_id": "Q"}]})
    assert [row["person_id"] for row in rows["members"]] == ["P1", "P2", "P3", "Q"]


def test_pairs_of_copies_number_both_and_leave_numbers_alone() -> None:
    rows = repeated({"claim_lines": [{"claim_id": "C{n}-{m}", "paid_amount": 4, "copies": [2, 3]}]})
    lines = rows["claim_lines"]
    assert [line["claim_id"] for line in lines] == [
        "C1-1", "C1-2", "C1-3", "C2-1", "C2-2", "C2-3",
    ]  # fmt: skip
    assert {line["paid_amount"] for line in lines} == {4}
    assert repeated({"members": [{"person_id": "P{n}", "copies": 0}]})["members"] == ()


@pytest.mark.parametrize("copies", ["many", -1, 1.5, True, [2], [2, "x"], [1, 2, 3], None])
def test_copies_that_are_no_number_are_refused(copies: Any) -> None:
    with pytest.raises(ExpressionError, match="copies of members is no number"):
        repeated({"members": [{"person_id": "P", "copies": copies}]})


@pytest.mark.parametrize("rows", [{"person_id": "P"}, "P", ["P"], [["P"]]])
def test_rows_that_are_none_are_refused(rows: Any) -> None:
    with pytest.raises(ExpressionError, match="are no rows"):
        example_tables({"claim_lines": [], "members": rows}, "claim_lines")


def test_a_single_row_has_no_copies() -> None:
    with pytest.raises(ExpressionError, match="unknown column copies"):
        example_tables({"paid_amount": 4, "copies": 3}, "claim_lines")


def test_loading_makes_no_copies() -> None:
    """Written rows of all examples are few; what they stand for is a hundred times as much."""
    sizes = [len(pickle.dumps(rule)) for rule in load_rules()]
    assert max(sizes) < 200_000
