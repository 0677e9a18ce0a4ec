"""Views about the people of an employer: their jobs, benefits that rest on them, their moves."""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.employer_views import COMPANIES_SQL, FILING, FIRM, ROW, named_sql
from detectors.rulebook.sources import Derived, Lookup, View, row_key_sql

PERSON = {"person_id": "varchar", "employer_id": "varchar"}
JOB = ("person_id", "employer_id", "start_date", "end_date", "status", "monthly_wage",
       "weekly_hours")  # fmt: skip
OPEN = "date '2999-12-31'"

# Benefits that a job opens; family and housing benefits say nothing of it.
EARNED = "('sick_leave', 'work_accident', 'maternity', 'disability', 'unemployment')"

JOBS_SQL = f"""
    select j.person_id, j.employer_id, j.start_date, coalesce(j.end_date, {OPEN}) as end_date,
        j.monthly_wage, j.weekly_hours, {row_key_sql("employments", "j")} as row_key,
        min(j.start_date) over (partition by j.person_id, j.employer_id) as hired_date,
        lag(j.monthly_wage) over (partition by j.person_id, j.employer_id
            order by j.start_date) as former_wage
    from employments j
    where coalesce(j.status, 'active') <> 'suspended' and not {placeholder_sql("j.employer_id")}
"""

# Who works for an employer (kind job), and what of the benefits they draw touches that work (kind
# benefit): the payment names the employer, overlaps the job, or follows the person's last job
# within a year.
WORKFORCE_SQL = f"""
with jobs as ({JOBS_SQL}),
marked as (
    select b.person_id, b.benefit_type, b.employer_id as named_employer_id, b.event_date,
        b.period_start_date as start_date, b.paid_amount,
        coalesce(b.period_end_date, b.period_start_date) as end_date,
        {row_key_sql("benefit_payments", "b")} as row_key,
        case when b.period_start_date <= max(coalesce(b.period_end_date, b.period_start_date))
            over (partition by b.person_id, b.benefit_type
                order by b.period_start_date, b.payment_id
                rows between unbounded preceding and 1 preceding) + 1 then 0 else 1 end as starts
    from benefit_payments b where b.paid_amount > 0),
numbered as (
    select *, sum(starts) over (partition by person_id, benefit_type
        order by start_date, row_key rows unbounded preceding) as number from marked),
paid as (
    select * exclude (starts, number, event_date), coalesce(min(event_date) over spell,
        min(start_date) over spell) as claim_date
    from numbered window spell as (partition by person_id, benefit_type, number)),
met as (
    select p.*, j.employer_id, min(j.hired_date) as hired_date,
        cast(least(max(date_diff('day', p.start_date, p.end_date) + 1), sum(greatest(0,
            date_diff('day', greatest(p.start_date, j.start_date), least(p.end_date, j.end_date))
            + 1))) as bigint) as worked_days,
        max(j.end_date) filter (j.start_date <= p.claim_date) as left_date,
        arg_max(struct_pack(w := j.monthly_wage, f := j.former_wage, d := j.start_date),
            j.start_date) filter (j.start_date <= p.claim_date) as pay
    from paid p join jobs j on p.person_id = j.person_id and j.start_date <= p.end_date
    group by all),
drawn as (
    select *, left_date = max(left_date) over (partition by row_key) as last_job from met
    union all by name
    select p.*, p.named_employer_id as employer_id, 0 as worked_days from paid p
    where not {placeholder_sql("p.named_employer_id")} and not exists (select 1 from met m
        where m.row_key = p.row_key and m.employer_id = p.named_employer_id)),
claims as (
    select person_id, employer_id, hired_date, min(claim_date) as claim_date from drawn
    where claim_date >= hired_date and benefit_type in {EARNED}
    group by person_id, employer_id, hired_date)
select 'benefit' as kind, d.person_id, d.employer_id, d.benefit_type, d.start_date, d.end_date,
    d.claim_date, d.hired_date, d.worked_days,
    date_diff('day', d.start_date, d.end_date) + 1 as days,
    coalesce(d.named_employer_id = d.employer_id, false) as names_employer,
    d.pay.w as monthly_wage, d.pay.f as former_wage, d.pay.d as wage_date, d.paid_amount,
    'benefit_payments' as table_name, d.row_key
from drawn d
where d.worked_days > 0 or (d.last_job and d.left_date >= d.claim_date - 365)
    or d.named_employer_id = d.employer_id
union all by name
select 'job' as kind, j.person_id, j.employer_id, j.start_date, j.end_date, c.claim_date,
    j.hired_date, j.monthly_wage, j.former_wage, j.start_date as wage_date,
    cast(0 as decimal(18,2)) as paid_amount, m.latitude as home_latitude,
    m.longitude as home_longitude, {named_sql("m.bank_account_id", "home_account_id")},
    'employments' as table_name, j.row_key
from jobs j left join members m on j.person_id = m.person_id
left join claims c on j.person_id = c.person_id and j.employer_id = c.employer_id
"""

