"""Views about orders and agreements: what they were given for, and to whom."""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.employer_views import named_sql
from detectors.rulebook.shared_queries import CONTACT_ROLES, CONTACTS_SQL, in_set_sql
from detectors.rulebook.sources import View, row_key_sql

LINE_KEY = ("data_source", "claim_id", "claim_line_number", "person_id")
ROW = {"table_name": "varchar", "row_key": "varchar"}

# Every agreement (kind agreement), and the lines that name one not given to the person, or
# for another act, or to another provider than those of the line (kind line). The agreement a line
# names may be of anybody, so the two meet across persons.
AUTHORIZATION_USES_SQL = f"""
with named as (
    select l.*, p.organisation_id, {row_key_sql("claim_lines", "l")} as row_key
    from claim_lines l left join providers p on l.billing_provider_id = p.provider_id
    where l.paid_amount > 0 and not {placeholder_sql("l.authorization_id")})
select l.person_id, 'line' as kind, l.authorization_id, l.claim_line_start_date as service_date,
    l.procedure_code, l.billing_provider_id, l.rendering_provider_id, l.organisation_id,
    l.paid_amount, 'claim_lines' as table_name, l.row_key
from named l
where not exists (select 1 from authorizations a
    where a.authorization_id = l.authorization_id and a.person_id = l.person_id
        and coalesce(a.procedure_code = l.procedure_code, true)
        and (a.provider_id in (l.billing_provider_id, l.rendering_provider_id, l.organisation_id)
            or {placeholder_sql("a.provider_id")}))
union all
select person_id, 'agreement', authorization_id, valid_from_date, procedure_code,
    {named_sql("provider_id")}, null, null, 0, 'authorizations',
    {row_key_sql("authorizations", "a")}
from authorizations a
"""

# What providers with a member record of their own ordered of drugs that are controlled or dear,
# of equipment and of leave (kind order), beside those providers as members (kind orderer).
ORDERS_AT_HOME_SQL = f"""
with orderer as (
    select provider_id, {named_sql("person_id")} from providers
    where not {placeholder_sql("provider_id")} and not {placeholder_sql("person_id")}),
watched as (
    select c.drug_code from (select distinct drug_code from claim_lines
        where drug_code is not null) c
    where {in_set_sql("costly_drugs", "c.drug_code")}
        or c.drug_code in (select drug_code from drugs where is_controlled)),
ordered as (
    select l.person_id, l.ordering_provider_id, l.claim_line_start_date as order_date,
        coalesce(l.drug_code, l.procedure_code, l.claim_type) as item, l.paid_amount,
        'claim_lines' as table_name, {row_key_sql("claim_lines", "l")} as row_key
    from claim_lines l
    where l.paid_amount > 0 and l.ordering_provider_id in (select provider_id from orderer)
        and (l.claim_type = 'equipment' or l.drug_code in (select drug_code from watched))
    union all
    select b.person_id, b.certifying_provider_id, b.period_start_date, b.benefit_type,
        b.paid_amount, 'benefit_payments', {row_key_sql("benefit_payments", "b")}
    from benefit_payments b
    where b.paid_amount > 0 and b.benefit_type in ('sick_leave', 'work_accident')
        and b.certifying_provider_id in (select provider_id from orderer)),
homes as (
    select person_id, if({placeholder_sql("household_id")}, person_id, household_id) as home
    from members)
select o.person_id, 'order' as kind, coalesce(h.home, o.person_id) as home,
    o.ordering_provider_id, o.order_date, o.item, o.paid_amount, o.table_name, o.row_key
from ordered o left join homes h on o.person_id = h.person_id
union all
select h.person_id, 'orderer', h.home, o.provider_id, null, null, 0, 'members', h.person_id
from homes h join orderer o on h.person_id = o.person_id
"""

# Laboratory lines, and whether the person was seen by the orderer or its organisation in the half
# year before or the fortnight after; null where the orderer is not known.
LABORATORY_ORDERS_SQL = f"""
with contact as ({CONTACTS_SQL})
select l.person_id, {row_key_sql("claim_lines", "l")} as row_key,
    if(o.provider_id is null, null, exists (select 1 from contact c
        where c.person_id = l.person_id
        and c.provider_id in (l.ordering_provider_id, o.organisation_id)
        and c.service_date between l.claim_line_start_date - 183 and l.claim_line_start_date + 14))
        as seen
from claim_lines l join providers b on l.billing_provider_id = b.provider_id
left join providers o on l.ordering_provider_id = o.provider_id
    and not {placeholder_sql("o.provider_id")}
where l.paid_amount > 0 and b.specialty in (select specialty from (select distinct specialty
        from providers) s where {in_set_sql("laboratory_specialties", "s.specialty")})
"""

_ORDER = (*LINE_KEY, "claim_line_start_date", "ordering_provider_id", "paid_amount")
_CONTACT = (*_ORDER, *CONTACT_ROLES, "claim_type", "procedure_code")

ORDER_VIEWS = (
    View(
        "authorization_uses",
        date="service_date",
        amount="paid_amount",
        provider="billing_provider_id",
        columns={"person_id": "varchar", "kind": "varchar", "authorization_id": "varchar",
                 "service_date": "date", "procedure_code": "varchar",
                 "billing_provider_id": "varchar", "rendering_provider_id": "varchar",
                 "organisation_id": "varchar", "paid_amount": "decimal(18,2)", **ROW},
        tables={"claim_lines": (*LINE_KEY, "authorization_id", "claim_line_start_date",
                                "procedure_code", "billing_provider_id", "rendering_provider_id",
                                "paid_amount"),
                "authorizations": ("authorization_id", "person_id", "provider_id",
                                   "procedure_code", "valid_from_date"),
                "providers": ("provider_id", "organisation_id")},
        sql=AUTHORIZATION_USES_SQL,
    ),
    View(
        "orders_at_home",
        date="order_date",
        amount="paid_amount",
        provider="ordering_provider_id",
        columns={"person_id": "varchar", "kind": "varchar", "home": "varchar",
                 "ordering_provider_id": "varchar", "order_date": "date", "item": "varchar",
                 "paid_amount": "decimal(18,2)", **ROW},
        tables={"claim_lines": (*_ORDER, "claim_type", "procedure_code", "drug_code"),
                "benefit_payments": ("payment_id", "person_id", "benefit_type",
                                     "period_start_date", "paid_amount",
                                     "certifying_provider_id"),
                "members": ("person_id", "household_id"),
                "providers": ("provider_id", "person_id"),
                "drugs": ("drug_code", "is_controlled")},
        sql=ORDERS_AT_HOME_SQL,
    ),
    View(
        "laboratory_orders",
        columns={"person_id": "varchar", "row_key": "varchar", "seen": "boolean"},
        tables={"claim_lines": _CONTACT,
                "providers": ("provider_id", "organisation_id", "specialty")},
        sql=LABORATORY_ORDERS_SQL,
    ),
)  # fmt: skip
ORDERS_MAY_LACK = {
    "authorization_uses": ("providers",),
    "orders_at_home": ("claim_lines", "benefit_payments", "drugs"),
}
