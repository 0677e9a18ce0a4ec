"""Links made by an order: doctor, employer and worker of a sick leave; prescriber and pharmacy."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from claims.runs import Snapshot
from features.chance import (
    COUNT_DDL,
    HOME_TABLES,
    HOMES,
    ChanceTest,
    beyond_chance,
    summed,
)

LEAVES = ("sick_leave", "work_accident")

# Distinct (a, b, person) in ``ties`` become persons of a, of b, of both and of all, by home.
_COUNTS = """
with parts as (
  select distinct 'left' as part, a, null as b, person_id from ties
  union all select distinct 'right', null, b, person_id from ties
  union all select distinct 'all', null, null, person_id from ties
)
select part, a, b, coalesce(stratum, '') as stratum, coalesce(parent, '') as parent, count(*) as n
from parts left join homes using (person_id) group by all
union all
select 'joint', a, b, null, null, count(*) from ties group by a, b
union all
select 'base', a, null, null, null, count(distinct person_id) from base group by a
"""

_LEAVES = """
create temp table ties as
select distinct employer_id as a, certifying_provider_id as b, person_id
from benefit_payments
where benefit_type in ({types}) and period_start_date between date '{start}' and date '{end}'
  and not {employer} and not {doctor}
"""
_WORKERS = """
create temp table base as
select employer_id as a, person_id from employments
where start_date <= date '{end}' and coalesce(end_date, date '9999-12-31') >= date '{start}'
"""

_PRESCRIPTIONS = """
create temp table ties as
select distinct ordering_provider_id as a, billing_provider_id as b, person_id
from claim_lines
where claim_type = 'pharmacy'
  and claim_line_start_date between date '{start}' and date '{end}'
  and not {prescriber} and not {pharmacy}
"""
_NOBODY = "create temp table base as select a, person_id from ties where false"


def leave_links(
    spark: SparkSession, snapshot: Snapshot, start: date, end: date, test: ChanceTest
) -> DataFrame:
    """Employers (``a``) and doctors (``b``) tied by workers whose leave the doctor certified.

    Returns:
        ``LINK_DDL``: a_total is the employer's workers with a certified leave, a_base its workers
        in the period (null where employments are unknown), b_total the persons the doctor
        certified; lazy.
    """
    ties = _LEAVES.format(
        types=", ".join(f"'{name}'" for name in LEAVES),
        start=start,
        end=end,
        employer=placeholder_sql("employer_id"),
        doctor=placeholder_sql("certifying_provider_id"),
    )
    tables = {
        **HOME_TABLES,
        "benefit_payments": (
            "person_id",
            "benefit_type",
            "employer_id",
            "certifying_provider_id",
            "period_start_date",
        ),
        "employments": ("person_id", "employer_id", "start_date", "end_date"),
    }
    workers = _WORKERS.format(start=start, end=end)
    program = BucketProgram(tables, sql(ties, workers, HOMES, _COUNTS), COUNT_DDL)
    counts = summed(run_in_buckets(spark, snapshot, program), test.least_joint)
    return beyond_chance(counts, test)


def prescription_links(
    spark: SparkSession, snapshot: Snapshot, start: date, end: date, test: ChanceTest
) -> DataFrame:
    """Prescribers (``a``) and pharmacies (``b``) tied by persons who took orders there.

    Returns:
        ``LINK_DDL``: a_total is the prescriber's persons with drugs delivered, b_total the
        pharmacy's persons with prescriptions; lazy.
    """
    ties = _PRESCRIPTIONS.format(
        start=start,
        end=end,
        prescriber=placeholder_sql("ordering_provider_id"),
        pharmacy=placeholder_sql("billing_provider_id"),
    )
    tables = {
        **HOME_TABLES,
        "claim_lines": (
            "person_id",
            "claim_type",
            "ordering_provider_id",
            "billing_provider_id",
            "claim_line_start_date",
        ),
    }
    program = BucketProgram(tables, sql(ties, _NOBODY, HOMES, _COUNTS), COUNT_DDL)
    counts = summed(run_in_buckets(spark, snapshot, program), test.least_joint)
    return beyond_chance(counts, test)