# Each hire at a firm, with the firm it came from: of several the one that shares the director,
# address, phone or account with the new one, else the last.
MOVERS_SQL = f"""
with jobs as (
    select * from ({JOBS_SQL}) where start_date = hired_date),
firm as ({COMPANIES_SQL})
select j.person_id, j.employer_id, j.start_date, n.created_date,
    date_diff('day', n.created_date, j.start_date) as days_after_creation,
    p.employer_id as former_employer_id, p.end_date as former_end_date,
    f.closed_date as former_closed_date, f.unpaid as former_unpaid,
    case when n.director_person_id = f.director_person_id then 'director'
        when n.place = f.place then 'address' when n.phone = f.phone then 'phone'
        when n.bank_account_id = f.bank_account_id then 'bank account' end as tie,
    'employments' as table_name, j.row_key
from jobs j left join firm n on j.employer_id = n.employer_id
left join ({JOBS_SQL}) p on j.person_id = p.person_id and p.employer_id <> j.employer_id
    and p.start_date < j.start_date
left join firm f on p.employer_id = f.employer_id
qualify row_number() over (partition by j.row_key order by tie is null, p.end_date desc,
    p.employer_id) = 1
"""

# Days on which the same jobs are held together; a person's several contracts with one employer
# count as the longest of them, as renewals often overlap.
JOB_OVERLAPS_SQL = f"""
with jobs as (
    {JOBS_SQL}),
days as (
    select distinct person_id, day from (
        select person_id, start_date as day from jobs
        union all select person_id, end_date + 1 from jobs)),
spans as (
    select person_id, day as start_date,
        lead(day) over (partition by person_id order by day) - 1 as end_date from days),
held as (
    select s.person_id, s.start_date, s.end_date, j.employer_id, max(j.weekly_hours) as hours,
        max(j.start_date) as began, arg_max(
            struct_pack(k := j.row_key, w := coalesce(j.monthly_wage, 0)), j.start_date) as job
    from spans s join jobs j on s.person_id = j.person_id
        and j.start_date <= s.start_date and j.end_date >= s.end_date
    where s.end_date is not null group by all)
select person_id, start_date, end_date, sum(hours) as weekly_hours, count(hours) as employers,
    arg_max(job.w, row(began, job.k)) as wage, 'employments' as table_name,
    arg_max(job.k, row(began, job.k)) as row_key
from held group by person_id, start_date, end_date
"""

# A wage is money that opens benefits: it is what a false employment puts at stake.
EMPLOYMENTS = View(
    "employments",
    "employments",
    date="start_date",
    amount="wage",
    lookups={
        "member": Lookup("members", "person_id", "person_id"),
        "employer": Lookup("employers", "employer_id", "employer_id"),
    },
    derived={
        "wage": Derived("coalesce(r.monthly_wage, 0)", "decimal(18,2)", ("monthly_wage",)),
        "age": Derived(
            'cast(date_part(\'year\', age(r.start_date, "member"."birth_date")) as integer)',
            "integer",
            ("start_date", "member.birth_date"),
        ),
        "person_known": Derived(
            f'if({placeholder_sql("r.person_id")}, null, "member"."person_id" is not null)',
            "boolean",
            ("person_id", "member.person_id"),
        ),
    },
)

WORK_VIEWS = (
    EMPLOYMENTS,
    View(
        "workforce",
        date="start_date",
        amount="paid_amount",
        columns={**PERSON, "kind": "varchar", "benefit_type": "varchar", "start_date": "date",
                 "end_date": "date", "claim_date": "date", "hired_date": "date",
                 "worked_days": "bigint", "days": "bigint", "names_employer": "boolean",
                 "monthly_wage": "decimal(18,2)", "former_wage": "decimal(18,2)",
                 "wage_date": "date", "paid_amount": "decimal(18,2)",
                 "home_latitude": "double", "home_longitude": "double",
                 "home_account_id": "varchar", **ROW},
        tables={"employments": JOB,
                "benefit_payments": ("payment_id", "person_id", "benefit_type", "employer_id",
                                     "event_date", "period_start_date", "period_end_date",
                                     "paid_amount"),
                "members": ("person_id", "latitude", "longitude", "bank_account_id")},
        sql=WORKFORCE_SQL,
    ),
    View(
        "movers",
        date="start_date",
        columns={**PERSON, "start_date": "date", "created_date": "date",
                 "days_after_creation": "bigint", "former_employer_id": "varchar",
                 "former_end_date": "date", "former_closed_date": "date",
                 "former_unpaid": "decimal(38,2)", "tie": "varchar", **ROW},
        tables={"employments": JOB, "employers": FIRM, "contributions": FILING},
        sql=MOVERS_SQL,
    ),
    View(
        "job_overlaps",
        date="start_date",
        until="end_date",
        amount="wage",
        columns={"person_id": "varchar", "start_date": "date", "end_date": "date",
                 "weekly_hours": "double", "employers": "bigint", "wage": "decimal(18,2)", **ROW},
        tables={"employments": JOB},
        sql=JOB_OVERLAPS_SQL,
    ),
)  # fmt: skip
