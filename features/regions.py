"""Where a subject is at home: the area of its postal code, else the code's first two characters."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.runs import Snapshot

REGION_SQL = "coalesce(a.area, left(nullif(trim(m.postal_code), ''), 2))"
"""The region of member ``m`` with areas ``a``, in DuckDB; equal to :func:`with_region`."""


def with_region(spark: SparkSession, snapshot: Snapshot, table: str) -> DataFrame:
    """A dimension table with its column ``region`` (null where the postal code is)."""
    rows = snapshot.lake.read(spark, table, snapshot.versions[table])
    prefix = F.left(F.nullif(F.trim("postal_code"), F.lit("")), F.lit(2))
    if not snapshot.has("areas"):
        return rows.withColumn("region", prefix)
    areas = snapshot.lake.read(spark, "areas", snapshot.versions["areas"])
    known = areas.groupBy("postal_code").agg(F.min("area").alias("area"))
    return rows.join(F.broadcast(known), "postal_code", how="left").withColumn(
        "region", F.coalesce("area", prefix)
    )
