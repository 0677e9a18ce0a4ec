"""Shapes of a hand-made lake in two buckets, against counts made by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from claims.lake import Lake
from features.series import months_between
from features.shapes import provider_shapes
from tests.lakes import make_lake

START, END = date(2024, 1, 1), date(2024, 12, 31)


@pytest.fixture(scope="module")
def shapes(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    def line(claim: str, person: str, day: str, paid: str, **more: Any) -> dict[str, Any]:
        return {"claim_id": claim, "person_id": person, "claim_line_start_date": day,
                "paid_amount": paid, **more}  # fmt: skip

    lines = [
        line("A", "M1", "2024-01-06", "100", procedure_code="V3",
             service_start_time="2024-01-06T23:10:00"),
        line("A2", "M1", "2024-01-06", "20", procedure_code="V1"),
        line("B", "M2", "2024-01-06", "20", procedure_code="V1", charge_amount="145"),
        line("C", "M2", "2024-02-05", "0.07"),
        line("D", "M2", "2024-02-05", "40", billing_provider_id="P2"),
        line("E", "M1", "2023-12-31", "999"),
        line("F", "M1", "2024-03-01", "500", billing_provider_id="9999999999"),
    ]  # fmt: skip
    snapshot = make_lake(
        spark,
        Lake(str(tmp_path_factory.mktemp("shapes"))),
        {
            "claim_lines": lines,
            "members": [{"person_id": "M1"}, {"person_id": "M2"}],
            "providers": [
                {"provider_id": "P1", "latitude": 48.0, "longitude": 2.0,
                 "provider_type": "individual"},
                {"provider_id": "P2", "latitude": 44.0, "longitude": 2.0,
                 "provider_type": "individual"},
            ],
            "procedures": [
                {"procedure_code": f"V{n}", "fee_amount": 10 * n} for n in (1, 2, 3)
            ],
        },
    )  # fmt: skip
    rows = provider_shapes(spark, snapshot, START, END).collect()
    return {row.provider_id: row.asDict() for row in rows}


def part(shapes: dict[str, Any], name: str, what: str) -> dict[str, int]:
    row = shapes["P1"]
    return dict(zip(row[f"by_{name}_keys"], row[f"by_{name}_{what}"], strict=True))


def test_each_part_counts_what_it_says(shapes: dict[str, Any]) -> None:
    assert set(shapes) == {"P1", "P2"}
    assert part(shapes, "month", "lines") == {"0": 3, "1": 1}
    assert part(shapes, "month", "cents") == {"0": 14000, "1": 7}
    assert part(shapes, "day", "weights") == {"5": 2, "35": 1}
    assert part(shapes, "weekday", "lines") == {"6": 3, "1": 1}
    assert part(shapes, "hour", "cents") == {"23": 10000}
    assert part(shapes, "level", "lines") == {"V*|V1": 2, "V*|V3": 1}


def test_digits_are_those_of_charges(shapes: dict[str, Any]) -> None:
    # 100.00, 20.00, 145.00 charged; seven cents have one digit only.
    assert part(shapes, "amount", "lines") == {"510": 1, "420": 1, "514": 1}
    assert part(shapes, "ending", "lines") == {"0": 3, "7": 1}
    assert part(shapes, "near", "lines") == {"10000+": 1, "15000-": 1}


def test_members_sums_and_their_journeys(shapes: dict[str, Any]) -> None:
    # 120.00 and 20.07: bins of eight to a doubling, 9 % wide.
    assert part(shapes, "spending", "cents") == {"108": 12000, "87": 2007}
    assert part(shapes, "travel", "lines") == {"near": 1, "far": 1}
    assert shapes["P2"]["by_travel_keys"] == ["far"]


def test_months_of_a_period() -> None:
    assert months_between(date(2023, 11, 30), date(2024, 2, 1)) == 4
