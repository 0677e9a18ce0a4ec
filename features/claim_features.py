"""Features of claims: what one claim bills, against what its codes usually are and cost.

Sums in the expressions are those of ``features.claim_profiles``. The usual price of a code is the
geometric mean of what was paid a unit for it on claims of the type; a code's rarity is counted
among the lines of the billing provider's specialty and the claim's type.
"""

from __future__ import annotations

from features.catalogue import Feature, count, ratio, share

LEAST_PRICES = 30
"""Fewest priced lines of a code from which it has a usual price."""

CLAIM_FEATURES: tuple[Feature, ...] = (
    # Never stored, only scored: a double, as arrays are made of it.
    Feature(
        "paid",
        "paid on the net lines of the claim",
        "currency",
        "paid_cents / 100.0",
        direction="none",
        total=True,
    ),
    count("lines", "net lines of the claim", "lines"),
    ratio(
        "price_ratio",
        "priced_cents",
        "usual_cents",
        "paid by what the same codes and units are usually paid",
        "ratio",
        phrase="paid for the same codes and units",
        nulls="no code with a usual price",
    ),
    ratio(
        "units_ratio",
        "coded_units",
        "usual_units",
        "units by the usual units of the same codes",
        "ratio",
        phrase="units of the same codes",
        nulls="no code known elsewhere",
    ),
    ratio(
        "lines_per_day",
        "lines",
        "days",
        "lines by distinct days of the claim",
        "lines",
        phrase="lines per day",
    ),
    Feature(
        "code_rarity",
        "information of the claim's rarest code: minus the binary logarithm of the code's share "
        "of the lines of that specialty and type",
        "bits",
        "code_rarity",
        nulls="no codes",
        phrase="rarity of the rarest code",
    ),
    Feature(
        "diagnosis_rarity",
        "information of the claim's rarest first diagnosis, counted alike",
        "bits",
        "diagnosis_rarity",
        nulls="no diagnoses",
        phrase="rarity of the diagnosis",
    ),
    Feature(
        "submission_days",
        "days from the last service to the submission",
        "days",
        "greatest(submission_days, 0)",
        nulls="no submission date",
        phrase="days from service to submission",
    ),
    Feature(
        "span_days",
        "days from the first to the last service, both counted",
        "days",
        "span_days",
        phrase="days from first to last service",
    ),
    Feature(
        "days_since_last",
        "days since the person's claim before with the same provider",
        "days",
        "days_since_last",
        direction="low",
        nulls="none before in the period",
        phrase="days since the claim before",
    ),
    Feature(
        "claims_same_day",
        "the person's claims with the same provider whose first service is that day",
        "claims",
        "claims_same_day",
        phrase="claims of the same person and provider on the day",
    ),
    ratio(
        "charge_ratio",
        "charged_cents",
        "charged_paid_cents",
        "charged by paid, over lines with a charge",
        "ratio",
        phrase="charged to paid",
    ),
    Feature(
        "distance_km",
        "distance from the member to the billing provider",
        "km",
        "metres / 1000.0",
        nulls="no positions",
        phrase="kilometres to the provider",
    ),
    Feature(
        "service_hours",
        "typical hours of the claim's timed services by its days",
        "hours",
        "minutes / 60.0 / nullif(days, 0)",
        nulls="no timed services",
        phrase="hours of typical time per day",
    ),
    ratio(
        "supply_per_line",
        "supply_days",
        "supplied",
        "days of supply by drug lines that tell",
        "days",
        phrase="days of supply per line",
    ),
    share(
        "weekend_share",
        "weekend",
        "lines",
        "lines dated Saturday or Sunday",
        phrase="lines at week-ends",
    ),
    share(
        "holiday_share",
        "holiday",
        "lines",
        "lines on a date of the code set public_holidays",
        phrase="lines on public holidays",
    ),
    share(
        "night_share",
        "night",
        "timed",
        "lines begun from 22:00 to 06:00, of those with a time",
        phrase="lines at night",
        nulls="no times",
    ),
    share(
        "modifier_share",
        "modified",
        "lines",
        "lines with a procedure modifier",
        phrase="lines with a modifier",
    ),
    share(
        "no_card_share",
        "no_card",
        "carded",
        "lines without the card, of those that tell",
        phrase="lines without the card",
    ),
    share(
        "round_share",
        "round",
        "lines",
        "lines charged (or paid) a multiple of 10",
        phrase="round amounts",
    ),
)
