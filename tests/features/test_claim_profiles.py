"""Claims described in the buckets: hand-counted values, and a sample that is the same twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from math import log2
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from claims.buckets import run_in_buckets
from claims.runs import Snapshot
from features.claim_features import CLAIM_FEATURES
from features.claim_profiles import ClaimProfiles

START, END = date(2024, 1, 1), date(2024, 12, 31)


def lines() -> list[dict[str, Any]]:
    """Forty ordinary claims of 20 a unit, and one of three units late at night on a Sunday."""
    usual = [
        {
            "claim_id": f"C{number:02}",
            "person_id": f"M{number % 5}",
            "claim_line_start_date": date(2024, 3, 4),
            "submitted_date": date(2024, 3, 6),
            "procedure_code": "V1",
            "diagnosis_code_1": "D1",
            "paid_amount": 20,
        }
        for number in range(39)
    ]
    odd: dict[str, Any] = {
        "claim_id": "ODD",
        "person_id": "M1",
        "claim_line_start_date": date(2024, 3, 10),
        "submitted_date": date(2024, 5, 9),
        "service_start_time": datetime(2024, 3, 10, 23, 30),
        "diagnosis_code_1": "D2",
    }
    return [
        *usual,
        {**odd, "procedure_code": "V1", "service_unit_quantity": 3, "paid_amount": 90},
        {**odd, "procedure_code": "V9", "claim_line_number": 2, "paid_amount": 5},
        {**usual[0], "claim_id": "BEFORE", "claim_line_start_date": date(2023, 3, 4)},
    ]


@pytest.fixture
def profiles(
    spark: SparkSession, lake_of: Callable[..., Snapshot]
) -> Callable[[int | None], pd.DataFrame]:
    snapshot = lake_of(
        claim_lines=lines(), providers=[{"provider_id": "P1", "specialty": "general_practice"}]
    )
    claims = ClaimProfiles.of(spark, snapshot, START, END)
    assert claims.claims == 40

    def described(most: int | None) -> pd.DataFrame:
        found = run_in_buckets(spark, snapshot, claims.program(3, most)).toPandas()
        return found.set_index("claim").sort_index()

    return described


def test_a_claim_is_described_by_hand_counted_values(
    profiles: Callable[[int | None], pd.DataFrame],
) -> None:
    found = profiles(None)
    assert len(found) == 40
    assert list(found.columns[2:]) == [feature.name for feature in CLAIM_FEATURES]
    odd = found.loc["|ODD"]
    # Thirty-nine claims at 20 a unit and one at 30: the geometric mean in thousandths of a log.
    unit = 20 * (30 / 20) ** (1 / 40)
    assert odd["paid"] == 95
    assert odd["price_ratio"] == pytest.approx(30 / unit, rel=1e-3)
    assert odd["units_ratio"] == pytest.approx(3 / (42 / 40))
    assert odd["code_rarity"] == pytest.approx(log2(41))
    assert odd["diagnosis_rarity"] == pytest.approx(log2(41 / 2))
    assert odd["submission_days"] == 60
    assert odd["weekend_share"] == 1
    assert odd["night_share"] == 1
    assert odd["lines_per_day"] == 2
    assert odd["days_since_last"] == 6
    usual = found.loc["|C00"]
    assert usual["claims_same_day"] == 8
    assert usual["submission_days"] == 2
    assert pd.isna(usual["night_share"])


def test_a_sample_is_a_part_of_all_and_the_same_twice(
    profiles: Callable[[int | None], pd.DataFrame],
) -> None:
    some, whole = profiles(20), profiles(None)
    assert 5 < len(some) < 35
    pd.testing.assert_frame_equal(some, whole.loc[some.index])
    pd.testing.assert_frame_equal(some, profiles(20))


def test_features_are_documented() -> None:
    for feature in CLAIM_FEATURES:
        assert feature.definition
        assert feature.unit
        assert feature.nulls
