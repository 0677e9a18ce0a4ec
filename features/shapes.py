"""Shapes of providers: how their lines, money and members spread over keys of a part.

One row a provider. Each part gives parallel lists: its keys in order, and what each key holds.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.bucket_views import CODE_COLUMNS, EDITIONS, LEVELS, LINE_COLUMNS, LINES, PLACES, day
from features.digits import DIGIT_PARTS
from features.levels import LEVEL_PARTS
from features.partials import SCHEMA, merged_shapes, part_rows
from features.series import series_parts
from features.spending import SPENDING, SPENDING_PARTS, TRIPS

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": LINE_COLUMNS,
    "members": ("person_id", "postal_code", "latitude", "longitude"),
    "providers": ("provider_id", "provider_type", "postal_code", "latitude", "longitude"),
    **CODE_COLUMNS,
}


def provider_shapes(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> DataFrame:
    """One row a billing provider with net lines in the period.

    Returns:
        ``provider_id``, then the columns of :func:`features.partials.shape_columns` for each part
        of ``features.series``, ``levels``, ``digits`` and ``spending``; null where one is empty.
    """
    parts = (*series_parts(start), *LEVEL_PARTS, *DIGIT_PARTS, *SPENDING_PARTS)
    within = f"between {day(start)} and {day(end)}"
    program = sql(
        f"delete from claim_lines where claim_line_start_date not {within}",
        LEVELS,
        EDITIONS,
        LINES,
        PLACES,
        SPENDING,
        TRIPS,
        part_rows(parts),
    )
    partials = run_in_buckets(spark, snapshot, BucketProgram(TABLES, program, SCHEMA))
    return merged_shapes(partials, (part.name for part in parts), "provider_id")
