"""DuckDB queries of the shared views, over the net rows at hand.

``code_sets_at_hand`` holds the code sets; see code_sets.py.
"""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.sources import row_key_sql


def in_set_sql(set_name: str, code: str) -> str:
    """Whether a code is of a set, as an SQL condition."""
    return (
        f"exists (select 1 from code_sets_at_hand s where s.code_set = '{set_name}'"
        f" and (s.code = {code} or {code} like s.pattern))"
    )


STAY_TYPES = {
    "acute": "acute_bill_types",
    "nursing": "nursing_bill_types",
    "hospice": "hospice_bill_types",
    "hospital_at_home": "hospital_at_home_types",
}
_BILL_TYPE = "ltrim(b.bill_type_code, '0')"

_KINDS = " ".join(
    f"when {in_set_sql(name, _BILL_TYPE)} then '{kind}'" for kind, name in STAY_TYPES.items()
)

# An institutional line with admission and discharge but without a bill type counts as acute. A
# stay that is not closed lasts to the last day billed. Spells of one facility that touch are one.
STAYS_SQL = f"""
with kinds as (
    select b.bill_type_code, case
        {_KINDS}
        end as stay_type
    from (select distinct bill_type_code from claim_lines
          where claim_type = 'institutional' and bill_type_code is not null) b),
claims as (
    select l.person_id, coalesce(l.facility_provider_id, l.billing_provider_id) as facility_id,
        case when l.bill_type_code is null then 'acute' else k.stay_type end as stay_type,
        l.admission_date,
        max(greatest(coalesce(l.discharge_date, l.admission_date),
            coalesce(l.claim_line_end_date, l.admission_date))) as end_date,
        min({row_key_sql("claim_lines", "l")}) as row_key
    from claim_lines l left join kinds k on l.bill_type_code = k.bill_type_code
    where l.claim_type = 'institutional' and l.admission_date is not null and l.paid_amount > 0
    group by all),
marked as (
    select *, case when admission_date <= max(end_date) over (spell rows between unbounded preceding
        and 1 preceding) then 0 else 1 end as starts
    from claims where stay_type is not null
    window spell as (partition by person_id, facility_id, stay_type
        order by admission_date, end_date, row_key)),
numbered as (
    select *, sum(starts) over (partition by person_id, facility_id, stay_type
        order by admission_date, end_date, row_key) as number from marked)
select person_id, facility_id, stay_type, min(admission_date) as admission_date,
    max(end_date) as end_date, 'claim_lines' as table_name, min(row_key) as row_key
from numbered group by person_id, facility_id, stay_type, number
"""

CONTACT_ROLES = ("rendering_provider_id", "billing_provider_id")

CONTACTS_SQL = f"""
with laboratory as (
    select c.code from (select distinct procedure_code as code from claim_lines
        where procedure_code is not null) c where {in_set_sql("laboratory_codes", "c.code")}),
seen as (
    select l.person_id, l.claim_line_start_date as service_date, l.rendering_provider_id,
        l.billing_provider_id, {row_key_sql("claim_lines", "l")} as row_key
    from claim_lines l
    where l.claim_type not in ('pharmacy', 'equipment', 'transport') and l.paid_amount > 0
        and (l.procedure_code is null or l.procedure_code not in (select code from laboratory))),
named as (
    {
    " union all ".join(
        f"select person_id, service_date, {role} as provider_id, row_key from seen"
        for role in CONTACT_ROLES
    )
}),
known as (
    select n.*, p.organisation_id, p.specialty from named n
    left join providers p on n.provider_id = p.provider_id where n.provider_id is not null)
select person_id, provider_id, service_date, min(specialty) as specialty,
    'claim_lines' as table_name, min(row_key) as row_key
from (select person_id, provider_id, service_date, specialty, row_key from known
      union all select person_id, organisation_id, service_date, specialty, row_key from known
      where organisation_id is not null)
where not {placeholder_sql("provider_id")}
group by person_id, provider_id, service_date
"""

