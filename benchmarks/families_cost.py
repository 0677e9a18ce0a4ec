"""What the two unguided families cost: growth with the lines, beside the profiles they read.

    .venv/bin/python -m benchmarks.families_cost --small 1000000 --large 10000000

Made claim lines and benefits in member buckets; profiles are built and stored first, as a run does,
and each family then gives all its findings and evidence, whose rows are thrown away. The reading is
one pass of the buckets over the columns of the claim lines. Read the ratios, not the seconds.
"""

from __future__ import annotations

import math
import resource
import shutil
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Annotated

import duckdb
import pyarrow as pa
import typer
from pyspark.sql import DataFrame, SparkSession

from benchmarks.member_buckets import made_lake
from benchmarks.profiles import END, MORE, START
from claims.buckets import BucketProgram, run_in_buckets
from claims.runs import Snapshot
from claims.session import spark_session
from detectors.base import Inputs
from detectors.families import run_family
from features.profiles import build_profiles

FAMILIES = ("deviation", "forest")


def _nothing(connection: duckdb.DuckDBPyConnection) -> tuple[pa.Table, ...]:
    return ()


def reading(spark: SparkSession, snapshot: Snapshot) -> float:
    """Seconds of the bucket tasks that only load the claim lines."""
    started = perf_counter()
    run_in_buckets(spark, snapshot, BucketProgram({"claim_lines": ()}, _nothing, "x int")).count()
    return perf_counter() - started


def profiled(spark: SparkSession, snapshot: Snapshot, folder: Path) -> dict[str, DataFrame]:
    """The run's profiles, stored."""
    stored = {}
    for name, frame in build_profiles(spark, snapshot, START, END).items():
        frame.write.parquet(f"{folder}/profiles/{name}")
        stored[name] = spark.read.parquet(f"{folder}/profiles/{name}")
    return stored


def costs(spark: SparkSession, lines: int) -> dict[str, float]:
    """Seconds by step over a lake of so many lines."""
    folder = Path(mkdtemp(prefix="vigie-benchmark-"))
    try:
        snapshot = made_lake(spark, folder, lines, MORE)
        taken = {"reading": min(reading(spark, snapshot) for _ in range(2))}
        started = perf_counter()
        profiles = profiled(spark, snapshot, folder)
        taken["profiles"] = perf_counter() - started
        inputs = Inputs(spark, snapshot, START, END, 0, profiles)
        for family in FAMILIES:
            started = perf_counter()
            found = run_family(family, inputs)
            counts = found.findings.count(), found.evidence.count()
            found.release()
            taken[family] = perf_counter() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{lines:,} lines, {family}: {counts[0]:,} findings on {counts[1]:,} rows,"
                  f" driver's peak so far {peak:,.0f} MiB", flush=True)  # fmt: skip
        return taken
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(
    small: Annotated[int, typer.Option(min=100_000)] = 1_000_000,
    large: Annotated[int, typer.Option(min=200_000)] = 10_000_000,
) -> None:
    """Print the seconds of each step at both sizes, beside the reading, and its growth."""
    spark = spark_session("vigie-benchmark", master="local[2]")
    try:
        few, many = costs(spark, small), costs(spark, large)
    finally:
        spark.stop()
    print(f"{small:,} and {large:,} lines; growth as lines to the power of")
    for step, seconds in many.items():
        power = math.log(seconds / few[step]) / math.log(large / small)
        print(f"  {step:<10} {few[step]:7.1f} s {seconds:7.1f} s, {seconds / many['reading']:6.1f}"
              f" x the reading, power {power:.2f}")  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
