"""Employer profiles: workers and their leave summed in member buckets, beside what was declared."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.bucket_views import day, named
from features.employer_declared import DECLARED, declared_parts
from features.employer_features import EMPLOYER_FEATURES
from features.partials import SCHEMA, SHARED, Totals, merge
from features.regions import with_region

LEAVE = ("sick_leave", "work_accident", "maternity")
EARLY_DAYS = 60
SHORT_DAYS = 3
BRIEF_DAYS = 90

TABLES: dict[str, tuple[str, ...]] = {
    "employments": ("person_id", "employer_id", "start_date", "end_date", "monthly_wage"),
    "benefit_payments": (
        "payment_id",
        "person_id",
        "benefit_type",
        "entitlement_id",
        "event_date",
        "period_start_date",
        "period_end_date",
        "paid_amount",
        "employer_id",
        "certifying_provider_id",
    ),
}

TOTALS = Totals(
    {
        name: f"sum({name})"
        for name in (
            "workers",
            "starters",
            "employed_days",
            "wage_cents",
            "leave_workers",
            "early_leavers",
            "leave_days",
            "leave_cents",
            "benefit_cents",
            "leave_spells",
            "monday_spells",
            "short_spells",
            "leavers",
            "brief_jobs",
        )
    }
)


def payments_made(within: str) -> str:
    """A statement that gives table ``payments``: benefits, and whose workers they were paid to.

    A payment that names no employer goes to the job held when the spell began.

    Args:
        within: condition on a day, such as ``between`` two dates.
    """
    leave = ", ".join(f"'{name}'" for name in LEAVE)
    return f"""create temp table payments as
        select b.*, (b.paid_amount * 100)::bigint as cents, b.benefit_type in ({leave}) as is_leave,
          coalesce(b.employer_id, (select max(e.employer_id) from employments e
            where e.person_id = b.person_id
              and coalesce(b.event_date, b.period_start_date) between e.start_date
                and coalesce(e.end_date, date '9999-12-31'))) as paid_for
        from benefit_payments b where b.period_start_date {within}"""


def _statements(start: date, end: date) -> tuple[str, ...]:
    within = f"between {day(start)} and {day(end)}"
    return (
        f"""create temp table jobs as
        select person_id, employer_id, bool_or(start_date {within}) as started,
          min(start_date) filter (start_date {within}) as hired,
          sum(least(coalesce(end_date, {day(end)}), {day(end)})
            - greatest(start_date, {day(start)}) + 1) as employed_days,
          min(greatest(start_date, {day(start)})) as first_day,
          max(least(coalesce(end_date, {day(end)}), {day(end)})) as last_day,
          max(monthly_wage * 100)::bigint as wage_cents,
          max(coalesce(end_date, date '9999-12-31')) <= {day(end)} as has_left,
          max(coalesce(end_date, date '9999-12-31')) - min(start_date) + 1 <= {BRIEF_DAYS}
            as is_brief
        from employments
        where start_date <= {day(end)} and coalesce(end_date, {day(end)}) >= {day(start)}
        group by all""",
        payments_made(within),
        f"""create temp table drawn as
        select p.paid_for as employer_id, p.person_id, sum(cents) as benefit_cents,
          sum(cents) filter (is_leave) as leave_cents, bool_or(is_leave) as on_leave,
          sum(greatest(0, least(coalesce(period_end_date, period_start_date), {day(end)})
            - period_start_date + 1)) filter (is_leave) as leave_days,
          bool_or(is_leave and coalesce(event_date, period_start_date) - j.hired
            between 0 and {EARLY_DAYS}) as early
        from payments p
        left join jobs j on p.person_id = j.person_id and p.paid_for = j.employer_id
        where p.paid_for is not null group by all""",
        f"""create temp table spells as
        select paid_for as employer_id, person_id, coalesce(entitlement_id, payment_id) as spell,
          isodow(min(event_date)) as weekday,
          sum(coalesce(period_end_date, period_start_date) - period_start_date + 1)
            <= {SHORT_DAYS} as is_short
        from payments where is_leave and paid_for is not null group by all""",
        """create temp table persons as
        select employer_id, count(*) as workers, count(*) filter (started) as starters,
          sum(employed_days) as employed_days, sum(wage_cents) as wage_cents,
          count(*) filter (has_left) as leavers, count(*) filter (is_brief) as brief_jobs
        from jobs group by employer_id
        union all by name
        select d.employer_id, count(*) filter (j.person_id is null) as workers,
          count(*) filter (on_leave) as leave_workers, count(*) filter (early) as early_leavers,
          sum(d.leave_days) as leave_days, sum(d.leave_cents) as leave_cents,
          sum(d.benefit_cents) as benefit_cents
        from drawn d left join jobs j using (employer_id, person_id) group by d.employer_id
        union all by name
        select employer_id, count(*) as leave_spells, count(*) filter (is_short) as short_spells,
          count(*) filter (weekday = 1) as monday_spells
        from spells group by employer_id""",
        f"""with parts(subject_id, part, key, lines, cents, weight, totals) as (
          select employer_id, 'total', null, null, null, null, {TOTALS.made}
          from (select employer_id, {TOTALS.columns} from persons group by employer_id)
          union all
          select employer_id, 'weekday', weekday::varchar, count(*), 0, 0, null
          from spells where weekday is not null group by all
          union all
          select employer_id, 'hire', date_trunc('month', hired)::date::varchar, count(*), 0, 0,
            null
          from jobs where started group by all
          union all
          select employer_id, 'employing', unnest([min(first_day), max(last_day)])::varchar, 0, 0,
            0, null
          from jobs group by employer_id
          union all
          select paid_for, 'certifier', certifying_provider_id, count(*), sum(cents), 0, null
          from payments where is_leave and certifying_provider_id is not null group by all
        )
        select * from parts where {named("subject_id")}
          and (part <> 'certifier' or {named("key")})""",
    )


_MERGED = f"""{TOTALS.merged}{SHARED}
{DECLARED}create temp table certifiers as
select subject_id, max(cents) / nullif(sum(cents), 0)::double as top_certifier_share
from parts where part = 'certifier' group by subject_id;
create temp table moments as
select subject_id, max(lines) filter (part = 'hire') as peak_hires,
  max(lines) filter (part = 'weekday') as top_weekday,
  max(key) filter (part = 'employing')::date - min(key) filter (part = 'employing')::date + 1
    as employing_days,
  coalesce(sum(lines) filter (part = 'weekday' and key in ('6', '7')), 0) as weekend_spells,
  sum(lines) filter (part = 'weekday') as dated_spells