EPISODES_SQL = f"""
with paid as (
    select person_id, benefit_type, employer_id, period_start_date as start_date,
        coalesce(period_end_date, period_start_date) as end_date, event_date,
        certifying_provider_id, paid_amount, {row_key_sql("benefit_payments", "b")} as row_key
    from benefit_payments b where paid_amount > 0),
marked as (
    select *, case when start_date <= max(end_date) over (spell rows between unbounded preceding
        and 1 preceding) + 1 then 0 else 1 end as starts
    from paid window spell as (partition by person_id, benefit_type, employer_id
        order by start_date, end_date, row_key)),
numbered as (
    select *, sum(starts) over (partition by person_id, benefit_type, employer_id
        order by start_date, end_date, row_key) as number from marked)
select person_id, benefit_type, employer_id, min(start_date) as start_date,
    max(end_date) as end_date, date_diff('day', min(start_date), max(end_date)) + 1 as days,
    min(event_date) as event_date,
    arg_min(certifying_provider_id, row(start_date, row_key)) as certifying_provider_id,
    sum(paid_amount) as paid_amount, 'benefit_payments' as table_name, min(row_key) as row_key
from numbered group by person_id, benefit_type, employer_id, number
"""

SPANS_SQL = """
with held as (
    select person_id, programme, coverage_start_date as start_date,
        coalesce(coverage_end_date, date '2999-12-31') as end_date, data_source
    from eligibility where status is null or status = 'active'),
marked as (
    select *, case when start_date <= max(end_date) over (spell rows between unbounded preceding
        and 1 preceding) + 1 then 0 else 1 end as starts
    from held window spell as (partition by person_id, programme order by start_date, end_date)),
numbered as (
    select *, sum(starts) over (partition by person_id, programme order by start_date, end_date)
        as number from marked)
select person_id, programme, min(start_date) as start_date, max(end_date) as end_date,
    arg_max(data_source, start_date) as data_source
from numbered group by person_id, programme, number
"""

DIAGNOSES_SQL = f"""
select distinct person_id, service_date, diagnosis_code, claim_type, row_key from (
    select person_id, claim_line_start_date as service_date, claim_type,
        {row_key_sql("claim_lines", "l")} as row_key,
        unnest([diagnosis_code_1, diagnosis_code_2, diagnosis_code_3, diagnosis_code_4,
            diagnosis_code_5]) as diagnosis_code
    from claim_lines l)
where diagnosis_code is not null and diagnosis_code <> ''
"""

LEDGER_SQL = f"""
select l.person_id, 'claim_lines' as table_name, {row_key_sql("claim_lines", "l")} as row_key,
    l.claim_line_start_date as entry_date, l.paid_amount, l.billing_provider_id as provider_id,
    case when p.bank_account_id = l.payee_account_id then null else l.payee_account_id end
        as account_id, m.household_id, coalesce(l.procedure_code, l.drug_code) as kind,
    l.claim_type, l.data_source
from claim_lines l left join members m on l.person_id = m.person_id
left join providers p on l.billing_provider_id = p.provider_id
where l.paid_amount > 0
union all
select b.person_id, 'benefit_payments', {row_key_sql("benefit_payments", "b")},
    b.period_start_date, b.paid_amount, null, b.bank_account_id, m.household_id, b.benefit_type,
    null, b.data_source
from benefit_payments b left join members m on b.person_id = m.person_id
where b.paid_amount > 0
"""

STAFF_SQL = """
select person_id, employer_id, start_date, coalesce(end_date, date '2999-12-31') as end_date,
    monthly_wage
from employments where coalesce(status, 'active') <> 'suspended'
union all
select person_id, employer_id, period_start_date, coalesce(period_end_date, period_start_date),
    null
from benefit_payments
where employer_id is not null and paid_amount > 0
    and benefit_type in ('sick_leave', 'maternity', 'work_accident', 'short_time_work')
"""

MEMBERS_PAID_SQL = f"""
with paid as (
    select person_id, claim_line_start_date as entry_date, paid_amount from claim_lines
    union all select person_id, period_start_date, paid_amount from benefit_payments)
select m.person_id, m.national_id, m.household_id, m.birth_date, m.postal_code,
    min(p.entry_date) as first_paid_date, max(p.entry_date) as last_paid_date,
    sum(p.paid_amount) as paid_amount, 'members' as table_name, m.person_id as row_key
from members m join paid p on m.person_id = p.person_id
where p.paid_amount > 0 and not {placeholder_sql("m.national_id")}
group by all
"""

QUERIES = {
    "stays": STAYS_SQL,
    "contacts": CONTACTS_SQL,
    "episodes": EPISODES_SQL,
    "spans": SPANS_SQL,
    "diagnoses": DIAGNOSES_SQL,
    "ledger": LEDGER_SQL,
    "staff": STAFF_SQL,
    "members_paid": MEMBERS_PAID_SQL,
}
