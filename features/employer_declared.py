"""What employers declared in a period: headcounts, payroll, contributions, and how they filed."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.runs import Snapshot
from features.day_series import middle_of

_SUMS = (
    "declarations",
    "headcounts",
    "payroll_cents",
    "due_cents",
    "settled_cents",
    "turnover_cents",
    "unfiled",
    "late",
    "due_dated",
    "early_declarations",
    "early_headcounts",
    "early_payroll_cents",
)

_COLUMNS = ", ".join(
    f"sum(totals[{place}])::bigint as {name}" for place, name in enumerate(_SUMS, start=1)
)

DECLARED = f"""
create temp table declared as
select subject_id, sum(lines) as months, {_COLUMNS} from partials where part = 'declared'
group by subject_id;
"""
"""A statement over ``partials`` that gives table ``declared``."""


def declared_parts(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> DataFrame:
    """What employers declared in the period, as parts of the same shape as a bucket's."""
    early = F.col("period_start_date") < F.lit(middle_of(start, end))

    def cents(name: str) -> Column:
        return F.sum((F.col(name) * 100).cast("bigint"))

    headcount = F.col("declared_headcount").cast("bigint")
    payroll = (F.col("declared_payroll") * 100).cast("bigint")
    sums = (
        F.count("declared_headcount"),
        F.sum(headcount),
        *[
            cents(name)
            for name in (
                "declared_payroll",
                "contributions_due",
                "contributions_paid",
                "declared_turnover",
            )
        ],
        F.count_if(F.col("status").isin("assessed", "none")),
        F.count_if(F.col("filed_date") > F.col("payment_due_date")),
        F.count_if(F.col("filed_date").isNotNull() & F.col("payment_due_date").isNotNull()),
        F.count_if(early & F.col("declared_headcount").isNotNull()),
        F.sum(F.when(early, headcount)),
        F.sum(F.when(early, payroll)),
    )
    rows = snapshot.lake.read(spark, "contributions", snapshot.versions["contributions"])
    return (
        rows.where(F.col("period_start_date").between(F.lit(start), F.lit(end)))
        .groupBy(F.col("employer_id").alias("subject_id"))
        .agg(
            F.count(F.lit(1)).alias("lines"),
            F.array(*[F.coalesce(value, F.lit(0)) for value in sums]).alias("totals"),
        )
        .select(
            "subject_id",
            F.lit("declared").alias("part"),
            F.lit(None).cast("string").alias("key"),
            "lines",
            F.lit(0).cast("bigint").alias("cents"),
            F.lit(0).cast("bigint").alias("weight"),
            "totals",
        )
    )
