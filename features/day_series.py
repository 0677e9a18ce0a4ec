"""A subject's days and months as facts: halves, peaks, dormancy, and the sharpest step.

Statements over table ``parts`` (``features.partials``), whose part ``day`` has one row a subject
and active day: lines, cents, and in ``weight`` the persons seen.
"""

from __future__ import annotations

from datetime import date, timedelta

from features.bucket_views import day

STEP_MONTHS = 6
"""Fewest months in which a step is looked for; it leaves two or more on either side."""


def middle_of(start: date, end: date) -> date:
    """First day of the second half of a period."""
    return start + (end - start) / 2 + timedelta(days=1)


# Cents are whole, so every sum is exact. Of n months with sum t, a split after k with sum s takes
# (s n − k t)² / (n k (n − k)) off the sum of squares (Hinkley, Biometrika 57, 1970).
STEPS = f"""
create temp table month_sums as
select subject_id, date_trunc('month', day)::date as month, sum(cents)::bigint as cents
from days group by all;
create temp table month_series as
select s.subject_id, s.month, coalesce(m.cents, 0) as cents
from (select subject_id, unnest(generate_series(min(month), max(month), interval 1 month))::date
  as month from month_sums group by subject_id) s
left join month_sums m on s.subject_id = m.subject_id and s.month = m.month;
create temp table splits as
select *, pow(before::double * n - k * whole::double, 2) / (n * k * (n - k)::double) as gain
from (
  select subject_id, row_number() over w as k, sum(cents) over w as before,
    count(*) over (partition by subject_id) as n,
    sum(cents) over (partition by subject_id) as whole,
    sum(cents::hugeint * cents) over (partition by subject_id) as squares
  from month_series
  window w as (partition by subject_id order by month rows unbounded preceding)
) where n >= {STEP_MONTHS} and k between 2 and n - 2;
create temp table steps as
select subject_id, any_value(whole) as month_total,
  arg_max(((whole - before) / (n - k) + whole / (10.0 * n))
    / nullif(before / k + whole / (10.0 * n), 0), (gain, -k)) as step_ratio,
  max(gain) / nullif(any_value(squares)::double - any_value(whole)::double * any_value(whole)
    / any_value(n), 0) as step_fit
from splits group by subject_id;
"""


def day_series(start: date, end: date) -> str:
    """Statements that give tables ``day_facts``, ``dormancies``, ``month_facts`` and ``steps``."""
    middle = day(middle_of(start, end))
    last_month = day(end.replace(day=1))
    return f"""
create temp table days as
select subject_id, key::date as day, lines, cents, weight as persons,
  day - lag(day) over (partition by subject_id order by day) as gap
from parts where part = 'day';
create temp table day_facts as
select subject_id, count(*) as days, max(persons) as max_persons_day,
  median(persons) as median_persons_day, max(gap) as dormant_days, min(day) as first_day,
  count(distinct date_trunc('month', day)) as months, sum(cents)::bigint as dated_cents,
  coalesce(sum(cents) filter (day < {middle}), 0)::bigint as first_half,
  coalesce(sum(cents) filter (day >= {middle}), 0)::bigint as second_half,
  0.1 * sum(cents)::bigint / count(distinct date_trunc('month', day)) as smooth,
  arg_max(day, (coalesce(gap, 0), day)) as woken
from days group by subject_id;
create temp table dormancies as
select d.subject_id, sum(d.cents)::bigint as after_dormancy,
  {day(end)} - any_value(f.woken) + 1 as days_after,
  any_value(f.woken - f.first_day - f.dormant_days) + 1 as days_before
from days d join day_facts f on d.subject_id = f.subject_id and d.day >= f.woken
group by d.subject_id;
{STEPS}
create temp table month_facts as
select subject_id, max(cents) as peak_month, median(cents) as median_month,
  max(case when month = {last_month} then cents else 0 end) as last_month
from month_series group by subject_id;
"""
