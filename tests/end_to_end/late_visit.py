"""A lake of twenty visits, one of which came after the patient's death."""

from __future__ import annotations

from pyspark.sql import SparkSession

from claims.lake import Lake
from tests.lakes import make_lake

WHY = "died on 2024-03-02"


def late_visit_lake(spark: SparkSession, lake: Lake) -> Lake:
    """Write it."""
    visit = {"claim_line_start_date": "2024-03-09", "procedure_code": "VISIT", "paid_amount": "40"}
    people = [
        {"person_id": f"M{n}", "death_date": "2024-03-02" if n == 7 else None} for n in range(20)
    ]
    lines = [{**visit, "claim_id": f"C{n}", "person_id": f"M{n}"} for n in range(20)]
    providers = [{"provider_id": "P1", "provider_type": "individual"}]
    make_lake(spark, lake, {"members": people, "providers": providers, "claim_lines": lines})
    return lake
