"""Provider profiles: partial sums by billing provider in member buckets, merged by provider."""

from __future__ import annotations

from datetime import date, timedelta

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.bucket_views import (
    CODE_COLUMNS,
    EDITIONS,
    LEVELS,
    LINE_COLUMNS,
    LINES,
    PLACES,
    day,
    named,
)
from features.partials import SCHEMA, SHARED, Totals, merge
from features.provider_features import LONG_DAY_MINUTES, PROVIDER_FEATURES, SMALL_CENTS
from features.regions import with_region

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": LINE_COLUMNS,
    "claim_lines_history": (
        "claim_id",
        "billing_provider_id",
        "claim_line_start_date",
        "adjustment_type",
        "claim_status",
    ),
    "members": ("person_id", "postal_code", "latitude", "longitude"),
    "providers": ("provider_id", "provider_type", "postal_code", "latitude", "longitude"),
    **CODE_COLUMNS,
}

SMALL = f"l.cents between 1 and {SMALL_CENTS}"

OF_LINES = {
    "lines": "count(*)",
    "paid_cents": "sum(l.cents)",
    "charged_cents": "sum(l.asked) filter (l.charge_amount is not null)",
    "charged_paid_cents": "sum(l.cents) filter (l.charge_amount is not null)",
    "units": "sum(l.units * 1000)",
    "weekend": "count(*) filter (isodow(l.claim_line_start_date) >= 6)",
    "weekend_cents": "sum(l.cents) filter (isodow(l.claim_line_start_date) >= 6)",
    "small_cents": f"sum(l.cents) filter ({SMALL})",
    "holiday": "count(*) filter (l.is_holiday)",
    "timed": "count(l.service_start_time)",
    "night": "count(*) filter (hour(l.service_start_time) >= 22 or hour(l.service_start_time) < 6)",
    "modified": "count(l.procedure_modifier_1)",
    "round": "count(*) filter (l.asked > 0 and l.asked % 1000 = 0)",
    "just_below": "count(*) filter (l.asked % 10000 >= 9500)",
    "small": f"count(*) filter ({SMALL})",
    "levelled": "count(l.high)",
    "high": "count(*) filter (l.high)",
    "levelled_cents": "sum(l.cents) filter (l.high is not null)",
    "high_cents": "sum(l.cents) filter (l.high)",
    "carded": "count(l.card_present)",
    "no_card": "count(*) filter (not l.card_present)",
    "drug_lines": "count(l.drug_code)",
    "controlled": "count(*) filter (l.is_controlled)",
}
OF_PAIRS = {
    "persons": "count(*)",
    "visits": "sum(days)",
    "new_members": "count(*) filter (is_new)",
    "small_members": "count(*) filter (small = lines)",
    "with_small": "count(*) filter (small > 0)",
    "top_member_cents": "max(cents)",
    "metres": "sum(metres)",
    "located": "count(metres)",
}
OF_HISTORY = {
    "versions": "count(*)",
    "adjusted": "count(*) filter (adjustment_type in ('void', 'replacement'))",
    "denied": "count(*) filter (claim_status = 'denied')",
}
TOTALS = Totals({**OF_LINES, **OF_PAIRS, **OF_HISTORY}, frozenset({"top_member_cents"}))


def _columns(expressions: dict[str, str]) -> str:
    return ", ".join(f"{expression} as {name}" for name, expression in expressions.items())


