"""The rows that carry an excess: a subject's highest lines until the excess is covered.

Shared by all detectors that judge subjects by their profiles. Buckets rank the rows of the
subjects named; Spark ranks what they give once more, as a provider's rows lie in many buckets.
"""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.model import TABLES
from detectors.base import EVIDENCE_COLUMNS, EVIDENCE_DDL, Inputs, row_key
from detectors.deviation.evidence_rows import (
    ASKED_LINES,
    ASKED_PAYMENTS,
    FAR,
    HIGHEST,
    NOBODY_FAR,
    Rows,
    found_rows,
)
from features.bucket_views import CODE_COLUMNS, LINE_COLUMNS, PLACES, day
from features.employer_profiles import LEAVE
from features.provider_features import LONG_DAY_MINUTES
from features.spending import TRIPS

__all__ = ["Rows", "subject_evidence"]

PLACED = ("postal_code", "latitude", "longitude")
CHOSEN = (
    "finding_id string, rows string, wanted bigint, table_name string, row_key string,"
    " cents bigint, minutes bigint, day date, person_id string, provider_id string"
)


def _program(inputs: Inputs, wanted: pa.Table) -> BucketProgram:
    within = f"between {day(inputs.start)} and {day(inputs.end)}"
    leave = "(" + ", ".join(f"'{name}'" for name in LEAVE) + ")"
    statements = (
        f"delete from claim_lines where claim_line_start_date not {within}",
        f"delete from benefit_payments where period_start_date not {within}",
        *_far(wanted),
        ASKED_LINES,
        ASKED_PAYMENTS.format(leave=leave),
        found_rows(),
        HIGHEST,
    )
    return BucketProgram(
        {
            "claim_lines": (*LINE_COLUMNS, "payee_account_id", "admission_date"),
            "benefit_payments": (
                "payment_id",
                "person_id",
                "benefit_type",
                "event_date",
                "period_start_date",
                "paid_amount",
                "employer_id",
                "certifying_provider_id",
                "bank_account_id",
            ),
            "employments": ("person_id", "employer_id", "start_date", "end_date"),
            "members": ("person_id", "bank_account_id", *PLACED),
            "providers": ("provider_id", "provider_type", "bank_account_id", *PLACED),
            **CODE_COLUMNS,
        },
        sql(*statements),
        CHOSEN,
        frames={"wanted": wanted},
    )


def _far(wanted: pa.Table) -> tuple[str, ...]:
    if "far" not in wanted.column("rows").to_pylist():
        return (NOBODY_FAR,)
    return PLACES, FAR.format(trips=TRIPS)


def _missing_contributions(inputs: Inputs, wanted: pa.Table) -> DataFrame | None:
    """Declarations of the employers named, each with its part of what is missing."""
    names = [row for row in wanted.to_pylist() if row["rows"] == "contributions"]
    if not names or not inputs.snapshot.has("contributions"):
        return None
    asked = inputs.spark.createDataFrame(
        [(r["finding_id"], r["subject_id"], r["cents"]) for r in names],
        "finding_id string, employer_id string, wanted bigint",
    )
    key = TABLES["contributions"].key
    due = (F.col("contributions_due") * 100).cast("bigint")
    whole = F.sum(due).over(Window.partitionBy("finding_id"))
    period = F.col("period_start_date").between(F.lit(inputs.start), F.lit(inputs.end))
    return (
        inputs.table("contributions")
        .where(period & (F.col("contributions_due") > 0))
        .join(F.broadcast(asked), "employer_id", how="inner")
        .select(
            "finding_id",
            F.lit("contributions").alias("rows"),
            "wanted",
            F.lit("contributions").alias("table_name"),
            row_key(*[F.col(name) for name in key]).alias("row_key"),
            F.ceil(F.col("wanted") * due / whole).cast("bigint").alias("cents"),
            F.lit(None).cast("bigint").alias("minutes"),
            F.col("period_start_date").alias("day"),
            F.lit(None).cast("string").alias("person_id"),
            F.lit(None).cast("string").alias("provider_id"),
        )
    )


def subject_evidence(inputs: Inputs, wanted: pa.Table) -> DataFrame:
    """Evidence rows of findings about subjects, with no more of them than the excess needs.

    Args:
        wanted: rows of ``evidence_rows.WANTED``.

    Returns:
        Columns ``EVIDENCE_COLUMNS``, all of role ``flagged``; at least one row a finding whose
        subject has any.
    """
    if not wanted.num_rows:
        return inputs.spark.createDataFrame([], EVIDENCE_DDL)
    found = run_in_buckets(inputs.spark, inputs.snapshot, _program(inputs, wanted))
    missing = _missing_contributions(inputs, wanted)
    if missing is not None:
        found = found.unionByName(missing)
    slot = F.when(F.col("rows") == "peak_month", F.date_trunc("month", "day")).otherwise(
        F.col("day")
    )
    by_slot = Window.partitionBy("finding_id", "slot")
    by_finding = Window.partitionBy("finding_id")
    highest_first = by_finding.orderBy(F.col("cents").desc(), "table_name", "row_key").rowsBetween(
        Window.unboundedPreceding, -1
    )
    long_day = F.sum("minutes").over(by_slot) > LONG_DAY_MINUTES
    peak = F.col("slot_cents") == F.max("slot_cents").over(by_finding)
    of_slot = (
        F.when(F.col("rows") == "long_days", long_day)
        .when(F.col("rows") == "peak_month", peak)
        .otherwise(F.lit(True))
    )
    return (
        found.withColumn("slot", slot)
        .withColumn("slot_cents", F.sum("cents").over(by_slot))
        .withColumn("of_slot", of_slot)
        .where("of_slot")
        .withColumn("before", F.coalesce(F.sum("cents").over(highest_first), F.lit(0)))
        .where(F.col("before") < F.greatest("wanted", F.lit(1)))
        .withColumn("amount", (F.col("cents") / 100).cast("decimal(18,2)"))
        .withColumn("role", F.lit("flagged"))
        .select(*EVIDENCE_COLUMNS)
    )
