"""Rates and proportions in a funnel: shares of lines, of workers, of spells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from detectors.deviation.comparison import doubles, judged, part_beyond
from detectors.deviation.comparisons.profile_feature import ProfileFeature
from detectors.deviation.methods.funnel import (
    between_variance,
    proportions,
    random_effects_z,
    upper_share,
    winsorised,
)


@dataclass(frozen=True)
class Funnel:
    """A group's funnel: its target share, the variance between peers, and their upper quartile."""

    target: float
    tau2: float
    upper: float


@dataclass(frozen=True)
class Rate(ProfileFeature):
    """A share's distance from the peers' on the arcsine scale, peers differing by τ².

    Spiegelhalter 2005 (``methods.funnel``). The target is the share of all the peers' cases, each
    peer's share drawn in to the middle four fifths, so that the suspects do not set it.

    Args:
        points: least difference from the target, as a share.
        limit_z: where the funnel's upper limit lies (3 is 99.8 %).
    """

    undue: float = 0.25
    strength: float = 0.6
    points: float = 0.1
    limit_z: float = 3.0
    test: ClassVar[str] = "funnel z"
    unit: ClassVar[str] = "share"

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The subjects with enough cases."""
        share, cases = doubles(frame[self.feature_name]), doubles(frame[self.base])
        found = frame.assign(_share=np.clip(share, 0.0, 1.0), _cases=cases)
        return found[(cases >= self.least) & np.isfinite(share)]

    def fit(self, peers: pd.DataFrame) -> Funnel:
        """The group's funnel."""
        share, cases = (peers[name].to_numpy(np.float64) for name in ("_share", "_cases"))
        target = float((winsorised(share) * cases).sum() / cases.sum())
        units = proportions(share * cases, cases, target)
        return Funnel(target, between_variance(units), float(np.quantile(share, 0.75)))

    def judge(self, rows: pd.DataFrame, known: Funnel) -> pd.DataFrame:
        """Distances of the additive random effects model."""
        share, cases = (rows[name].to_numpy(np.float64) for name in ("_share", "_cases"))
        z = random_effects_z(proportions(share * cases, cases, known.target), known.tau2)
        stake = np.nan_to_num(doubles(rows[self.stake]))
        limit = [upper_share(known.target, n, known.tau2, self.limit_z) for n in cases]
        return judged(
            rows,
            observed=share,
            expected=np.full(len(rows), known.target),
            upper=np.full(len(rows), known.upper),
            threshold=np.asarray(limit, dtype=np.float64),
            base=cases,
            stake=stake,
            excess=stake * part_beyond(share, known.upper),
            statistic=z,
            p=np.asarray(stats.norm.sf(z), dtype=np.float64),
            effect=z,
            enough=(z >= self.limit_z) & (share >= known.target + self.points),
        )


RATES: tuple[Rate, ...] = (
    Rate("weekend_share", "provider", "weekend_share", "lines", 50, "weekend_paid", "weekend"),
    Rate("holiday_share", "provider", "holiday_share", "lines", 50, "paid", "holiday", undue=0.0),
    Rate("round_share", "provider", "round_share", "lines", 100, "paid", "round", undue=0.0),
    Rate(
        "leave_share",
        "employer",
        "leave_share",
        "workers",
        5,
        "leave_paid",
        "leave",
        strength=1.0,
        widest=4,
    ),
    Rate(
        "early_leave_share",
        "employer",
        "early_leave_share",
        "workers",
        5,
        "leave_paid",
        "leave",
        undue=0.5,
        strength=1.0,
        widest=4,
    ),
)
