"""Tables stay readable however many runs have written to them."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from claims.lake import Lake
from claims.storage import write_result

MORE_THAN_A_CHECKPOINT = 12


def test_a_result_table_outlives_many_runs(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    frame = spark.createDataFrame([("P1", 1.0)], "provider_id string, lines double").coalesce(1)
    for number in range(MORE_THAN_A_CHECKPOINT):
        write_result(frame, lake, "provider_profiles", f"run{number}", mode="append")
    assert lake.version("provider_profiles") == MORE_THAN_A_CHECKPOINT - 1
    kept = lake.read(spark, "provider_profiles").where(F.col("run_id") == "run3").collect()
    assert [(row.provider_id, row.lines) for row in kept] == [("P1", 1.0)]
