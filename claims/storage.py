"""Writing tables: detail with a person in member buckets, results by run, each write atomic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import xxhash
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from claims.lake import Lake
from claims.model import TABLES, Table

Mode = Literal["overwrite", "append"]

LINES_PER_BUCKET = 1_000_000


@dataclass(frozen=True)
class Layout:
    """What holds for every table of a lake; each load records it among its parameters.

    Args:
        buckets: number of member buckets; fixed once the lake holds detail.
        currency: ISO 4217 code of every amount.
    """

    buckets: int
    currency: str = "EUR"


def buckets_for(lines: int) -> int:
    """Number of member buckets for a number of claim lines: about a million lines each."""
    return max(4, min(4096, -(-lines // LINES_PER_BUCKET)))


def bucket_number(person_id: str, buckets: int) -> int:
    """The member bucket of one person without Spark, equal to :func:`bucket_of`."""
    unsigned = xxhash.xxh64(person_id.encode(), seed=42).intdigest()
    return (unsigned - (1 << 64) if unsigned >= 1 << 63 else unsigned) % buckets


def bucket_of(person: str, buckets: int) -> SparkColumn:
    """The member bucket of a person column: ``pmod(xxhash64(person), buckets)``."""
    return F.pmod(F.xxhash64(F.col(person)), F.lit(buckets)).cast("int")


def conform(frame: DataFrame, table: Table) -> DataFrame:
    """The model's columns in the model's order and types, then the source's own as they came.

    Absent columns become typed nulls.
    """
    present = set(frame.columns)
    named = [
        (F.col(f"`{column.name}`") if column.name in present else F.lit(None))
        .cast(column.type)
        .alias(column.name)
        for column in table.columns
    ]
    extra = [F.col(f"`{name}`") for name in frame.columns if name not in set(table.names)]
    return frame.select(*named, *extra)


def write_input(
    frame: DataFrame,
    lake: Lake,
    name: str,
    layout: Layout,
    mode: Mode = "overwrite",
    small: bool = False,
) -> int:
    """Write one table of the model; tables with a person go to their member buckets.

    Args:
        small: the rows are few enough for one task, which then writes all buckets.

    Returns:
        The version of the table that holds the rows.
    """
    table = TABLES[name]
    rows = conform(frame, table)
    if table.person:
        laid = rows.withColumn("bucket", bucket_of(table.person, layout.buckets))
        laid = laid.coalesce(1) if small else laid.repartition(layout.buckets, "bucket")
        rows = laid.sortWithinPartitions("bucket", *table.sort)
    elif table.sort and (small or table.kind != "detail"):
        rows = rows.coalesce(1).sortWithinPartitions(*table.sort)
    elif table.sort:
        rows = rows.sort(*table.sort)
    writer = rows.write.format("delta").mode(mode)
    writer = writer.option("overwriteSchema" if mode == "overwrite" else "mergeSchema", "true")
    if table.person:
        writer = writer.partitionBy("bucket")
    writer.save(lake.path(name))
    return lake.version(name)


def write_result(
    frame: DataFrame, lake: Lake, name: str, run_id: str, mode: Mode = "overwrite"
) -> int:
    """Write one run's rows to a result table, laid by ``run_id``.

    A frame of a model table is cut to the model's columns; profiles and links keep their own.

    Args:
        mode: ``overwrite`` replaces the rows that this run wrote before, ``append`` adds to them;
            neither touches another run's.

    Returns:
        The version of the table that holds the rows.
    """
    rows = frame.withColumn("run_id", F.lit(run_id))
    if name in TABLES:
        rows = conform(rows, TABLES[name]).select(*TABLES[name].names)
    writer = rows.write.format("delta").mode(mode).option("mergeSchema", "true")
    if mode == "overwrite":
        writer = writer.option("replaceWhere", f"run_id = '{run_id}'")
    writer.partitionBy("run_id").save(lake.path(name))
    return lake.version(name)
