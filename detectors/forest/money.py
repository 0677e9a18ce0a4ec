"""What of a suspect's money lies above expectation, and which rows carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from detectors.deviation.evidence import Rows
from detectors.deviation.findings import UNLIKE_PEERS
from detectors.forest.drivers import Driver
from detectors.forest.kinds import Kind

# Features whose excess is a part of all that was paid; of the others the money is only a lead.
INTENSITIES = frozenset(
    {
        "paid_per_member",
        "paid_per_line",
        "paid_per_visit",
        "paid_per_day",
        "lines_per_member",
        "lines_per_visit",
        "visits_per_member",
        "leave_paid_per_worker",
        "benefit_per_day",
        "price_ratio",
        "units_ratio",
    }
)
ROWS: dict[str, Rows] = {
    "weekend_share": "weekend",
    "high_level_share": "high_level",
    "small_share": "small",
    "small_only_members_share": "small",
    "small_members_per_day": "small",
    "peak_month_ratio": "peak_month",
    "supply_ratio": "drugs",
    "controlled_supply": "drugs",
    "controlled_share": "drugs",
    "pharmacies": "drugs",
}
UNDUE = {"provider": 1.0, "employer": 1.0, "claim": 0.25, "member": 0.0}
"""Share of an intensity's excess that is believed paid in error. One claim may be dear for many
honest reasons; a member's dear care may well be needed: that money is a lead only."""

OF_BENEFITS = frozenset(
    {
        "benefit_types",
        "spells",
        "certifiers",
        "benefit_accounts",
        "benefit_day_ratio",
        "benefit_per_day",
        "monday_share",
    }
)


@dataclass(frozen=True)
class Money:
    """Money of one suspect, in currency.

    Args:
        stake: what was paid in all, of the kind that the chief driver speaks of.
        excess: the part of it above the peers' upper quartile.
        undue: share of the excess believed paid in error; nothing where it is only a lead.
        rows: which detail rows carry it.
    """

    stake: float
    excess: float
    undue: float
    rows: Rows

    @property
    def share(self) -> float:
        """Believed paid in error, as a part of the stake."""
        return self.excess / self.stake * self.undue if self.stake > 0 else 0.0


def money_of(drivers: Sequence[Driver], kind: Kind, row: pd.Series) -> Money:
    """The money behind a suspect's drivers: that of its strongest intensity, if it has one."""
    chief = next((d for d in drivers if d.feature.name in INTENSITIES), drivers[0])
    name = chief.feature.name
    of_benefits = kind.subject == "employer" or (kind.subject == "member" and name in OF_BENEFITS)
    stake = max(0.0, float(row["benefits_paid" if of_benefits else "paid"] or 0))
    rows: Rows = ROWS.get(name, "all")
    if of_benefits:
        rows = "leave" if kind.subject == "employer" else "benefits"
    part = undue = 0.0
    if name in INTENSITIES:
        part, undue = 1.0 - chief.upper / chief.observed, UNDUE[kind.subject]
    elif chief.feature.unit == "share":
        part = chief.observed - chief.upper
    if not kind.alike(row["peer_group"]):
        undue *= UNLIKE_PEERS
    return Money(stake, round(stake * max(0.0, part), 2), undue, rows)
