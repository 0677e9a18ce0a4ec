"""Distances in rules: kilometres, what is unknown, and where a line was rendered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb
import pytest

from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.expressions import parse
from detectors.rulebook.plan import plan
from detectors.rulebook.problems import ExpressionError
from detectors.rulebook.scope import Scope
from detectors.rulebook.sources import LINES
from tests.detectors.rulebook.test_evaluation import flagged, outcome

PARIS = (48.8566, 2.3522)
NICE = (43.7102, 7.2620)


def km(*values: float | None) -> float | None:
    written = Scope(None, own={"a", "b", "c", "d"}).sql("km_between(a, b, c, d)")
    columns = ", ".join(f"?::double as {name}" for name in "abcd")
    with duckdb.connect() as connection:
        row = connection.execute(
            f'select {written} from (select {columns}) as "row"', values
        ).fetchone()
    assert row
    return None if row[0] is None else float(row[0])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((*PARIS, *NICE), 685.1),
        ((*PARIS, *PARIS), 0.0),
        ((10.0, 0.0, -10.0, 180.0), 20015.1),
        ((0.0, 179.5, 0.0, -179.5), 111.2),
    ],
)
def test_kilometres(values: tuple[float, ...], expected: float) -> None:
    assert km(*values) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("place", range(4))
def test_a_missing_part_makes_it_unknown(place: int) -> None:
    values: list[float | None] = [*PARIS, *NICE]
    values[place] = None
    assert km(*values) is None


def test_a_position_at_zero_is_unknown() -> None:
    assert km(0, 0, *PARIS) is None
    assert km(*PARIS, 0, 0) is None
    assert km(0, 1, 0, 2) == pytest.approx(111.2, abs=0.05)


def test_a_distance_takes_four_numbers() -> None:
    with pytest.raises(ExpressionError, match="with 3 values"):
        Scope(LINES).sql("km_between(visit_latitude, visit_longitude, 1) > 2")
    assert parse("km_between(1, 2, 3, 4) > 5")


VISIT = {"visit_latitude": PARIS[0], "visit_longitude": PARIS[1]}


@pytest.mark.parametrize(
    ("line", "hits"),
    [
        (VISIT, 1),
        ({}, 1),
        ({"facility_provider_id": "NICE"}, 0),
        ({"facility_provider_id": "NOWHERE"}, 0),
        ({"rendering_provider_id": "NICE"}, 0),
        ({"rendering_provider_id": "NICE", **VISIT}, 1),
        ({"rendering_provider_id": "NOWHERE"}, 1),
        ({"visit_latitude": NICE[0]}, 1),
    ],
)
def test_where_a_line_was_rendered(line: dict[str, Any], hits: int) -> None:
    near_paris = f"km_between(place_latitude, place_longitude, {PARIS[0]}, {PARIS[1]}) < 1"
    rule = replace(
        rule_show("fee_above_tariff"), where=near_paris, overpayment="0", reason="-", params={}
    )
    offices = [
        {"provider_id": "B1", "latitude": PARIS[0], "longitude": PARIS[1]},
        {"provider_id": "NICE", "latitude": NICE[0], "longitude": NICE[1]},
        {"provider_id": "NOWHERE", "latitude": PARIS[0]},
    ]
    assert not plan(rule).unused
    assert len(flagged(outcome([rule], claim_lines=[line], providers=offices))) == hits
