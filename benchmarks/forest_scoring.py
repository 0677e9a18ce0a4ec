"""Scoring profiles in Spark tasks, as the detector does, against scikit-learn alone.

    .venv/bin/python -m benchmarks.forest_scoring --rows 1000000 --rows 10000000

Made profiles of twenty features in four peer groups lie in Parquet files. The detector's side finds
each subject's peers, takes distances, scores by the group's forest, calibrates and keeps the
suspects; scikit-learn's side reads the same features and calls ``score_samples`` of one forest of
the same size on one core. Before a time is printed, the suspects of the first hundred thousand
subjects must be those that the model names without Spark. Read the ratios, not the seconds.
"""

from __future__ import annotations

import shutil
from itertools import pairwise
from math import log
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Annotated

import pandas as pd
import pyarrow.dataset as ds
import typer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.session import spark_session
from detectors.forest.isolation import anomaly
from detectors.forest.kinds import Kind
from detectors.forest.model import PeerForests, Sample, Settings
from detectors.forest.norms import POOLED
from detectors.forest.scoring import BATCH, Cut, plain, suspects_of_profiles
from features.catalogue import Feature
from features.peers import Ladder, reference

FEATURES = tuple(Feature(f"f{place:02}", "", "currency", "") for place in range(20))
NAMES = [feature.name for feature in FEATURES]
LADDER = Ladder((("trade",), ()), pd.DataFrame.copy, narrow=0)
KIND = Kind("provider", "id", FEATURES, LADDER, ("trade",), None, 1.0, (), grouped=True)
CUT = Cut(tail=0.001, floor=0.5)
SETTINGS = Settings(trees=100, sample=256, own=200)


def made(spark: SparkSession, rows: int) -> DataFrame:
    """Profiles by hashes of their number: lognormal-like features, dearer by trade."""
    trade = F.pmod(F.col("id"), F.lit(4))
    features = [
        F.exp(F.pmod(F.xxhash64("id", F.lit(place)), F.lit(10_000)) / 4_000 + trade).alias(name)
        for place, name in enumerate(NAMES)
    ]
    return spark.range(rows).select(
        F.format_string("S%09d", "id").alias("id"),
        F.format_string("trade %d", trade).alias("trade"),
        *features,
    )


def fitted(frame: DataFrame) -> PeerForests:
    """The model by a seeded sample, as in a run."""
    sample, _ = reference(frame, KIND.key, 0, 20_000)
    return Sample.of(sample, KIND, SETTINGS.own).forests(SETTINGS, 0)


def alone(folder: str, model: PeerForests, most: int) -> float:
    """Rows a second of scikit-learn on one core, reading included."""
    forest, done, started = model.forests[POOLED], 0, perf_counter()
    for batch in ds.dataset(folder).to_batches(columns=NAMES, batch_size=BATCH):
        matrix = batch.to_pandas().to_numpy(dtype=float)
        if len(matrix):
            anomaly(forest, matrix)
        done += len(matrix)
        if done >= most:
            break
    return done / (perf_counter() - started)


def agreed(spark: SparkSession, frame: DataFrame, model: PeerForests) -> int:
    """How many suspects both ways name among the first subjects.

    Raises:
        AssertionError: they differ.
    """
    first = frame.where(F.col("id") < f"S{BATCH:09d}")
    found = suspects_of_profiles(spark, first, model, CUT)
    rows = first.toPandas()
    known = CUT.of(pd.concat([rows, model.score(rows)], axis=1), KIND)
    if found["id"].tolist() != sorted(known["id"]):
        raise AssertionError("the suspects found in Spark are not those found without it")
    return len(found)


def main(
    rows: Annotated[list[int], typer.Option(min=100_000)],
    alone_rows: Annotated[int, typer.Option(min=100_000)] = 1_000_000,
) -> None:
    """Print rows a second of both sides, their ratio, and how time grows."""
    folder = Path(mkdtemp(prefix="vigie-benchmark-"))
    spark = spark_session("vigie-benchmark", master="local[2]")
    times: list[tuple[int, float]] = []
    try:
        for count in sorted(rows):
            path = str(folder / str(count))
            made(spark, count).write.parquet(path)
            frame = plain(spark.read.parquet(path), KIND)
            model = fitted(frame)
            if not times:
                print(f"{agreed(spark, frame, model)} suspects agree")
            reached = alone(path, model, alone_rows)
            started = perf_counter()
            found = suspects_of_profiles(spark, frame, model, CUT)
            seconds = perf_counter() - started
            times.append((count, seconds))
            print(
                f"{count:>11,} rows: {seconds:7.1f} s in Spark, {count / seconds:>9,.0f} rows/s"
                f" ({len(found):,} suspects); scikit-learn alone {reached:>9,.0f} rows/s;"
                f" ratio {count / seconds / reached:.2f}",
                flush=True,
            )
        for (few, short), (many, long) in pairwise(times):
            growth = log(long / short) / log(many / few)
            print(f"from {few:,} to {many:,}: exponent {growth:.2f}")
    finally:
        spark.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