from parts group by subject_id;
create temp table facts as
select s.subject_id, t.* exclude (subject_id),
  d.* exclude (subject_id), headcounts / nullif(declarations, 0) as declared_headcount,
  early_headcounts / nullif(early_declarations, 0) as early_headcount,
  (headcounts - early_headcounts) / nullif(declarations - early_declarations, 0) as late_headcount,
  early_payroll_cents / nullif(early_declarations, 0) as early_payroll,
  (payroll_cents - early_payroll_cents) / nullif(declarations - early_declarations, 0)
    as late_payroll,
  c.top_certifier_share, m.* exclude (subject_id, peak_hires),
  coalesce(m.peak_hires, 0) as peak_hires
from (select distinct subject_id from partials) s
left join totals t using (subject_id) left join declared d using (subject_id)
left join certifiers c using (subject_id) left join moments m using (subject_id);
"""


def employer_profiles(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> DataFrame:
    """One row an employer with workers, benefits of workers or declarations in the period.

    Returns:
        ``employer_id``, what peers are made of (``activity_code``, ``region``), then the features
        of :data:`EMPLOYER_FEATURES`.
    """
    partials = run_in_buckets(
        spark, snapshot, BucketProgram(TABLES, sql(*_statements(start, end)), SCHEMA)
    )
    if snapshot.has("contributions"):
        partials = partials.unionByName(declared_parts(spark, snapshot, start, end))
    chosen = ", ".join(feature.expression for feature in EMPLOYER_FEATURES)
    schema = ", ".join(f"{f.name} {f.type}" for f in EMPLOYER_FEATURES)
    merged = merge(
        partials,
        (_MERGED,),
        f"select subject_id, {chosen} from facts",
        f"subject_id string, {schema}",
    )
    known = with_region(spark, snapshot, "employers").select(
        F.col("employer_id").alias("subject_id"), "activity_code", "region"
    )
    features = [F.col(feature.name) for feature in EMPLOYER_FEATURES]
    return merged.join(known, "subject_id", how="left").select(
        F.col("subject_id").alias("employer_id"), "activity_code", "region", *features
    )
