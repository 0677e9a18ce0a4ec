"""Views about people who live together, and about what ties a member to a provider."""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.employer_views import named_sql
from detectors.rulebook.sources import View, row_key_sql

EVIDENCE = {"table_name": "varchar", "row_key": "varchar"}
OPEN = "date '2999-12-31'"

# Everybody in their household (kind member), what they declared of it (kind declaration: it holds
# until the next one) and which benefits they draw (kind benefit, from the first to the last
# payment). The household is the payer's own number of it, else the address.
HOUSEHOLDS_SQL = f"""
with sized as (
    select d.person_id, d.period_start_date as start_date, d.declared_household_size,
        coalesce(d.period_end_date, lead(d.period_start_date) over own - 1, {OPEN}) as end_date,
        {row_key_sql("declarations", "d")} as row_key,
        last_value(d.declared_household_size) over (own
            rows between unbounded preceding and unbounded following) as declared_size
    from declarations d where d.declared_household_size is not null
    window own as (partition by d.person_id order by d.period_start_date, d.declaration_id)),
latest as (
    select person_id, any_value(declared_size) as declared_size from sized group by person_id),
drawn as (
    select b.person_id, b.benefit_type, min(b.period_start_date) as start_date,
        max(b.period_start_date) as end_date,
        count(distinct date_trunc('month', b.period_start_date)) as months,
        min({row_key_sql("benefit_payments", "b")}) as row_key
    from benefit_payments b where b.paid_amount > 0 group by b.person_id, b.benefit_type),
listed as (
    select person_id, 'member' as kind, death_date as start_date, death_date as end_date,
        'members' as table_name, person_id as row_key from members
    union all by name
    select person_id, 'declaration' as kind, start_date, end_date, declared_household_size,
        'declarations' as table_name, row_key from sized
    union all by name
    select person_id, 'benefit' as kind, start_date, end_date, benefit_type, months,
        'benefit_payments' as table_name, row_key from drawn),
homes as (
    select m.person_id, m.birth_date, m.death_date, {named_sql("m.household_id")},
        {named_sql("m.national_id")}, {named_sql("m.phone")}, {named_sql("m.email")},
        {named_sql("m.bank_account_id")},
        if({placeholder_sql("m.address")}, null, lower(regexp_replace(
            strip_accents(trim(m.address)), '[^[:alnum:]]+', ' ', 'g')) || ' ' || m.postal_code)
            as place
    from members m)
select l.*, h.* exclude (person_id), coalesce(h.household_id, h.place) as household,
    h.household_id is null as by_address, s.declared_size
from listed l join homes h on l.person_id = h.person_id
left join latest s on l.person_id = s.person_id
"""

# Family benefits of a parent, with all the children he or she is known to have. A declaration of
# the family situation within the year before says that the payer was told who has custody.
PARENTS_PAID_SQL = f"""
with children as (
    select r.person_id, string_agg(distinct r.related_person_id, ' '
            order by r.related_person_id) as children,
        count(distinct r.related_person_id) as number_of_children
    from relationships r
    where r.relation = 'parent' and not {placeholder_sql("r.related_person_id")}
    group by r.person_id)
select b.person_id, b.payment_id, b.benefit_type, b.period_start_date, b.paid_amount,
    coalesce(b.period_end_date, b.period_start_date) as period_end,
    c.children, c.number_of_children, m.household_id,
    exists (select 1 from declarations d where d.person_id = b.person_id
        and d.declaration_type = 'family_situation' and d.period_start_date between
            b.period_start_date - 365 and b.period_start_date) as situation_declared,
    'benefit_payments' as table_name, {row_key_sql("benefit_payments", "b")} as row_key
from benefit_payments b join children c on b.person_id = c.person_id
join (select person_id, {named_sql("m.household_id")} from members m) m
    on b.person_id = m.person_id
where b.benefit_type in ('family', 'lone_parent') and b.paid_amount > 0
"""

HOUSEHOLD_VIEWS = (
    View(
        "households",
        columns={"person_id": "varchar", "kind": "varchar", "start_date": "date",
                 "end_date": "date", "declared_household_size": "integer",
                 "benefit_type": "varchar", "months": "bigint", "birth_date": "date",
                 "death_date": "date", "household_id": "varchar", "national_id": "varchar",
                 "phone": "varchar", "email": "varchar", "bank_account_id": "varchar",
                 "place": "varchar", "household": "varchar", "by_address": "boolean",
                 "declared_size": "integer", **EVIDENCE},
        tables={"members": ("person_id", "birth_date", "death_date", "household_id",
                            "national_id", "phone", "email", "bank_account_id", "address",
                            "postal_code"),
                "benefit_payments": ("payment_id", "person_id", "benefit_type",
                                     "period_start_date", "paid_amount"),
                "declarations": ("declaration_id", "person_id", "period_start_date",
                                 "period_end_date", "declared_household_size")},
        sql=HOUSEHOLDS_SQL,
    ),
    View(
        "parents_paid",
        date="period_start_date",
        amount="paid_amount",
        columns={"person_id": "varchar", "payment_id": "varchar", "benefit_type": "varchar",
                 "period_start_date": "date", "period_end": "date",
                 "paid_amount": "decimal(18,2)", "children": "varchar",
                 "number_of_children": "bigint", "household_id": "varchar",
                 "situation_declared": "boolean", **EVIDENCE},
        tables={"relationships": ("person_id", "related_person_id", "relation"),
                "members": ("person_id", "household_id"),
                "benefit_payments": ("payment_id", "person_id", "benefit_type",
                                     "period_start_date", "period_end_date", "paid_amount"),
                "declarations": ("person_id", "declaration_type", "period_start_date")},
        sql=PARENTS_PAID_SQL,
    ),
)  # fmt: skip
