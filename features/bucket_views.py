"""Views that several bucket programs build on: claim lines with what their codes say of them.

Times and places are facts of the model: an edition of a procedure holds from its effective date to
its deletion date, units are 1 where none are given.
"""

from __future__ import annotations

from datetime import date

CODE_COLUMNS = {
    "procedures": (
        "procedure_code",
        "effective_date",
        "deletion_date",
        "typical_minutes",
        "fee_amount",
    ),
    "drugs": ("drug_code", "is_controlled"),
    "code_sets": ("code_set", "code", "related_code", "value"),
    "areas": ("postal_code", "area", "latitude", "longitude"),
}

LINE_COLUMNS = (
    "data_source",
    "claim_id",
    "claim_line_number",
    "claim_type",
    "person_id",
    "card_present",
    "billing_provider_id",
    "rendering_provider_id",
    "ordering_provider_id",
    "claim_line_start_date",
    "claim_line_end_date",
    "service_start_time",
    "procedure_code",
    "procedure_modifier_1",
    "drug_code",
    "days_supply",
    "service_unit_quantity",
    "diagnosis_code_1",
    "charge_amount",
    "paid_amount",
)

# A family of levels: as listed, or codes that differ in their last character and in their fee, or
# in one other digit that climbs with the fee (four codes would do so by chance once in 24).
LEVELS = """
create temp table level_families as
with listed as (
  select code as procedure_code, related_code as family, max(value) as level
  from code_sets where code_set = 'service_levels' and value is not null group by all
), priced as (
  select procedure_code, max(fee_amount)::double as level, length(procedure_code) as size
  from procedures where fee_amount > 0 and length(procedure_code) > 1
    and not exists (select 1 from listed) group by all
), stems as (
  select procedure_code, level, place = size as is_last, substr(procedure_code, place, 1) as mark,
    left(procedure_code, place - 1) || '*' || substr(procedure_code, place + 1) as family
  from (select *, unnest(range(1, size + 1)) as place from priced)
), ranked as (
  select *, row_number() over (partition by family order by mark)
    = row_number() over (partition by family order by level, mark) as climbs
  from stems where is_last or mark between '0' and '9'
), inferred as (
  select *, count(distinct level) over (partition by family) as levels from ranked
  qualify levels >= 3 and (is_last or (levels >= 4 and bool_and(climbs) over (partition by family)))
), families as (
  select procedure_code, family, level from inferred
  qualify row_number() over (partition by procedure_code order by is_last desc, levels desc, family)
    = 1
  union all by name select * from listed
)
select procedure_code, family, percent_rank() over (partition by family order by level) as place
from families;
create temp table levels as
select procedure_code, max(place) >= 0.6 as high from level_families group by procedure_code;
"""

FAR_METRES = 50_000
"""Farther than daily care is from home."""

NIGHT = "(hour({time}) >= 22 or hour({time}) < 6)"

EDITIONS = """
create temp table editions as
select procedure_code, coalesce(effective_date, date '0001-01-01') as valid_from,
  max(coalesce(deletion_date, date '9999-12-31')) as valid_to, max(typical_minutes) as minutes
from procedures group by all;
create temp table controlled as
select distinct drug_code from drugs where is_controlled;
create temp table holidays as
select distinct try_cast(code as date) as day from code_sets where code_set = 'public_holidays';
"""

LINES = """
create temp table lines as
select l.*, (l.paid_amount * 100)::bigint as cents,
  (coalesce(l.charge_amount, l.paid_amount) * 100)::bigint as asked,
  coalesce(l.service_unit_quantity, 1) as units,
  case when l.claim_line_start_date < e.valid_to then
    round(e.minutes * greatest(coalesce(l.service_unit_quantity, 1), 0)
      / (1 + greatest(0, coalesce(l.claim_line_end_date, l.claim_line_start_date)
                         - l.claim_line_start_date)))::bigint end as minutes,
  v.high, c.drug_code is not null as is_controlled, h.day is not null as is_holiday
from claim_lines l
asof left join editions e on l.procedure_code = e.procedure_code
  and l.claim_line_start_date >= e.valid_from
left join levels v on l.procedure_code = v.procedure_code
left join controlled c on l.drug_code = c.drug_code
left join holidays h on l.claim_line_start_date = h.day;
"""

# Equirectangular distance: within 0.1 % of the great circle at the distances of daily care.
PLACES = """
create temp table member_places as
select m.person_id, coalesce(m.latitude, a.latitude) as lat,
  coalesce(m.longitude, a.longitude) as lon
from members m left join areas a on m.postal_code = a.postal_code;
create temp table provider_places as
select p.provider_id, coalesce(p.latitude, a.latitude) as lat,
  coalesce(p.longitude, a.longitude) as lon
from providers p left join areas a on p.postal_code = a.postal_code;
create macro metres_between(lat1, lon1, lat2, lon2) as
  round(6371000 * sqrt(pow(radians(lat2 - lat1), 2)
    + pow(radians(lon2 - lon1) * cos(radians((lat1 + lat2) / 2)), 2)))::bigint;
"""


def day(value: date) -> str:
    """A date as a DuckDB literal."""
    return f"date '{value.isoformat()}'"


def age_band(birth_date: str, start: date) -> str:
    """The age band of a birth date: tens of years at the start, 80 and above together."""
    years = f"least(date_diff('year', {birth_date}, {day(start)}) // 10 * 10, 80)"
    return f"case when {birth_date} <= {day(start)} then {years} end::varchar"


def named(identifier: str) -> str:
    """A condition that an id names someone: neither null nor a placeholder."""
    from claims.identifiers import placeholder_sql

    return f"not coalesce({placeholder_sql(identifier)}, true)"
