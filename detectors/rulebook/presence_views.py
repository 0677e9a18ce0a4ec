"""Where people who treat others were: their own work beside their own leave and stays."""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.shared_queries import EPISODES_SQL, STAYS_SQL
from detectors.rulebook.sources import View, row_key_sql

# A practice's own member record ties its leave, which lies with its person, to lines of its
# patients, which lie with theirs: both are rows of the provider and a day. Days of a leave or stay
# leave out its first and last one, on which work is possible.
PRESENCE_SQL = f"""
with known as (
    select provider_id, person_id from providers
    where provider_type = 'individual' and not {placeholder_sql("provider_id")}
        and not {placeholder_sql("person_id")}),
away as (
    select person_id, benefit_type as kind, start_date, end_date, table_name, row_key
    from ({EPISODES_SQL})
    union all select person_id, 'stay', admission_date, end_date, table_name, row_key
    from ({STAYS_SQL}) where stay_type = 'acute')
select l.person_id, k.provider_id, 'line' as kind, l.claim_line_start_date as service_date,
    l.paid_amount, l.claim_type, l.procedure_code, l.place_of_service_code,
    concat_ws(' ', l.procedure_modifier_1, l.procedure_modifier_2, l.procedure_modifier_3,
        l.procedure_modifier_4) as modifiers,
    'claim_lines' as table_name, {row_key_sql("claim_lines", "l")} as row_key
from claim_lines l join known k
    on coalesce(l.rendering_provider_id, l.billing_provider_id) = k.provider_id
where l.paid_amount > 0
union all by name
select a.person_id, k.provider_id, a.kind, cast(unnest(generate_series(a.start_date + 1,
        a.end_date - 1, interval 1 day)) as date) as service_date,
    cast(0 as decimal(18,2)) as paid_amount, a.table_name, a.row_key
from away a join known k on a.person_id = k.person_id
"""

PRESENCE_VIEWS = (
    View(
        "presence",
        date="service_date",
        amount="paid_amount",
        provider="provider_id",
        columns={"person_id": "varchar", "provider_id": "varchar", "kind": "varchar",
                 "service_date": "date", "paid_amount": "decimal(18,2)", "claim_type": "varchar",
                 "procedure_code": "varchar", "place_of_service_code": "varchar",
                 "modifiers": "varchar", "table_name": "varchar", "row_key": "varchar"},
        tables={"providers": ("provider_id", "provider_type", "person_id"),
                "claim_lines": ("data_source", "claim_id", "claim_line_number", "person_id",
                                "claim_type", "bill_type_code", "admission_date",
                                "discharge_date", "claim_line_start_date", "claim_line_end_date",
                                "facility_provider_id", "rendering_provider_id",
                                "billing_provider_id", "procedure_code", "place_of_service_code",
                                *(f"procedure_modifier_{n}" for n in range(1, 5)),
                                "paid_amount"),
                "benefit_payments": ("payment_id", "person_id", "benefit_type",
                                     "period_start_date", "period_end_date", "paid_amount",
                                     "employer_id", "event_date", "certifying_provider_id")},
        sql=PRESENCE_SQL,
    ),
)  # fmt: skip
