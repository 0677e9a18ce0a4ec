"""The rows that carry an excess: a subject's highest lines until the excess is covered.

Shared by all detectors that judge subjects by their profiles. Buckets rank the rows of the
subjects named; Spark ranks what they give once more, as a provider's rows lie in many buckets.
"""

from __future__ import annotations

from typing import Literal

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.model import TABLES
from detectors.base import EVIDENCE_COLUMNS, EVIDENCE_DDL, Inputs, row_key
from features.bucket_views import CODE_COLUMNS, EDITIONS, LEVELS, LINE_COLUMNS, LINES, day, named
from features.employer_profiles import LEAVE
from features.provider_features import LONG_DAY_MINUTES, SMALL_CENTS

Rows = Literal[
    "all",
    "weekend",
    "high_level",
    "small",
    "drugs",
    "long_days",
    "peak_month",
    "benefits",
    "leave",
    "contributions",
]

LINE_ROWS: dict[str, str] = {
    "all": "true",
    "weekend": "isodow(l.claim_line_start_date) >= 6",
    "high_level": "l.high",
    "small": f"l.cents between 1 and {SMALL_CENTS}",
    "drugs": "l.drug_code is not null",
    "long_days": "l.minutes > 0",
    "peak_month": "true",
}

WANTED = pa.schema(
    [
        ("finding_id", pa.string()),
        ("subject_type", pa.string()),
        ("subject_id", pa.string()),
        ("rows", pa.string()),
        ("cents", pa.int64()),
    ]
)
"""What a finding asks for: rows of its subject that carry so many cents."""

CHOSEN = (
    "finding_id string, rows string, wanted bigint, table_name string, row_key string,"
    " cents bigint, minutes bigint, day date, person_id string, provider_id string"
)


# Plain equalities, so that each is one hash join: a bucket holds a million lines. A person at work
# is found by the lines rendered, a payee by the lines billed.
ASKED_LINES = f"""
create temp table asked as
select distinct subject_type, subject_id from wanted where rows not in ('benefits', 'leave');
create temp table kept_lines as
select l.* from claim_lines l where l.person_id in (
  select subject_id from asked where subject_type = 'member')
or l.billing_provider_id in (select subject_id from asked where subject_type = 'provider')
or l.rendering_provider_id in (select subject_id from asked where subject_type = 'provider')
or coalesce(l.data_source, '') || '|' || l.claim_id in (
  select subject_id from asked where subject_type = 'claim');
drop table claim_lines;
alter table kept_lines rename to claim_lines;
{LEVELS}{EDITIONS}{LINES}
create temp table named_lines as
select l.*, case when {named("rendering_provider_id")} then rendering_provider_id
  else billing_provider_id end as worker from lines l;
create temp table subject_lines as
select l.*, w.finding_id, w.rows, w.cents as wanted from named_lines l
join wanted w on l.person_id = w.subject_id
where w.subject_type = 'member' and w.rows <> 'benefits'
union all
select l.*, w.finding_id, w.rows, w.cents from named_lines l
join wanted w on l.billing_provider_id = w.subject_id
where w.subject_type = 'provider' and w.rows <> 'long_days'
union all
select l.*, w.finding_id, w.rows, w.cents from named_lines l
join wanted w on l.worker = w.subject_id
where w.subject_type = 'provider' and w.rows = 'long_days'
union all
select l.*, w.finding_id, w.rows, w.cents from named_lines l
join wanted w on coalesce(l.data_source, '') || '|' || l.claim_id = w.subject_id
where w.subject_type = 'claim';
"""

# As in the employer's profile, a payment that names no employer goes to the job then held.
ASKED_PAYMENTS = """
create temp table subject_payments as
select b.*, w.finding_id, w.rows, w.cents as wanted from benefit_payments b
join wanted w on b.person_id = w.subject_id
where w.subject_type = 'member' and w.rows = 'benefits'
union all
select b.* exclude (paid_for), w.finding_id, w.rows, w.cents from (
  select p.*, coalesce(p.employer_id, (select max(e.employer_id) from employments e
    where e.person_id = p.person_id and coalesce(p.event_date, p.period_start_date)
      between e.start_date and coalesce(e.end_date, date '9999-12-31'))) as paid_for
  from benefit_payments p where p.benefit_type in {leave}
) b join wanted w on b.paid_for = w.subject_id
where w.subject_type = 'employer' and w.rows = 'leave';
"""

FOUND = """
create temp table found as
select finding_id, rows, wanted, 'claim_lines' as table_name,
  concat_ws('|', coalesce(data_source, ''), claim_id, claim_line_number) as row_key,
  cents, minutes, claim_line_start_date as day, person_id, billing_provider_id as provider_id
from subject_lines l where {kept}
union all
select finding_id, rows, wanted, 'benefit_payments', payment_id, (paid_amount * 100)::bigint,
  null, period_start_date, person_id, certifying_provider_id
from subject_payments;
"""

# A day or month is whole only over all buckets: its rows are ranked after the merge.
HIGHEST = """
select * from found
qualify rows in ('long_days', 'peak_month') or coalesce(sum(cents) over (
  partition by finding_id order by cents desc, table_name, row_key
  rows between unbounded preceding and 1 preceding), 0) < greatest(wanted, 1)
"""


def _program(inputs: Inputs, wanted: pa.Table) -> BucketProgram:
    within = f"between {day(inputs.start)} and {day(inputs.end)}"
    leave = "(" + ", ".join(f"'{name}'" for name in LEAVE) + ")"
    statements = (
        f"delete from claim_lines where claim_line_start_date not {within}",
        f"delete from benefit_payments where period_start_date not {within}",
        ASKED_LINES,
        ASKED_PAYMENTS.format(leave=leave),
        FOUND.format(kept=_cases()),
        HIGHEST,
    )
    return BucketProgram(
        {
            "claim_lines": LINE_COLUMNS,
            "benefit_payments": (
                "payment_id",
                "person_id",
                "benefit_type",
                "event_date",
                "period_start_date",
                "paid_amount",
                "employer_id",
                "certifying_provider_id",
            ),
            "employments": ("person_id", "employer_id", "start_date", "end_date"),
            **{name: columns for name, columns in CODE_COLUMNS.items() if name != "areas"},
        },
        sql(*statements),
        CHOSEN,
        frames={"wanted": wanted},
    )


def _cases() -> str:
    listed = " ".join(f"when '{name}' then {condition}" for name, condition in LINE_ROWS.items())
    return f"case l.rows {listed} else false end"


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
        wanted: rows of :data:`WANTED`.

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
