"""Views about sick leave: episodes, usual wages, hires that fall ill, what a doctor certifies."""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.shared_queries import CONTACT_ROLES, CONTACTS_SQL, EPISODES_SQL
from detectors.rulebook.sources import View, row_key_sql

LINE_KEY = ("data_source", "claim_id", "claim_line_number", "person_id")
PAYMENT = ("payment_id", "person_id", "benefit_type", "period_start_date", "period_end_date",
           "paid_amount")  # fmt: skip
EVIDENCE = {"table_name": "varchar", "row_key": "varchar"}

# Wages of all jobs held on the 15th of a month, and the median of the twelve months up to it.
# Months are made for persons with payments only, from the years that can be looked back at.
USUAL_WAGES_SQL = """
with reach as (
    select person_id, date_trunc('month', min(period_start_date)) - interval 36 month as first,
        date_trunc('month', max(period_start_date)) as last
    from benefit_payments group by person_id),
jobs as (
    select e.person_id, e.start_date, coalesce(e.end_date, date '2999-12-31') as end_date,
        e.monthly_wage, unnest(generate_series(
            greatest(date_trunc('month', e.start_date), r.first),
            least(date_trunc('month', coalesce(e.end_date, date '2999-12-31')), r.last),
            interval 1 month)) as month
    from employments e join reach r on e.person_id = r.person_id where e.monthly_wage > 0),
held as (
    select person_id, cast(month as date) as month, sum(monthly_wage) as wage
    from jobs where month + interval 14 day between start_date and end_date
    group by person_id, month)
select person_id, month, median(wage) over year as usual_wage, count(*) over year as months
from held window year as (partition by person_id order by month
    range between interval 11 month preceding and current row)
"""

# Each payment beside the episode it is part of.
PAID_LEAVES_SQL = f"""
with episode as ({EPISODES_SQL})
select p.person_id, {row_key_sql("benefit_payments", "p")} as row_key, e.start_date, e.end_date,
    e.days, e.event_date, e.certifying_provider_id
from benefit_payments p join episode e
    on p.person_id = e.person_id and p.benefit_type = e.benefit_type
    and p.employer_id is not distinct from e.employer_id
    and p.period_start_date between e.start_date and e.end_date
where p.paid_amount > 0
"""

# A hire beside each payment of leave that began within a year of it, or alone.
HIRES_SQL = f"""
with episode as ({EPISODES_SQL}),
leave as (
    select p.person_id, p.employer_id, e.start_date as leave_date, p.paid_amount,
        {row_key_sql("benefit_payments", "p")} as row_key
    from benefit_payments p join episode e
        on p.person_id = e.person_id and p.benefit_type = e.benefit_type
        and p.employer_id = e.employer_id
        and p.period_start_date between e.start_date and e.end_date
    where p.benefit_type in ('sick_leave', 'work_accident') and p.paid_amount > 0)
select h.person_id, h.employer_id, h.start_date, l.leave_date,
    coalesce(l.paid_amount, 0) as paid_amount,
    if(l.row_key is null, 'employments', 'benefit_payments') as table_name,
    coalesce(l.row_key, {row_key_sql("employments", "h")}) as row_key,
    row_number() over (partition by h.person_id, h.employer_id, h.start_date
        order by l.leave_date, l.row_key) as number
from employments h left join leave l
    on h.person_id = l.person_id and h.employer_id = l.employer_id
    and l.leave_date between h.start_date and least(h.start_date + 365,
        coalesce(h.end_date, date '2999-12-31'))
"""

# Whom a doctor saw, and for whom he certified leave, in one list.
CERTIFIED_SQL = f"""
with contact as ({CONTACTS_SQL}),
listed as (
    select person_id, provider_id, service_date, 'contact' as kind, 0 as days,
        cast(0 as decimal(18,2)) as paid_amount, table_name, row_key
    from contact
    union all
    select person_id, certifying_provider_id, period_start_date, 'leave',
        date_diff('day', period_start_date, coalesce(period_end_date, period_start_date)) + 1,
        paid_amount, 'benefit_payments', {row_key_sql("benefit_payments", "b")}
    from benefit_payments b
    where benefit_type in ('sick_leave', 'work_accident') and paid_amount > 0
        and not {placeholder_sql("certifying_provider_id")})
select l.*, coalesce(a.area, left(m.postal_code, 2)) as area
from listed l left join members m on l.person_id = m.person_id
left join areas a on m.postal_code = a.postal_code
"""

