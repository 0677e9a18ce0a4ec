"""Pairs of providers who send the same persons to each other and back, order kept."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from claims.runs import Snapshot
from features.chance import COUNT_DDL, HOME_TABLES, HOMES, ChanceTest, beyond_chance, summed

REFERRAL_TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (
        "person_id",
        "ordering_provider_id",
        "billing_provider_id",
        "rendering_provider_id",
        "claim_line_start_date",
    ),
    "providers": ("provider_id", "organisation_id", "tax_id"),
}

# Who was sent by whom to whom on which day; within one organisation nobody is sent away.
SENT = """
create temp table sent as
with lines as (
  select distinct person_id, ordering_provider_id as a,
    coalesce(rendering_provider_id, billing_provider_id) as b, claim_line_start_date as day
  from claim_lines
  where claim_line_start_date between date '{start}' and date '{end}'
    and not {orderer} and not {biller}
)
select l.* from lines l
left join providers x on l.a = x.provider_id left join providers y on l.b = y.provider_id
where l.a <> l.b
  and coalesce(x.organisation_id, l.a) <> coalesce(y.organisation_id, l.b)
  and coalesce(x.organisation_id, l.a) <> l.b and l.a <> coalesce(y.organisation_id, l.b)
  and coalesce(nullif(trim(x.tax_id), ''), l.a) <> coalesce(nullif(trim(y.tax_id), ''), l.b)
"""
RETURNED = """
create temp table returned as
select distinct x.a, x.b, x.person_id from sent x join sent y
  on x.person_id = y.person_id and x.a = y.b and x.b = y.a
  and date_diff('day', x.day, y.day) between 0 and {window_days} and (x.day < y.day or x.a < x.b)
"""
_COUNTS = """
with parts as (
  select distinct 'left' as part, a, null as b, person_id from sent
  union all select distinct 'right', null, a, person_id from sent
  union all select distinct 'all', null, null, person_id from sent
)
select part, a, b, coalesce(stratum, '') as stratum, coalesce(parent, '') as parent, count(*) as n
from parts left join homes using (person_id) group by all
union all
select 'joint', least(a, b), greatest(a, b), null, null, count(distinct person_id)
from returned group by all
"""


def referrals(start: date, end: date, window_days: int) -> tuple[str, str]:
    """Statements that make ``sent`` (person, a, b, day) and ``returned`` (a began, b sent back)."""
    sent = SENT.format(
        start=start,
        end=end,
        orderer=placeholder_sql("ordering_provider_id"),
        biller=placeholder_sql("billing_provider_id"),
    )
    return sent, RETURNED.format(window_days=window_days)


def referral_links(
    spark: SparkSession,
    snapshot: Snapshot,
    start: date,
    end: date,
    window_days: int,
    test: ChanceTest,
) -> DataFrame:
    """Pairs who send persons to each other and back within some days, beyond chance.

    Chance is that a person happens to be sent by both, given how many persons either sends at all
    and where these live: more than happens when the days and the addressee must fit too, so that
    the test is conservative.

    Returns:
        ``LINK_DDL``, ``a`` before ``b``; a_total and b_total are the persons either sends; lazy.
    """
    sent, returned = referrals(start, end, window_days)
    program = BucketProgram(
        {**REFERRAL_TABLES, **HOME_TABLES}, sql(sent, returned, HOMES, _COUNTS), COUNT_DDL
    )
    counts = summed(run_in_buckets(spark, snapshot, program), test.least_joint)
    return beyond_chance(counts, test)
