"""What it costs that Spark weighs every Arrow batch row by row on its way to Python.

    .venv/bin/python -m benchmarks.arrow_batches

Partial sums as the profiles have them are merged by ``features.partials``, with Spark's own limit
of bytes a batch and without it (claims/session.py), at two sizes of a batch. Sides take turns, all
must give the same subjects, and the best of the rounds counts: read the ratios, not the seconds.
"""

from __future__ import annotations

from itertools import product
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated

import typer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.session import spark_session
from features.partials import merged_shapes

LIMITS = {"Spark's own limit": "64MB", "no limit": "2147483647b"}
BATCHES = (10_000, 100_000)
SUBJECTS = 4_444


def partials(spark: SparkSession, rows: int) -> DataFrame:
    """Parts by day of some subjects; ``totals`` is null, as in all parts but one."""
    return spark.range(0, rows, 1, 4).select(
        F.concat(F.lit("M"), F.col("id") % SUBJECTS).alias("subject_id"),
        F.lit("day").alias("part"),
        F.floor(F.col("id") / SUBJECTS).cast("string").alias("key"),
        F.lit(1).cast("bigint").alias("lines"),
        F.col("id").alias("cents"),
        F.lit(1).cast("bigint").alias("weight"),
        F.lit(None).cast("array<bigint>").alias("totals"),
    )


def main(
    rows: Annotated[int, typer.Option(min=10_000)] = 284_000,
    rounds: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Print the best seconds of each setting and their ratio to the product's own."""
    spark = spark_session("vigie-benchmark", "local[2]")
    best: dict[tuple[str, int], float] = {}
    with TemporaryDirectory(prefix="vigie-benchmark-") as folder:
        partials(spark, rows).write.parquet(f"{folder}/partials")
        frame = spark.read.parquet(f"{folder}/partials")
        merged_shapes(frame, ("day",), "subject_id").count()
        for _, (limit, batch) in product(range(rounds), product(LIMITS, BATCHES)):
            spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", batch)
            spark.conf.set("spark.sql.execution.arrow.maxBytesPerBatch", LIMITS[limit])
            started = perf_counter()
            found = merged_shapes(frame, ("day",), "subject_id").count()
            seconds = perf_counter() - started
            if found != min(rows, SUBJECTS):
                raise AssertionError(f"{found} subjects")
            best[limit, batch] = min(seconds, best.get((limit, batch), seconds))
    spark.stop()
    own = best["no limit", BATCHES[0]]
    for (limit, batch), seconds in best.items():
        print(f"{limit}, {batch:,} rows a batch: {seconds:6.1f} s, {seconds / own:5.1f} x")


if __name__ == "__main__":
    typer.run(main)
