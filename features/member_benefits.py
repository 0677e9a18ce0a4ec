"""Features of members: the benefits that a person drew in a period."""

from __future__ import annotations

from features.catalogue import Feature, count, money, ratio, share

MEMBER_BENEFITS: tuple[Feature, ...] = (
    money("benefits_paid", "paid as benefits, net", "benefit_cents"),
    count("benefit_payments", "net benefit payments", "payments", "payments"),
    count("benefit_days", "days of all benefit payments within the period", "days"),
    Feature(
        "benefit_types",
        "distinct benefit types",
        "types",
        "benefit_types",
        nulls="no benefits",
        phrase="benefit types",
    ),
    Feature(
        "spells",
        "distinct benefit entitlements",
        "spells",
        "spells",
        nulls="no benefits",
        phrase="benefit spells",
    ),
    Feature(
        "certifiers",
        "distinct certifying providers",
        "providers",
        "certifiers",
        nulls="no benefits",
        phrase="certifying doctors",
    ),
    Feature(
        "benefit_accounts",
        "distinct accounts benefits were paid to",
        "accounts",
        "benefit_accounts",
        nulls="no benefits",
        phrase="accounts paid",
    ),
    Feature(
        "benefit_day_ratio",
        "benefit days by days of the period",
        "ratio",
        "benefit_days / period_days",
        nulls="no benefits",
        phrase="benefit days against days",
    ),
    ratio(
        "benefit_per_day",
        "benefit_cents / 100.0",
        "benefit_days",
        "benefits by benefit days",
        "currency",
        phrase="benefits per day",
    ),
    share(
        "monday_share",
        "monday_spells",
        "spells",
        "entitlements whose event lies on a Monday",
        phrase="spells begun on Mondays",
    ),
    share(
        "top_benefit_share",
        "top_benefit_cents",
        "benefit_cents",
        "the chief benefit type's part of benefits",
        nulls="no benefits",
        phrase="money of one benefit",
    ),
    count(
        "leave_spells",
        "spells of sick leave, work accident or maternity",
        "spells",
        nulls="no benefits",
    ),
    share(
        "short_leave_share",
        "short_spells",
        "leave_spells",
        "leave spells of at most three days paid",
        nulls="no leave",
        phrase="short spells of leave",
    ),
)
