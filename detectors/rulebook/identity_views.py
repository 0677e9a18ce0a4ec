"""Views about who a person is: several ids of one person, and cards that others hold.

A person's other id, or the holder of the card, may lie in any bucket, so their rules are pairs
whose key crosses persons: these views keep only what such a key needs.
"""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.account_views import real_sql, spelt_sql
from detectors.rulebook.employer_views import named_sql
from detectors.rulebook.sources import View, row_key_sql, service_mark_sql

_PLACE = (
    f"if({placeholder_sql('m.address')}, null, {spelt_sql('m.address')} || ' ' || m.postal_code)"
)
_DIGITS = "regexp_replace(m.phone, '[^0-9]', '', 'g')"
_PHONE = f"if({placeholder_sql('m.phone')} or length({_DIGITS}) < 6, null, right({_DIGITS}, 9))"
_EMAIL = f"if({placeholder_sql('m.email')}, null, lower(trim(m.email)))"

# Paid persons, one row each way in which two of them may be tied: the national number (number), the
# date of birth with the address or, where that is unknown, the phone (birth), and phone and email.
IDENTITIES_SQL = f"""
with lines as (
    select l.person_id, l.claim_line_start_date as entry_date, l.paid_amount,
        coalesce(l.procedure_code, l.drug_code) as kind,
        if(l.charge_amount > 0 and coalesce(l.procedure_code, l.drug_code) is not null
            and not {placeholder_sql("l.billing_provider_id")}, {service_mark_sql("l")}, null)
            as service,
        cast(null as date) as benefit_date
    from claim_lines l where l.paid_amount > 0),
entries as (
    select * from lines
    union all
    select person_id, period_start_date, paid_amount, benefit_type, null, period_start_date
    from benefit_payments
    where paid_amount > 0),
paid as (
    select person_id, min(entry_date) as first_paid_date, max(entry_date) as last_paid_date,
        sum(paid_amount) as paid_amount, min(benefit_date) as first_benefit_date,
        string_agg(distinct kind, ',' order by kind) as kinds,
        string_agg(distinct service, ',' order by service) as services
    from entries group by person_id),
people as (
    select m.person_id, {spelt_sql("m.first_name")} as given_name,
        {spelt_sql("m.last_name")} as family_name, m.birth_date, m.sex,
        {named_sql("m.national_id")},
        coalesce({real_sql("m.household_id")}, m.person_id) as household,
        {_PLACE} as place, {_PHONE} as phone, {_EMAIL} as email
    from members m),
ties as (
    select person_id, 'number' as tie, national_id as tie_value from people
    union all
    select person_id, 'birth', cast(birth_date as varchar) || ' ' || coalesce(place, phone)
    from people
    union all select person_id, 'phone', phone from people
    union all select person_id, 'email', email from people)
select t.tie, t.tie_value, p.* exclude (place, phone, email), d.* exclude (person_id),
    'members' as table_name, p.person_id as row_key
from ties t join people p on t.person_id = p.person_id join paid d on t.person_id = d.person_id
where t.tie_value is not null and t.tie_value <> ''
"""

# Lines read with a card that is not one of the person's own (role use), and every card (holder).
CARD_USES_SQL = f"""
with people as (
    select m.person_id, m.birth_date, {named_sql("m.household_id")} from members m),
rows as (
    select 'use' as role, l.person_id, l.card_id, l.claim_line_start_date as entry_date,
        l.paid_amount, l.billing_provider_id as provider_id, 'claim_lines' as table_name,
        {row_key_sql("claim_lines", "l")} as row_key
    from claim_lines l
    where l.paid_amount > 0 and not exists (select 1 from cards c
        where c.card_id = l.card_id and c.person_id = l.person_id)
    union all
    select 'holder', c.person_id, c.card_id, c.issued_date, cast(0 as decimal(18,2)), null,
        'cards', {row_key_sql("cards", "c")}
    from cards c)
select r.*, p.household_id,
    cast(date_part('year', age(r.entry_date, p.birth_date)) as integer) as age
from rows r left join people p on r.person_id = p.person_id
where not {placeholder_sql("r.card_id")} and not {placeholder_sql("r.person_id")}
"""

_LINE = ("data_source", "claim_id", "claim_line_number", "person_id", "claim_line_start_date",
         "paid_amount", "billing_provider_id")  # fmt: skip
_ROW = {"person_id": "varchar", "paid_amount": "decimal(18,2)", "table_name": "varchar",
        "row_key": "varchar"}  # fmt: skip

IDENTITY_VIEWS = (
    View(
        "identities",
        date="last_paid_date",
        amount="paid_amount",
        columns={**_ROW, "paid_amount": "decimal(38,2)", "tie": "varchar",
                 "tie_value": "varchar", "given_name": "varchar", "family_name": "varchar",
                 "birth_date": "date", "sex": "varchar",
                 "national_id": "varchar", "household": "varchar", "first_paid_date": "date",
                 "last_paid_date": "date", "first_benefit_date": "date", "kinds": "varchar",
                 "services": "varchar"},
        tables={"members": ("person_id", "first_name", "last_name", "birth_date", "sex",
                            "national_id", "household_id", "address", "postal_code", "phone",
                            "email"),
                "claim_lines": (*_LINE, "procedure_code", "drug_code", "charge_amount"),
                "benefit_payments": ("payment_id", "person_id", "benefit_type",
                                     "period_start_date", "paid_amount")},
        sql=IDENTITIES_SQL,
    ),
    View(
        "card_uses",
        date="entry_date",
        amount="paid_amount",
        provider="provider_id",
        columns={**_ROW, "role": "varchar", "card_id": "varchar", "entry_date": "date",
                 "provider_id": "varchar", "household_id": "varchar", "age": "integer"},
        tables={"claim_lines": (*_LINE, "card_id"),
                "cards": ("card_id", "person_id", "issued_date"),
                "members": ("person_id", "birth_date", "household_id")},
        sql=CARD_USES_SQL,
    ),
)  # fmt: skip
IDENTITIES_MAY_LACK = {"identities": ("claim_lines", "benefit_payments")}
