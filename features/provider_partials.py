"""Partial sums of providers in a member bucket: as billers, at work, ordering and certifying."""

from __future__ import annotations

from datetime import date

from features.bucket_views import (
    CODE_COLUMNS,
    EDITIONS,
    LEVELS,
    LINE_COLUMNS,
    LINES,
    PLACES,
    day,
    named,
)
from features.case_mix import CASE_TABLES, cell_counts, expected_values
from features.day_series import middle_of
from features.employer_profiles import LEAVE
from features.provider_sums import (
    BILLED,
    CERTIFIED,
    OF_HISTORY,
    OF_LINES,
    OF_PAIRS,
    ORDERED,
    SMALL,
)

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": tuple(
        dict.fromkeys((*LINE_COLUMNS, "service_end_time", *CASE_TABLES["claim_lines"]))
    ),
    "claim_lines_history": (
        "claim_id",
        "billing_provider_id",
        "claim_line_start_date",
        "adjustment_type",
        "claim_status",
    ),
    "benefit_payments": (
        "payment_id",
        "person_id",
        "benefit_type",
        "entitlement_id",
        "event_date",
        "period_start_date",
        "period_end_date",
        "paid_amount",
        "certifying_provider_id",
    ),
    "members": ("person_id", "sex", "birth_date", "postal_code", "latitude", "longitude"),
    "providers": (
        "provider_id",
        "provider_type",
        "specialty",
        "postal_code",
        "latitude",
        "longitude",
    ),
    **CODE_COLUMNS,
}

KEYED = {
    "day": ("claim_line_start_date::varchar", "count(distinct person_id)"),
    "code": ("coalesce(procedure_code, drug_code)", "0"),
    "type": ("claim_type", "0"),
    "diagnosis": ("diagnosis_code_1", "0"),
    "orderer": ("ordering_provider_id", "0"),
}
"""By part, the key of a line and the weight; an orderer must be named."""


def provider_partials(start: date, end: date) -> tuple[str, ...]:
    """Statements of a bucket, the last of which gives rows of ``features.partials.SCHEMA``.

    They need the frame ``case_rates`` (``features.case_mix``).
    """
    within = f"between {day(start)} and {day(end)}"
    return (
        "create temp table first_seen as select billing_provider_id, person_id,"
        " min(claim_line_start_date) as first_date from claim_lines group by all",
        f"delete from claim_lines where claim_line_start_date not {within}",
        f"delete from claim_lines_history where claim_line_start_date not {within}",
        f"delete from benefit_payments where period_start_date not {within}",
        LEVELS,
        EDITIONS,
        LINES,
        PLACES,
        _NAMED,
        _pairs(day(middle_of(start, end))),
        cell_counts(start),
        expected_values(),
        _WORKERS,
        _ORDERS,
        _certificates(end),
        _rows(),
    )


# Ids are tested once each: a pattern over every row would cost more than the sums.
_NAMED = f"""
create temp table named_ids as
select id from (
  select billing_provider_id as id from claim_lines
  union select ordering_provider_id from claim_lines
  union select rendering_provider_id from claim_lines
  union select billing_provider_id from claim_lines_history
  union select certifying_provider_id from benefit_payments
) where {named("id")};
"""

_WORKERS = """
create temp table workers as
select rendering_provider_id, billing_provider_id, coalesce(n.id,
  case when p.provider_type = 'individual' then billing_provider_id end) as worker
from (select distinct rendering_provider_id, billing_provider_id from lines where minutes > 0) l
left join named_ids n on l.rendering_provider_id = n.id
left join providers p on l.billing_provider_id = p.provider_id;
"""

_ORDERS = """
create temp table orders as
select ordering_provider_id, billing_provider_id, person_id, claim_type = 'pharmacy' as pharmacy,
  count(*) as lines, sum(cents)::bigint as cents, count(drug_code) as drugs,
  count(*) filter (is_controlled) as controlled
from lines where ordering_provider_id <> billing_provider_id group by all;
"""


