"""Which detail rows carry an excess: kinds of rows, and statements that find them in a bucket."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from features.bucket_views import EDITIONS, LEVELS, LINES, named
from features.provider_features import SMALL_CENTS

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
    "holiday",
    "round",
    "codes",
    "hours",
    "weekdays",
    "endings",
    "amounts",
    "window",
    "far",
    "stays",
    "off_file",
]

LINE_ROWS: dict[str, str] = {
    "all": "true",
    "weekend": "isodow(l.claim_line_start_date) >= 6",
    "high_level": "l.high",
    "small": f"l.cents between 1 and {SMALL_CENTS}",
    "drugs": "l.drug_code is not null",
    "long_days": "l.minutes > 0",
    "peak_month": "true",
    "holiday": "l.is_holiday",
    "round": "l.asked > 0 and l.asked % 1000 = 0",
    "codes": "list_contains(l.cells, l.procedure_code)",
    "hours": "list_contains(l.cells, hour(l.service_start_time)::varchar)",
    "weekdays": "list_contains(l.cells, isodow(l.claim_line_start_date)::varchar)",
    "endings": "list_contains(l.cells, (l.asked % 10)::varchar)",
    "amounts": "l.asked between l.cells[1]::bigint and l.cells[2]::bigint",
    "window": "l.claim_line_start_date between l.cells[1]::date and l.cells[2]::date",
    "stays": "l.claim_type = 'institutional' and l.admission_date is not null",
    "off_file": "l.on_file <> l.account_id",
    "far": "(l.billing_provider_id, l.person_id, l.claim_line_start_date) in"
    " (select (billing_provider_id, person_id, day) from far_stops)",
}
"""Conditions on a line ``l`` of a subject, which carries the finding's ``cells``."""

PAYMENT_ROWS: dict[str, str] = {
    "all": "true",
    "benefits": "true",
    "leave": "true",
    "small": f"b.cents between 1 and {SMALL_CENTS}",
    "window": "b.period_start_date between b.cells[1]::date and b.cells[2]::date",
    "off_file": "b.on_file <> b.bank_account_id",
}
"""Conditions on a benefit payment ``b`` of a subject."""

WANTED = pa.schema(
    [
        ("finding_id", pa.string()),
        ("subject_type", pa.string()),
        ("subject_id", pa.string()),
        ("rows", pa.string()),
        ("cents", pa.int64()),
        ("cells", pa.list_(pa.string())),
    ]
)
"""What a finding asks for: rows of its subject that carry so many cents, cells naming which."""

# Who was far away can be told before the lines of others are dropped.
FAR = """
create temp view lines as select *, (paid_amount * 100)::bigint as cents from claim_lines
where person_id in (select person_id from claim_lines where billing_provider_id in (
  select subject_id from wanted where rows = 'far'));
{trips}
drop view lines;
"""
NOBODY_FAR = """
create temp table far_stops (billing_provider_id varchar, person_id varchar, day date);
"""

