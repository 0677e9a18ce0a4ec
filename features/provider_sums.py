"""What is summed of a provider in a bucket: its lines, its members, its orders and certificates."""

from __future__ import annotations

from features.bucket_views import FAR_METRES, NIGHT
from features.partials import Totals
from features.provider_features import SMALL_CENTS

SMALL = f"l.cents between 1 and {SMALL_CENTS}"
_LASTED = "date_diff('second', l.service_start_time, l.service_end_time)"
_CLOCKED = f"l.minutes > 0 and {_LASTED} >= 0"

OF_LINES = Totals(
    {
        "lines": "count(*)",
        "paid_cents": "sum(l.cents)",
        "charged_cents": "sum(l.asked) filter (l.charge_amount is not null)",
        "charged_paid_cents": "sum(l.cents) filter (l.charge_amount is not null)",
        "units": "sum(l.units * 1000)",
        "weekend": "count(*) filter (isodow(l.claim_line_start_date) >= 6)",
        "weekend_cents": "sum(l.cents) filter (isodow(l.claim_line_start_date) >= 6)",
        "small_cents": f"sum(l.cents) filter ({SMALL})",
        "holiday": "count(*) filter (l.is_holiday)",
        "timed": "count(l.service_start_time)",
        "night": f"count(*) filter ({NIGHT.format(time='l.service_start_time')})",
        "clocked": f"count(*) filter ({_CLOCKED})",
        "shortened": f"count(*) filter ({_CLOCKED} and {_LASTED} < 30 * l.minutes)",
        "modified": "count(l.procedure_modifier_1)",
        "round": "count(*) filter (l.asked > 0 and l.asked % 1000 = 0)",
        "just_below": "count(*) filter (l.asked % 10000 >= 9500)",
        "small": f"count(*) filter ({SMALL})",
        "levelled": "count(l.high)",
        "high": "count(*) filter (l.high)",
        "levelled_cents": "sum(l.cents) filter (l.high is not null)",
        "high_cents": "sum(l.cents) filter (l.high)",
        "carded": "count(l.card_present)",
        "no_card": "count(*) filter (not l.card_present)",
        "drug_lines": "count(l.drug_code)",
        "controlled": "count(*) filter (l.is_controlled)",
        "supply_days": "sum(l.days_supply)",
        "supplied_lines": "count(l.days_supply)",
    }
)
OF_PAIRS = Totals(
    {
        "persons": "count(*)",
        "visits": "sum(days)",
        "new_members": "count(*) filter (is_new)",
        "small_members": "count(*) filter (small = lines)",
        "with_small": "count(*) filter (small > 0)",
        "shared_members": "count(*) filter (is_shared)",
        "top_member_cents": "max(cents)",
        "metres": "sum(metres)",
        "located": "count(metres)",
        "far": f"count(*) filter (metres > {FAR_METRES})",
    }
)
OF_HISTORY = Totals(
    {
        "versions": "count(*)",
        "adjusted": "count(*) filter (adjustment_type in ('void', 'replacement'))",
        "voided": "count(*) filter (adjustment_type = 'void')",
        "denied": "count(*) filter (claim_status = 'denied')",
    }
)
_OF_CASES = {
    name: f"max({name})"
    for name in (
        "expected_cents",
        "expected_lines",
        "expected_days",
        "stays",
        "stay_days",
        "stay_cents",
    )
}
BILLED = Totals(
    {**OF_LINES.expressions, **OF_PAIRS.expressions, **OF_HISTORY.expressions, **_OF_CASES},
    frozenset({"top_member_cents"}),
)
"""All that a biller's row carries, one after the other."""

ORDERED = Totals(
    {
        "ordered_lines": "sum(lines)",
        "ordered_members": "count(distinct person_id)",
        "ordered_cents": "sum(cents)",
        "ordered_drugs": "sum(drugs)",
        "ordered_controlled": "sum(controlled)",
    },
    part="ordered",
)
CERTIFIED = Totals(
    {
        "certified_spells": "count(distinct spell)",
        "certified_members": "count(distinct person_id)",
        "certified_days": "sum(days)",
        "certified_cents": "sum(cents)",
        "certified_mondays": "count(distinct spell) filter (is_monday)",
    },
    part="certified",
)
