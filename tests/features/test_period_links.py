"""Links of a period are made once, and freed when they are released."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pyspark.sql import SparkSession

from claims.runs import Snapshot
from features.patient_links import PatientSharing
from features.period_links import PeriodLinks


def test_links_are_made_once_until_they_are_released(
    spark: SparkSession, lake_of: Callable[..., Snapshot]
) -> None:
    snapshot = lake_of(
        members=[
            {"person_id": f"M{n}", "household_id": f"H{n}", "bank_account_id": "A"}
            for n in range(4)
        ],
        providers=[{"provider_id": "P1"}],
        claim_lines=[
            {"claim_id": "C1", "person_id": "M1", "billing_provider_id": "P1",
             "claim_line_start_date": "2024-05-01"}
        ],
    )  # fmt: skip
    held = spark.sparkContext._jsc.getPersistentRDDs().size()
    links = PeriodLinks(spark, snapshot, date(2024, 1, 1), date(2024, 12, 31))
    values, patients = links.values(), links.patients(PatientSharing())
    assert links.values() is values
    assert links.patients(PatientSharing()) is patients
    assert links.patients(PatientSharing(window_days=7)) is not patients
    assert {row.value for row in links.identities().where("kind = 'account'").collect()} == {"A"}
    assert spark.sparkContext._jsc.getPersistentRDDs().size() > held

    links.release()

    assert spark.sparkContext._jsc.getPersistentRDDs().size() == held
    assert links.values() is not values
    links.release()