def _pairs(middle: str) -> str:
    return f"""
create temp table pairs as
select l.billing_provider_id, l.person_id, count(*) as lines, sum(l.cents) as cents,
  count(distinct l.claim_line_start_date) as days, count(*) filter ({SMALL}) as small,
  any_value(f.first_date) >= {middle} as is_new,
  any_value(metres_between(m.lat, m.lon, p.lat, p.lon)) as metres,
  count(any_value(n.id)) over (partition by l.person_id, coalesce(any_value(k.specialty), '')) > 1
    as is_shared
from lines l
left join named_ids n on l.billing_provider_id = n.id
join first_seen f using (billing_provider_id, person_id)
left join member_places m on l.person_id = m.person_id
left join provider_places p on l.billing_provider_id = p.provider_id
left join providers k on l.billing_provider_id = k.provider_id
group by l.billing_provider_id, l.person_id;
"""


def _certificates(end: date) -> str:
    leave = ", ".join(f"'{name}'" for name in LEAVE)
    return f"""
create temp table certificates as
select certifying_provider_id, person_id, coalesce(entitlement_id, payment_id) as spell,
  (paid_amount * 100)::bigint as cents, isodow(event_date) = 1 as is_monday,
  greatest(0, least(coalesce(period_end_date, period_start_date), {day(end)})
    - period_start_date + 1) as days
from benefit_payments where benefit_type in ({leave}) and certifying_provider_id is not null;
"""


def _rows() -> str:
    keys = [
        f"select billing_provider_id, '{part}', {key}, count(*), sum(cents), {weight}, null"
        f" from lines where {key} is not null group by billing_provider_id, {key}"
        for part, (key, weight) in KEYED.items()
    ]
    suppliers = [
        f"select ordering_provider_id, '{part}', billing_provider_id, sum(lines), sum(cents), 0,"
        f" null from orders where {which} pharmacy group by all"
        for part, which in (("pharmacy", ""), ("supplier", "not"))
    ]
    return f"""
with of_lines as (
  select billing_provider_id, {OF_LINES.columns} from lines l group by all
), of_pairs as (
  select billing_provider_id, {OF_PAIRS.columns} from pairs group by all
), of_history as (
  select billing_provider_id, {OF_HISTORY.columns} from claim_lines_history group by all
), of_orders as (
  select ordering_provider_id, {ORDERED.columns} from orders group by all
), of_certificates as (
  select certifying_provider_id, {CERTIFIED.columns} from certificates group by all
), parts(subject_id, part, key, lines, cents, weight, totals) as (
  select billing_provider_id, 'total', null, null, null, null, {BILLED.made}
  from of_lines full join of_pairs using (billing_provider_id)
  full join of_history using (billing_provider_id)
  left join expected using (billing_provider_id)
  union all
  select ordering_provider_id, 'ordered', null, null, null, null, {ORDERED.made} from of_orders
  union all
  select certifying_provider_id, 'certified', null, null, null, null, {CERTIFIED.made}
  from of_certificates
  union all
  {" union all ".join((*keys, *suppliers))}
  union all
  select w.worker, 'work', l.claim_line_start_date::varchar, count(*), sum(l.cents),
    sum(l.minutes), null
  from lines l join workers w on l.billing_provider_id = w.billing_provider_id
    and l.rendering_provider_id is not distinct from w.rendering_provider_id
  where l.minutes > 0 and w.worker is not null group by all
  union all
  select distinct l.billing_provider_id, 'specialty', p.specialty, 0, 0, 0, null
  from pairs l join providers p on l.billing_provider_id = p.provider_id
  where p.specialty is not null
)
select p.* from parts p semi join named_ids n on p.subject_id = n.id
where part not in ('orderer', 'pharmacy', 'supplier') or key in (select id from named_ids)
"""
