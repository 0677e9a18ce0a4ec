"""Accounts on which benefits are paid: for whom, of how many kinds, by whom entered.

An account on which claim lines alone are paid is its provider's, who is compared himself. Amounts
are not compared: what is paid at a time follows the kind of benefit, and with it the total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from detectors.deviation.comparison import Comparison
from detectors.deviation.comparisons.calendars import having
from detectors.deviation.comparisons.events import Events, Risk
from detectors.deviation.comparisons.rates import Rate
from detectors.deviation.methods.counts import rare_overdispersion
from detectors.deviation.methods.funnel import WINSORISED

BENEFITS = "benefit_payments"
PEERS = 1
"""The last rung on which accounts have a holder of one kind, who receives the same."""


@dataclass(frozen=True)
class Rare(Events):
    """Events of which nearly all peers have none, such as households beyond the first.

    Observed over expected (``Events``). With the highest tenth of the peers drawn in to the others,
    a rate of so rare events would be nothing; they are drawn in to ``most`` at the least, and among
    all peers there is half an event.

    Args:
        first: so many are a matter of course and are not counted.
        most: events up to which a peer counts in full in the group's rate and overdispersion.
        among: profile column; who has nothing in it is not compared.
    """

    first: float = 0.0
    most: float = 1.0
    among: str = BENEFITS
    fewest: float = 3
    times: float = 3.0
    widest: int = PEERS

    @property
    def columns(self) -> tuple[str, ...]:
        """Profile columns that it reads."""
        return tuple(dict.fromkeys((*super().columns, self.among)))

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The subjects concerned, the first events left out."""
        found = super().eligible(having(frame, self.among))
        return found.assign(_events=np.maximum(found["_events"] - self.first, 0.0))

    def fit(self, peers: pd.DataFrame) -> Risk:
        """The peers' rate and overdispersion, the highest tenth of them drawn in."""
        exposure, events = (peers[name].to_numpy(np.float64) for name in ("_exposure", "_events"))
        events = np.minimum(events, max(self.most, float(np.quantile(events, 1 - WINSORISED))))
        rate = max(float(events.sum()), 0.5) / float(exposure.sum())
        part = float(np.quantile(peers["_part"], 0.75)) if self.of else 0.0
        alpha = rare_overdispersion(events, rate * exposure)
        return Risk(rate, alpha, float(np.quantile(events / exposure, 0.75)), part)


ACCOUNTS: tuple[Comparison, ...] = (
    Rare(
        "account_households",
        "account",
        "households beyond the first whose benefits it receives",
        "households",
        "households",
        "",
        1,
        "others_paid",
        rows="benefits",
        undue=0.25,
        first=1,
    ),
    Rare(
        "account_changers",
        "account",
        "payees who changed to it",
        "payees",
        "changers",
        "",
        1,
        "paid",
        undue=0.0,
        strength=0.8,
        first=1,
    ),
    Rare(
        "account_benefit_kinds",
        "account",
        "kinds of benefits beyond the first",
        "kinds",
        "benefit_types",
        "beneficiaries",
        1,
        "benefits_paid",
        rows="benefits",
        undue=0.0,
        strength=0.5,
        first=1,
    ),
    Rare(
        "account_small_amounts",
        "account",
        "payments of small amounts",
        "payments",
        "small_share",
        "active_months",
        1,
        "small_paid",
        per="payments",
        of="payments",
        rows="small",
        undue=0.5,
        fewest=10,
        most=5,
    ),
    Rate(
        "account_off_file",
        "account",
        "off_file_share",
        BENEFITS,
        5,
        "off_file_paid",
        rows="off_file",
        widest=PEERS,
        points=0.2,
    ),
    Rate(
        "account_one_clerk",
        "account",
        "top_clerk_payment_share",
        BENEFITS,
        10,
        "benefits_paid",
        rows="benefits",
        undue=0.0,
        widest=PEERS,
        points=0.3,
    ),
    Rate(
        "account_same_clerk",
        "account",
        "same_clerk_share",
        BENEFITS,
        5,
        "benefits_paid",
        rows="benefits",
        undue=0.0,
        widest=PEERS,
        points=0.2,
    ),
)
