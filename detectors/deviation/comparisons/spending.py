"""How a provider's money lies on its members, and members far away on the day of a visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from detectors.deviation.comparison import Values, judged, part_beyond
from detectors.deviation.comparisons.events import Events, Risk
from detectors.deviation.evidence_rows import Rows
from detectors.deviation.methods.concentration import dearest_share, gini
from detectors.deviation.robust import Norm, norm_of, robust_z, tail_probability
from detectors.deviation.shape import lists, matrix, totals
from features.catalogue import Subject

DEAREST = 0.1


@dataclass(frozen=True)
class Concentration:
    """Gini coefficient of a provider's money over its members, against peers by robust z.

    ``methods.concentration``, on bins of members' sums. A lead: the money is what the dearest tenth
    of the members cost beyond their usual share.

    Args:
        fewest: members with which a provider is judged.
        prior: members of the peers' norm that each provider is credited with.
        least_z: least robust z.
    """

    fewest: int = 30
    prior: float = 20.0
    least_z: float = 3.5
    undue: float = 0.0
    strength: float = 0.5
    widest: int = 2
    name: ClassVar[str] = "concentration"
    subject: ClassVar[Subject] = "provider"
    label: ClassVar[str] = "money on the dearest tenth of members"
    unit: ClassVar[str] = "share"
    test: ClassVar[str] = "z"
    rows: ClassVar[Rows] = "all"
    shaped: ClassVar[bool] = True
    narrowest: ClassVar[int] = 0
    columns: ClassVar[tuple[str, ...]] = (
        "by_spending_keys",
        "by_spending_lines",
        "by_spending_cents",
    )

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Providers with enough members, their Gini coefficient and their dearest tenth's share."""
        found = frame[totals(frame, "spending") >= self.fewest]
        persons, cents = lists(found, "by_spending_lines"), lists(found, "by_spending_cents")
        held = [
            (np.asarray(p, np.float64), np.asarray(c, np.float64))
            for p, c in zip(persons, cents, strict=True)
        ]
        return found.assign(
            _gini=[gini(*one) for one in held],
            _dearest=[dearest_share(*one, DEAREST) for one in held],
        )

    def fit(self, peers: pd.DataFrame) -> tuple[Norm, float, float]:
        """The norm of Gini coefficients, and the dearest tenth's usual and high share."""
        usual, high = np.quantile(peers["_dearest"], [0.5, 0.75])
        return norm_of(self._place(peers), "logit"), float(usual), float(high)

    def judge(self, rows: pd.DataFrame, known: tuple[Norm, float, float]) -> pd.DataFrame:
        """Robust z of the Gini coefficient on the logit scale."""
        norm, usual, high = known
        place, members = self._place(rows), totals(rows, "spending")
        z = robust_z(place, norm.centre, norm.spread, members, self.prior)
        dearest = rows["_dearest"].to_numpy(np.float64)
        stake = totals(rows, "spending", "cents") / 100 * dearest
        return judged(
            rows,
            observed=dearest,
            expected=np.full(len(rows), usual),
            upper=np.full(len(rows), high),
            base=members,
            stake=stake,
            excess=stake * part_beyond(dearest, high),
            statistic=z,
            p=tail_probability(z, norm.size),
            effect=place,
            enough=z >= self.least_z,
            facts=[{"gini": round(float(value), 6)} for value in rows["_gini"]],
        )

    @staticmethod
    def _place(frame: pd.DataFrame) -> Values:
        share = np.clip(frame["_gini"].to_numpy(np.float64), 0.01, 0.99)
        return np.asarray(np.log(share / (1 - share)), dtype=np.float64)


@dataclass(frozen=True)
class Travel(Events):
    """Members whom another practitioner far away saw on the day of a visit, against peers.

    Observed over expected (``Events``); members are counted, as one may come for many visits.
    """

    name: str = "same_day_travel"
    subject: Subject = "provider"
    label: str = "members seen who were over 100 km away on the same day"
    unit: str = "members"
    event: str = "travel"
    exposure: str = "travel"
    least: float = 30
    stake: str = "travel"
    rows: Rows = "far"
    fewest: float = 5
    widest: int = 3
    shaped: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Shape columns that it reads."""
        return ("by_travel_keys", "by_travel_lines", "by_travel_cents")

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Practitioners with enough members."""
        visits = matrix(frame, "travel", "lines", ("near", "far"))
        found = frame.assign(
            _events=visits[:, 1],
            _exposure=visits.sum(axis=1),
            _part=0.0,
            _stake=matrix(frame, "travel", "cents", ("far",))[:, 0] / 100,
        )
        seen: pd.DataFrame = found[visits.sum(axis=1) >= self.least]
        return seen

    def fit(self, peers: pd.DataFrame) -> Risk:
        """As of any events; a rate of nothing at all is taken as one visit among all peers."""
        known = super().fit(peers)
        least = 1.0 / float(peers["_exposure"].sum())
        return Risk(max(known.rate, least), known.alpha, known.upper)
