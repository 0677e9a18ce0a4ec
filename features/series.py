"""When a provider's lines are dated: by month, day, weekday and hour."""

from __future__ import annotations

from datetime import date

from features.bucket_views import day
from features.partials import Part

VISITS = "count(distinct (l.person_id, l.claim_line_start_date))"


def series_parts(start: date) -> tuple[Part, ...]:
    """Parts keyed by months and days since the start, ISO weekday (1 is Monday) and hour.

    The weight is the number of visits: pairs of person and day, which add up over buckets.
    """
    month = (
        f"(12 * year(l.claim_line_start_date) + month(l.claim_line_start_date) - {_months(start)})"
    )
    return (
        Part("month", f"{month}::varchar", weight=VISITS),
        Part("day", f"(l.claim_line_start_date - {day(start)})::varchar", weight=VISITS),
        Part("weekday", "isodow(l.claim_line_start_date)::varchar", weight=VISITS),
        Part("hour", "hour(l.service_start_time)::varchar"),
    )


def months_between(start: date, end: date) -> int:
    """Calendar months that a period touches."""
    return _months(end) - _months(start) + 1


def _months(of: date) -> int:
    return 12 * of.year + of.month