# The Wednesdays of each leave, beside the headcount declared then: whoever is on leave on one of
# them is so on the same day.
LEAVE_DAYS_SQL = f"""
with leave as (
    select person_id, employer_id, certifying_provider_id, cast(unnest(generate_series(
            cast(period_start_date + cast((10 - isodow(period_start_date)) % 7 as integer)
                as timestamp),
            cast(coalesce(period_end_date, period_start_date) as timestamp),
            interval 7 day)) as date) as day,
        paid_amount, {row_key_sql("benefit_payments", "b")} as row_key
    from benefit_payments b
    where benefit_type = 'sick_leave' and paid_amount > 0 and not {placeholder_sql("employer_id")}
        and not {placeholder_sql("certifying_provider_id")}),
headcount as (
    select employer_id, declared_headcount, period_start_date as first_day,
        coalesce(period_end_date, cast(period_start_date + interval 1 month as date) - 1)
            as last_day
    from contributions)
select l.person_id, l.employer_id, l.certifying_provider_id, l.day, l.paid_amount,
    'benefit_payments' as table_name, l.row_key, max(h.declared_headcount) as declared_headcount
from leave l left join headcount h
    on l.employer_id = h.employer_id and l.day between h.first_day and h.last_day
group by all
"""

LEAVE_VIEWS = (
    View(
        "paid_leaves",
        date="start_date",
        columns={"person_id": "varchar", "row_key": "varchar", "start_date": "date",
                 "end_date": "date", "days": "bigint", "event_date": "date",
                 "certifying_provider_id": "varchar"},
        tables={"benefit_payments": (*PAYMENT, "employer_id", "event_date",
                                     "certifying_provider_id")},
        sql=PAID_LEAVES_SQL,
    ),
    View(
        "usual_wages",
        date="month",
        columns={"person_id": "varchar", "month": "date", "usual_wage": "decimal(38,2)",
                 "months": "bigint"},
        tables={"benefit_payments": ("person_id", "period_start_date"),
                "employments": ("person_id", "start_date", "end_date", "monthly_wage")},
        sql=USUAL_WAGES_SQL,
    ),
    View(
        "hires",
        date="start_date",
        amount="paid_amount",
        columns={"person_id": "varchar", "employer_id": "varchar", "start_date": "date",
                 "leave_date": "date", "paid_amount": "decimal(18,2)", "number": "bigint",
                 **EVIDENCE},
        tables={"benefit_payments": (*PAYMENT, "employer_id", "event_date",
                                     "certifying_provider_id"),
                "employments": ("person_id", "employer_id", "start_date", "end_date")},
        sql=HIRES_SQL,
    ),
    View(
        "certified",
        date="service_date",
        amount="paid_amount",
        provider="provider_id",
        columns={"person_id": "varchar", "provider_id": "varchar", "service_date": "date",
                 "kind": "varchar", "days": "bigint", "area": "varchar",
                 "paid_amount": "decimal(18,2)", **EVIDENCE},
        tables={"claim_lines": (*LINE_KEY, *CONTACT_ROLES, "claim_type", "procedure_code",
                                "claim_line_start_date", "paid_amount"),
                "providers": ("provider_id", "organisation_id", "specialty"),
                "benefit_payments": (*PAYMENT, "certifying_provider_id"),
                "members": ("person_id", "postal_code"), "areas": ("postal_code", "area")},
        sql=CERTIFIED_SQL,
    ),
    View(
        "leave_days",
        date="day",
        amount="paid_amount",
        columns={"person_id": "varchar", "employer_id": "varchar",
                 "certifying_provider_id": "varchar", "day": "date",
                 "paid_amount": "decimal(18,2)", "declared_headcount": "integer", **EVIDENCE},
        tables={"benefit_payments": (*PAYMENT, "employer_id", "certifying_provider_id"),
                "contributions": ("employer_id", "period_start_date", "period_end_date",
                                  "declared_headcount")},
        sql=LEAVE_DAYS_SQL,
    ),
)  # fmt: skip
