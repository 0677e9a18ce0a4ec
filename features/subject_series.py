"""When rows of members, employers and accounts are dated: by month and by day.

A member's rows are claim lines, an employer's the leaves of its workers, an account's what is paid
on it; days are those of services and of the beginning of benefit periods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from pyspark.sql import DataFrame, SparkSession

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features import account_profiles, employer_profiles
from features.bucket_views import day
from features.catalogue import Subject
from features.partials import SCHEMA, merged_shapes, part_rows
from features.series import series_parts
from features.shapes import provider_shapes

PARTS = ("month", "day")
MEMBER_FEWEST = 20
"""Lines below which a member has no series: members are many, and few lines tell no change."""

# Parts are counted by the names of a claim line: who is billed for, by whom, when.
_LINES = """create temp table lines as
select {subject} as billing_provider_id, {other} as person_id,
  {day} as claim_line_start_date, cents from {rows}"""


def _member(start: date, end: date) -> tuple[str, ...]:
    return (
        f"""create temp table services as
        select *, (paid_amount * 100)::bigint as cents from claim_lines
        where claim_line_start_date between {day(start)} and {day(end)}
        qualify count(*) over (partition by person_id) >= {MEMBER_FEWEST}""",
        _LINES.format(
            subject="person_id",
            other="billing_provider_id",
            day="claim_line_start_date",
            rows="services",
        ),
    )


def _account(start: date, end: date) -> tuple[str, ...]:
    within = f"between {day(start)} and {day(end)}"
    return (
        account_profiles.payments_made(within),
        _LINES.format(subject="account_id", other="payee_id", day="day", rows="payments"),
    )


def _employer(start: date, end: date) -> tuple[str, ...]:
    within = f"between {day(start)} and {day(end)}"
    return (
        employer_profiles.payments_made(within),
        _LINES.format(
            subject="paid_for",
            other="person_id",
            day="period_start_date",
            rows="payments where is_leave and paid_for is not null",
        ),
    )


Statements = Callable[[date, date], tuple[str, ...]]
SERIES: dict[Subject, tuple[str, Mapping[str, tuple[str, ...]], Statements]] = {
    "member": ("person_id", {"claim_lines": ()}, _member),
    "account": ("account_id", account_profiles.TABLES, _account),
    "employer": ("employer_id", employer_profiles.TABLES, _employer),
}


def subject_shapes(
    spark: SparkSession, snapshot: Snapshot, subject: Subject, start: date, end: date
) -> DataFrame:
    """One row a subject with rows in the period: of providers all shapes, of others the series.

    Returns:
        The subject's id, then ``features.partials.shape_columns`` of ``month`` and ``day``; the
        weight of a day is the number of persons (of a member's day: of providers).
    """
    if subject == "provider":
        return provider_shapes(spark, snapshot, start, end)
    key, tables, statements = SERIES[subject]
    parts = tuple(part for part in series_parts(start) if part.name in PARTS)
    program = sql(*statements(start, end), part_rows(parts))
    partials = run_in_buckets(spark, snapshot, BucketProgram(tables, program, SCHEMA))
    return merged_shapes(partials, PARTS, key)
