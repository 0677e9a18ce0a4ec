"""Providers who are new: enrolled of late, or without an enrolment date and first seen of late."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from claims.runs import Snapshot

_FIRST = f"""
select billing_provider_id as provider, min(claim_line_start_date) as first_seen,
  (select min(claim_line_start_date) from claim_lines) as data_from
from claim_lines where not {placeholder_sql("billing_provider_id")} group by all
"""

# Whoever is seen within so many days of the first line of all may have billed before that.
WARM_UP_DAYS = 90


def new_providers(spark: SparkSession, snapshot: Snapshot, start: date, new_days: int) -> pa.Table:
    """Providers enrolled, or else first seen, later than some days before the period.

    Args:
        start: first day of the period.
        new_days: a provider is new when it began after ``start`` less so many days.

    Returns:
        ``provider`` and ``since`` (date), sorted by provider.
    """
    program = BucketProgram(
        {"claim_lines": ("billing_provider_id", "claim_line_start_date")},
        sql(_FIRST),
        "provider string, first_seen date, data_from date",
    )
    seen = (
        run_in_buckets(spark, snapshot, program)
        .groupBy("provider")
        .agg(F.min("first_seen").alias("first_seen"), F.min("data_from").alias("data_from"))
    )
    offices = snapshot.lake.read(spark, "providers", snapshot.versions["providers"]).select(
        F.col("provider_id").alias("provider"), "enrolment_date"
    )
    data_from = seen.agg(F.min("data_from")).first()
    warm = (data_from[0] if data_from and data_from[0] else start) + timedelta(days=WARM_UP_DAYS)
    known = F.col("first_seen") > F.lit(warm)
    since = F.coalesce("enrolment_date", F.when(known, F.col("first_seen")))
    rows = seen.join(offices, "provider", how="left").select("provider", since.alias("since"))
    began = rows.where(F.col("since") > F.lit(start - timedelta(days=new_days)))
    return began.orderBy("provider").toArrow()
