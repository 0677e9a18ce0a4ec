"""Features of providers: what a payee billed in a period, and what a person at work did.

Sums in the expressions are those of ``features.provider_profiles``. The subject is the billing
provider; features of working time follow the one who rendered the service.
"""

from __future__ import annotations

from features.catalogue import Feature, count, money, ratio
from features.provider_expected import PROVIDER_EXPECTED
from features.provider_orders import PROVIDER_ORDERS
from features.provider_patterns import PROVIDER_PATTERNS
from features.provider_times import PROVIDER_TIMES

SMALL_CENTS = 1500
"""An amount up to this is small: little enough that nobody asks (15 units of currency)."""

LONG_DAY_MINUTES = 16 * 60
"""More than sixteen hours of typical working time in a day cannot be one person's work."""

PROVIDER_INTENSITIES: tuple[Feature, ...] = (
    money("paid", "paid on the net lines billed", "paid_cents"),
    count("lines", "net lines billed", "lines"),
    count("members", "distinct persons billed for", "persons", "persons"),
    count("visits", "distinct pairs of person and day", "visits"),
    count("active_days", "distinct days with a line", "days", "days"),
    count("active_months", "distinct calendar months with a line", "months", "months"),
    count("level_lines", "lines whose code belongs to a family of levels", "lines", "levelled"),
    count("work_days", "days on which timed services were rendered", "days", nulls="none rendered"),
    money("weekend_paid", "paid on lines dated Saturday or Sunday", "weekend_cents"),
    money("small_paid", "paid on small lines", "small_cents"),
    money("peak_month_paid", "paid in the highest month", "peak_month", nulls="no month"),
    money(
        "level_excess",
        "paid on lines at a high level beyond the average line of the same "
        "provider at a lower level",
        "greatest(0, high_cents - high * (levelled_cents - "
        "high_cents) / nullif(levelled - high, 0))",
        nulls="no lines at both",
    ),
    ratio(
        "paid_per_member",
        "paid_cents / 100.0",
        "members",
        "paid by members",
        "currency",
        phrase="paid per member",
    ),
    ratio(
        "paid_per_line",
        "paid_cents / 100.0",
        "lines",
        "paid by lines",
        "currency",
        phrase="paid per line",
    ),
    ratio(
        "paid_per_visit",
        "paid_cents / 100.0",
        "visits",
        "paid by visits",
        "currency",
        phrase="paid per visit",
    ),
    ratio(
        "paid_per_day",
        "paid_cents / 100.0",
        "active_days",
        "paid by active days",
        "currency",
        phrase="paid per active day",
        total=True,
    ),
    ratio(
        "lines_per_member",
        "lines",
        "members",
        "lines by members",
        "lines",
        phrase="lines per member",
    ),
    ratio(
        "lines_per_visit", "lines", "visits", "lines by visits", "lines", phrase="lines per visit"
    ),
    ratio(
        "visits_per_member",
        "visits",
        "members",
        "visits by members",
        "visits",
        phrase="visits per member",
    ),
    ratio(
        "lines_per_day",
        "lines",
        "active_days",
        "lines by active days",
        "lines",
        phrase="lines per active day",
        total=True,
    ),
    ratio(
        "units_per_line",
        "units / 1000.0",
        "lines",
        "units (1 where none is given) by lines",
        "units",
        phrase="units per line",
    ),
    Feature(
        "max_members_day",
        "most distinct persons on one day by the median day's",
        "ratio",
        "max_persons_day / nullif(median_persons_day, 0)",
        nulls="no day",
        phrase="persons on the busiest day against the median day",
    ),
    ratio(
        "charge_ratio",
        "charged_cents",
        "charged_paid_cents",
        "charged by paid, over lines with a charge",
        "ratio",
        nulls="no charges",
        phrase="charged to paid",
    ),
)

PROVIDER_FEATURES = (
    *PROVIDER_INTENSITIES,
    *PROVIDER_PATTERNS,
    *PROVIDER_TIMES,
    *PROVIDER_ORDERS,
    *PROVIDER_EXPECTED,
)
