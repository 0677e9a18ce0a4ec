"""Series of members, employers and accounts in two buckets, against counts made by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from claims.lake import Lake
from claims.runs import Snapshot
from features.catalogue import Subject
from features.subject_series import MEMBER_FEWEST, subject_shapes
from tests.lakes import make_lake

START, END = date(2024, 1, 1), date(2024, 12, 31)


@pytest.fixture(scope="module")
def snapshot(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    def line(claim: str, person: str, day: str, **more: Any) -> dict[str, Any]:
        return {"claim_id": claim, "person_id": person, "claim_line_start_date": day,
                "billing_provider_id": "P", "paid_amount": 10, **more}  # fmt: skip

    def paid(key: str, person: str, day: str, **more: Any) -> dict[str, Any]:
        return {"payment_id": key, "person_id": person, "benefit_type": "sick_leave",
                "period_start_date": day, "paid_amount": 50, **more}  # fmt: skip

    tables = {
        "claim_lines": [
            *(line(f"A{n}", "M1", "2024-02-05") for n in range(MEMBER_FEWEST - 1)),
            line("B", "M1", "2024-02-05", billing_provider_id="Q", payee_account_id="A"),
            line("C", "M2", "2024-03-01"),
            line("D", "M1", "2023-12-31"),
        ],
        "providers": [{"provider_id": "P"}, {"provider_id": "Q"}],
        "members": [{"person_id": "M1"}, {"person_id": "M2"}],
        "employments": [{"person_id": "M2", "employer_id": "E", "start_date": "2020-01-01"}],
        "benefit_payments": [
            paid("1", "M1", "2024-02-05", bank_account_id="A", employer_id="E"),
            paid("2", "M1", "2024-02-05", bank_account_id="A", employer_id="E"),
            paid("3", "M2", "2024-02-05", bank_account_id="A"),
            paid("4", "M2", "2024-03-05", bank_account_id="A", benefit_type="housing"),
            paid("5", "M2", "2024-03-05", bank_account_id="0000", benefit_type="housing"),
        ],
    }
    return make_lake(spark, Lake(str(tmp_path_factory.mktemp("series"))), tables)


@pytest.mark.parametrize(
    ("subject", "name", "months", "days"),
    [
        # By month and by day: rows, cents; by day persons (of the member, providers) too.
        ("member", "M1", {"1": (20, 20_000)}, {"35": (20, 20_000, 2)}),
        ("employer", "E", {"1": (3, 15_000)}, {"35": (3, 15_000, 2)}),
        (
            "account",
            "A",
            {"1": (4, 16_000), "2": (1, 5_000)},
            {"35": (4, 16_000, 3), "64": (1, 5_000, 1)},
        ),
    ],
)
def test_series_are_as_counted_by_hand(
    spark: SparkSession,
    snapshot: Snapshot,
    subject: Subject,
    name: str,
    months: dict[str, tuple[int, ...]],
    days: dict[str, tuple[int, ...]],
) -> None:
    (row,) = subject_shapes(spark, snapshot, subject, START, END).collect()
    assert row[0] == name

    def held(part: str, *what: str) -> dict[str, tuple[int, ...]]:
        lists = [row[f"by_{part}_{name}"] for name in what]
        return dict(zip(row[f"by_{part}_keys"], zip(*lists, strict=True), strict=True))

    assert held("month", "lines", "cents") == months
    assert held("day", "lines", "cents", "weights") == days