def _partials(start: date, end: date) -> tuple[str, ...]:
    """Statements of a bucket: lines, pairs of provider and person, then the parts."""
    within = f"between {day(start)} and {day(end)}"
    middle = start + (end - start) / 2 + timedelta(days=1)
    totals = ", ".join(f"coalesce({name}, 0)::bigint" for name in TOTALS.expressions)
    keyed = "select billing_provider_id, '{part}', {key}, count(*), sum(cents), {weight}, null"
    parts = {
        "day": ("claim_line_start_date::varchar", "count(distinct person_id)"),
        "code": ("coalesce(procedure_code, drug_code)", "0"),
        "type": ("claim_type", "0"),
        "diagnosis": ("diagnosis_code_1", "0"),
        "orderer": ("ordering_provider_id", "0"),
    }
    keys = [
        keyed.format(part=part, key=key, weight=weight)
        + f" from lines where {key} is not null group by billing_provider_id, {key}"
        for part, (key, weight) in parts.items()
    ]
    return (
        "create temp table first_seen as select billing_provider_id, person_id,"
        " min(claim_line_start_date) as first_date from claim_lines group by all",
        f"delete from claim_lines where claim_line_start_date not {within}",
        LEVELS,
        EDITIONS,
        LINES,
        PLACES,
        f"""create temp table pairs as
        select l.billing_provider_id, l.person_id, count(*) as lines, sum(l.cents) as cents,
          count(distinct l.claim_line_start_date) as days, count(*) filter ({SMALL}) as small,
          any_value(f.first_date) >= {day(middle)} as is_new,
          any_value(metres_between(m.lat, m.lon, p.lat, p.lon)) as metres
        from lines l
        join first_seen f using (billing_provider_id, person_id)
        left join member_places m on l.person_id = m.person_id
        left join provider_places p on l.billing_provider_id = p.provider_id
        group by l.billing_provider_id, l.person_id""",
        f"""create temp table workers as
        select rendering_provider_id, billing_provider_id,
          case when {named("rendering_provider_id")} then rendering_provider_id
            when p.provider_type = 'individual' then billing_provider_id end as worker
        from (select distinct rendering_provider_id, billing_provider_id from lines) l
        left join providers p on l.billing_provider_id = p.provider_id""",
        f"""with of_lines as (
          select billing_provider_id, {_columns(OF_LINES)} from lines l group by all
        ), of_pairs as (
          select billing_provider_id, {_columns(OF_PAIRS)} from pairs group by all
        ), of_history as (
          select billing_provider_id, {_columns(OF_HISTORY)} from claim_lines_history
          where claim_line_start_date {within} group by all
        ), parts(subject_id, part, key, lines, cents, weight, totals) as (
          select billing_provider_id, 'total', null, null, null, null, [{totals}]
          from of_lines full join of_pairs using (billing_provider_id)
          full join of_history using (billing_provider_id)
          union all
          {" union all ".join(keys)}
          union all
          select w.worker, 'work', l.claim_line_start_date::varchar, count(*), sum(l.cents),
            sum(l.minutes), null
          from lines l join workers w on l.billing_provider_id = w.billing_provider_id
            and l.rendering_provider_id is not distinct from w.rendering_provider_id
          where l.minutes > 0 and w.worker is not null group by all
        )
        select * from parts where {named("subject_id")}
          and (part <> 'orderer' or {named("key")})""",
    )