# Plain equalities, so that each is one hash join: a bucket holds a million lines. A person at work
# is found by the lines rendered, a payee by the lines billed, an account by the lines paid to it.
ASKED_LINES = f"""
create temp table asked as
select distinct subject_type, subject_id from wanted where rows not in ('benefits', 'leave');
create temp table kept_lines as
select l.* from claim_lines l where l.person_id in (
  select subject_id from asked where subject_type = 'member')
or l.billing_provider_id in (select subject_id from asked where subject_type = 'provider')
or l.rendering_provider_id in (select subject_id from asked where subject_type = 'provider')
or coalesce(l.data_source, '') || '|' || l.claim_id in (
  select subject_id from asked where subject_type = 'claim')
or l.payee_account_id in (select subject_id from asked where subject_type = 'account')
or l.payee_account_id is null and l.billing_provider_id in (
  select provider_id from providers join asked on bank_account_id = subject_id
  where subject_type = 'account');
drop table claim_lines;
alter table kept_lines rename to claim_lines;
{LEVELS}{EDITIONS}{LINES}
create temp table named_lines as
select l.*, case when {named("rendering_provider_id")} then rendering_provider_id
  else billing_provider_id end as worker, p.bank_account_id as on_file,
  coalesce(l.payee_account_id, p.bank_account_id) as account_id
from lines l left join providers p on l.billing_provider_id = p.provider_id;
create temp table subject_lines as
select l.*, w.finding_id, w.rows, w.cells, w.cents as wanted from named_lines l
join wanted w on l.person_id = w.subject_id
where w.subject_type = 'member' and w.rows <> 'benefits'
union all
select l.*, w.finding_id, w.rows, w.cells, w.cents from named_lines l
join wanted w on l.billing_provider_id = w.subject_id
where w.subject_type = 'provider' and w.rows <> 'long_days'
union all
select l.*, w.finding_id, w.rows, w.cells, w.cents from named_lines l
join wanted w on l.worker = w.subject_id
where w.subject_type = 'provider' and w.rows = 'long_days'
union all
select l.*, w.finding_id, w.rows, w.cells, w.cents from named_lines l
join wanted w on coalesce(l.data_source, '') || '|' || l.claim_id = w.subject_id
where w.subject_type = 'claim'
union all
select l.*, w.finding_id, w.rows, w.cells, w.cents from named_lines l
join wanted w on l.account_id = w.subject_id
where w.subject_type = 'account' and w.rows <> 'benefits';
"""

# As in the employer's profile, a payment that names no employer goes to the job then held.
ASKED_PAYMENTS = """
create temp table named_payments as
select b.*, (b.paid_amount * 100)::bigint as cents, m.bank_account_id as on_file
from benefit_payments b left join members m on b.person_id = m.person_id;
create temp table subject_payments as
select b.*, w.finding_id, w.rows, w.cells, w.cents as wanted from named_payments b
join wanted w on b.person_id = w.subject_id
where w.subject_type = 'member' and w.rows = 'benefits'
union all
select b.*, w.finding_id, w.rows, w.cells, w.cents from named_payments b
join wanted w on b.bank_account_id = w.subject_id where w.subject_type = 'account'
union all
select b.* exclude (paid_for), w.finding_id, w.rows, w.cells, w.cents from (
  select p.*, coalesce(p.employer_id, (select max(e.employer_id) from employments e
    where e.person_id = p.person_id and coalesce(p.event_date, p.period_start_date)
      between e.start_date and coalesce(e.end_date, date '9999-12-31'))) as paid_for
  from named_payments p where p.benefit_type in {leave}
) b join wanted w on b.paid_for = w.subject_id
where w.subject_type = 'employer' and w.rows in ('leave', 'window');
"""

FOUND = """
create temp table found as
select finding_id, rows, wanted, 'claim_lines' as table_name,
  concat_ws('|', coalesce(data_source, ''), claim_id, claim_line_number) as row_key,
  cents, minutes, claim_line_start_date as day, person_id, billing_provider_id as provider_id
from subject_lines l where {lines}
union all
select finding_id, rows, wanted, 'benefit_payments', payment_id, cents, null, period_start_date,
  person_id, certifying_provider_id
from subject_payments b where {payments};
"""

# A day or month is whole only over all buckets: its rows are ranked after the merge.
HIGHEST = """
select * from found
qualify rows in ('long_days', 'peak_month') or coalesce(sum(cents) over (
  partition by finding_id order by cents desc, table_name, row_key
  rows between unbounded preceding and 1 preceding), 0) < greatest(wanted, 1)
"""


def found_rows() -> str:
    """The statement that keeps the rows which carry the excess, by the kind of rows asked for."""
    return FOUND.format(lines=_cases("l", LINE_ROWS), payments=_cases("b", PAYMENT_ROWS))


def _cases(alias: str, conditions: dict[str, str]) -> str:
    listed = " ".join(f"when '{name}' then {condition}" for name, condition in conditions.items())
    return f"case {alias}.rows {listed} else false end"
