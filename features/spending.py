"""How a provider's money lies on its members, and where they were on the same day."""

from __future__ import annotations

from features.partials import Part

OCTAVE = 8
"""Bins of a member's sum to a doubling: within one, sums differ by 9 % at the most."""

FAR_METRES = 100_000
"""Two places of care on one day further apart than this are seldom one person's day."""

PRESENT = ("professional", "dental", "home_care")
"""Claim types for which the person is there. Places are those of individual practitioners only: an
organisation sends, or is in many places."""

SPENDING = """
create temp table spending as
select billing_provider_id, person_id, sum(cents) as cents from lines group by all;
"""

TRIPS = f"""
create temp table stops as
select l.person_id, l.claim_line_start_date as day, l.billing_provider_id, p.lat, p.lon,
  sum(l.cents) as cents
from lines l join provider_places p on l.billing_provider_id = p.provider_id
join providers o on l.billing_provider_id = o.provider_id
where l.claim_type in {PRESENT} and o.provider_type = 'individual' and p.lat is not null
group by all;
create temp table far_stops as
select distinct a.billing_provider_id, a.person_id, a.day from stops a join stops b
  on a.person_id = b.person_id and a.day = b.day and a.billing_provider_id <> b.billing_provider_id
where metres_between(a.lat, a.lon, b.lat, b.lon) > {FAR_METRES};
create temp table travellers as
select s.billing_provider_id, s.person_id, coalesce(bool_or(f.day is not null), false) as far,
  coalesce(sum(s.cents) filter (f.day is not null), 0) as cents
from stops s left join far_stops f on s.billing_provider_id = f.billing_provider_id
  and s.person_id = f.person_id and s.day = f.day
group by s.billing_provider_id, s.person_id;
"""

SPENDING_PARTS = (
    Part(
        "spending",
        f"floor({OCTAVE} * log2(l.cents))::int::varchar",
        table="spending",
        where="l.cents > 0",
    ),
    Part("travel", "case when l.far then 'far' else 'near' end", table="travellers"),
)
"""``spending``: members by the size of their sum; ``travel``: members by whether they ever were far
away on the day of a visit, with the money of these days."""
