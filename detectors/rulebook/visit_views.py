"""Views about visits: what a first visit is billed as, and who comes back after a device."""

from __future__ import annotations

from detectors.rulebook.sources import View, row_key_sql

LINE_KEY = ("data_source", "claim_id", "claim_line_number", "person_id")

# The first day of a person with a biller, and the different acts of that day as one text.
FIRST_VISITS_SQL = """
with first as (
    select person_id, billing_provider_id, min(claim_line_start_date) as service_date
    from claim_lines where paid_amount > 0 group by person_id, billing_provider_id)
select f.person_id, f.billing_provider_id as provider_id, f.service_date,
    string_agg(distinct l.procedure_code, ' ' order by l.procedure_code) as plan,
    count(distinct l.procedure_code) as codes
from first f join claim_lines l on f.person_id = l.person_id
    and f.billing_provider_id = l.billing_provider_id
    and f.service_date = l.claim_line_start_date
where l.paid_amount > 0 and l.procedure_code is not null
group by f.person_id, f.billing_provider_id, f.service_date
"""

# A device of the set, and the first day after it on which the same biller saw the person again for
# an act that the set names for it.
DEVICE_FOLLOW_UPS_SQL = f"""
with device as (
    select l.person_id, l.billing_provider_id, l.claim_line_start_date,
        {row_key_sql("claim_lines", "l")} as row_key, rtrim(s.related_code, '*') as follow_up
    from claim_lines l join code_sets_at_hand s on s.code_set = 'devices_with_follow_up'
        and (l.procedure_code = s.code or l.procedure_code like s.pattern)
    where l.paid_amount > 0)
select d.person_id, d.row_key, min(f.claim_line_start_date) as follow_up_date
from device d left join claim_lines f on d.person_id = f.person_id
    and d.billing_provider_id = f.billing_provider_id
    and f.claim_line_start_date > d.claim_line_start_date
    and starts_with(f.procedure_code, d.follow_up)
group by d.person_id, d.row_key
"""

_ACT = (*LINE_KEY, "billing_provider_id", "claim_line_start_date", "procedure_code", "paid_amount")

VISIT_VIEWS = (
    View(
        "first_visits",
        date="service_date",
        columns={"person_id": "varchar", "provider_id": "varchar", "service_date": "date",
                 "plan": "varchar", "codes": "bigint"},
        tables={"claim_lines": _ACT},
        sql=FIRST_VISITS_SQL,
    ),
    View(
        "device_follow_ups",
        columns={"person_id": "varchar", "row_key": "varchar", "follow_up_date": "date"},
        tables={"claim_lines": _ACT},
        sql=DEVICE_FOLLOW_UPS_SQL,
    ),
)  # fmt: skip