def _merged(start: date, end: date) -> str:
    """Statements over a partition's partial sums; each gives one row a subject."""
    middle = start + (end - start) / 2 + timedelta(days=1)
    last_month = day(end.replace(day=1))
    tops = "".join(
        f"""create temp table {table} as
        select subject_id, max({measure}) / nullif(sum({measure}), 0)::double as top
        from parts where part = '{part}' group by subject_id;"""
        for table, part, measure in (
            ("codes", "code", "lines"),
            ("diagnoses", "diagnosis", "lines"),
            ("orderers", "orderer", "cents"),
        )
    )
    return f"""{TOTALS.merged}{SHARED}{tops}
create temp table entropies as
select subject_id, -sum(p * log2(p) order by key) as code_entropy from (
  select *, lines / sum(lines) over (partition by subject_id) as p from parts where part = 'code'
) group by subject_id;
create temp table types as
select subject_id, arg_max(key, (lines, key)) as main_claim_type from parts
where part = 'type' group by subject_id;
create temp table days as
select subject_id, key::date as day, lines, cents, weight as persons,
  day - lag(day) over (partition by subject_id order by day) as gap
from parts where part = 'day';
create temp table day_facts as
select subject_id, count(*) as days, max(persons) as max_persons_day,
  median(persons) as median_persons_day, max(gap) as dormant_days,
  count(distinct date_trunc('month', day)) as months,
  sum(cents) filter (day < {day(middle)}) as first_half_cents,
  sum(cents) filter (day >= {day(middle)}) as second_half_cents,
  arg_max(day, (coalesce(gap, 0), day)) as woken
from days group by subject_id;
create temp table dormancies as
select d.subject_id, sum(d.cents) as after_dormancy from days d
join day_facts f on d.subject_id = f.subject_id and d.day >= f.woken group by d.subject_id;
create temp table month_sums as
select subject_id, date_trunc('month', day)::date as month, sum(cents) as cents
from days group by all;
create temp table month_facts as
select s.subject_id, max(coalesce(m.cents, 0)) as peak_month,
  median(coalesce(m.cents, 0)) as median_month,
  max(case when s.month = {last_month} then coalesce(m.cents, 0) else 0 end) as last_month
from (select subject_id, unnest(generate_series(min(month), max(month), interval 1 month))::date
  as month from month_sums group by subject_id) s
left join month_sums m on s.subject_id = m.subject_id and s.month = m.month
group by s.subject_id;
create temp table work as
select subject_id, count(*) as work_days, max(weight) as max_minutes,
  quantile_cont(weight, 0.95) as p95_minutes,
  count(*) filter (weight > {LONG_DAY_MINUTES}) as long_days,
  sum(case when weight > {LONG_DAY_MINUTES}
    then round(cents * (weight - {LONG_DAY_MINUTES}) / weight)::bigint else 0 end)
    as long_excess_cents
from parts where part = 'work' group by subject_id;
create temp table facts as
select s.subject_id, t.* exclude (subject_id), y.main_claim_type, e.code_entropy,
  c.top as top_code_share, g.top as top_diagnosis_share, o.top as top_orderer_share,
  d.* exclude (subject_id), n.after_dormancy, m.* exclude (subject_id), w.* exclude (subject_id),
  coalesce(d.first_half_cents, 0) as first_half, coalesce(d.second_half_cents, 0) as second_half,
  0.1 * t.paid_cents / nullif(d.months, 0) as smooth
from (select distinct subject_id from parts) s
left join totals t using (subject_id) left join types y using (subject_id)
left join entropies e using (subject_id) left join codes c using (subject_id)
left join diagnoses g using (subject_id) left join orderers o using (subject_id)
left join day_facts d using (subject_id) left join dormancies n using (subject_id)
left join month_facts m using (subject_id) left join work w using (subject_id);
"""


def provider_profiles(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> DataFrame:
    """One row a provider who billed, or rendered timed services, in the period.

    Returns:
        ``provider_id``, what peers are made of (``specialty``, ``provider_type``, ``region``,
        ``main_claim_type``), then the features of :data:`PROVIDER_FEATURES`.
    """
    partials = run_in_buckets(
        spark, snapshot, BucketProgram(TABLES, sql(*_partials(start, end)), SCHEMA)
    )
    chosen = ", ".join(feature.expression for feature in PROVIDER_FEATURES)
    schema = ", ".join(f"{f.name} {f.type}" for f in PROVIDER_FEATURES)
    merged = merge(
        partials,
        _merged(start, end),
        f"select subject_id, main_claim_type, {chosen} from facts",
        f"subject_id string, main_claim_type string, {schema}",
    )
    known = with_region(spark, snapshot, "providers").select(
        F.col("provider_id").alias("subject_id"), "specialty", "provider_type", "region"
    )
    features = [F.col(feature.name) for feature in PROVIDER_FEATURES]
    return merged.join(known, "subject_id", how="left").select(
        F.col("subject_id").alias("provider_id"),
        "specialty",
        "provider_type",
        "region",
        "main_claim_type",
        *features,
    )
