"""How a provider's money lies on its members, and where they were on the same day."""

from __future__ import annotations

from features.partials import Part

OCTAVE = 8
"""Bins of a member's sum to a doubling: within one, sums differ by 9 % at the most."""

FAR_METRES = 100_000
"""Two places of care on one day further apart than this are seldom one person's day."""

PRESENT = ("professional", "dental", "home_care")
"""Claim types for which the person is there; a pharmacy or laboratory sends."""

SPENDING = """
create temp table spending as
select billing_provider_id, person_id, sum(cents) as cents from lines group by all;
"""

TRIPS = f"""
create temp table stops as
select l.person_id, l.claim_line_start_date as day, l.billing_provider_id, p.lat, p.lon,
  count(*) as lines, sum(l.cents) as cents
from lines l join provider_places p on l.billing_provider_id = p.provider_id
where l.claim_type in {PRESENT} and p.lat is not null group by all;
create temp table far_stops as
select distinct a.billing_provider_id, a.person_id, a.day from stops a join stops b
  on a.person_id = b.person_id and a.day = b.day and a.billing_provider_id <> b.billing_provider_id
where metres_between(a.lat, a.lon, b.lat, b.lon) > {FAR_METRES};
"""

SPENDING_PARTS = (
    Part(
        "spending",
        f"floor({OCTAVE} * log2(l.cents))::int::varchar",
        table="spending",
        where="l.cents > 0",
    ),
    Part(
        "travel",
        "case when f.person_id is null then 'near' else 'far' end",
        table="stops",
        join="left join far_stops f on l.billing_provider_id = f.billing_provider_id"
        " and l.person_id = f.person_id and l.day = f.day",
    ),
)
"""``spending``: members by the size of their sum; ``travel``: visits by whether the person was far
away on the same day."""
