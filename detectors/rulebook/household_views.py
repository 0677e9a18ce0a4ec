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
)  # fmt: skip
