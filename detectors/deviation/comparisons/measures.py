"""Features compared by robust z: one measure a finding, its money and its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from detectors.deviation.comparison import Values, doubles, judged, part_beyond
from detectors.deviation.comparisons.profile_feature import ProfileFeature
from detectors.deviation.robust import (
    Norm,
    backward,
    forward,
    norm_of,
    robust_z,
    tail_probability,
)


@dataclass(frozen=True)
class Measure(ProfileFeature):
    """A feature's distance from the peers' median on a robust scale, shrunk where cases are few.

    Args:
        prior: cases of the peers' norm that each subject is credited with (shrinkage).
        offset: added to the feature before its logarithm.
        limit: value up to which nothing is said, however unusual.
        direct: the whole stake is the excess.
        least_z: least robust z.
    """

    prior: float = 5.0
    offset: float = 0.0
    limit: float | None = None
    direct: bool = False
    least_z: float = 3.5
    test: ClassVar[str] = "z"

    @property
    def unit(self) -> str:
        """The feature's unit."""
        return self.feature.unit

    @property
    def sign(self) -> int:
        """1 where high values are costly, -1 where low ones are."""
        return -1 if self.feature.direction == "low" else 1

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The subjects with enough cases, and their place on the scale of comparison."""
        base, observed = doubles(frame[self.base]), doubles(frame[self.feature_name])
        place = forward(observed, self.feature.scale, base, self.offset)
        found = frame.assign(_observed=observed, _base=base, _place=place * self.sign)
        return found[(base >= self.least) & np.isfinite(place)]

    def fit(self, peers: pd.DataFrame) -> Norm:
        """The peers' centre, scale and upper quartile."""
        return norm_of(peers["_place"].to_numpy(dtype=np.float64), self.feature.scale)

    def judge(self, rows: pd.DataFrame, known: Norm) -> pd.DataFrame:
        """Robust z and its tail by Student's t."""
        place, base, observed = (
            rows[name].to_numpy(dtype=np.float64) for name in ("_place", "_base", "_observed")
        )
        z = robust_z(place, known.centre, known.spread, base, self.prior)
        weight = base / (base + self.prior)
        upper = np.full(len(rows), self._value(known.upper))
        stake = np.nan_to_num(doubles(rows[self.stake]))
        beyond = np.ones(len(rows), bool) if self.limit is None else observed > self.limit
        reach = known.centre + self.least_z * known.spread / weight
        return judged(
            rows,
            observed=observed,
            expected=np.full(len(rows), self._value(known.centre)),
            upper=upper,
            threshold=np.array([self._value(value) for value in reach], dtype=np.float64),
            base=base,
            stake=stake,
            excess=stake if self.direct else stake * self._beyond(observed, upper),
            statistic=z,
            p=tail_probability(z, known.size),
            effect=place,
            enough=(z >= self.least_z) & beyond,
        )

    def _value(self, place: float) -> float:
        return backward(self.sign * place, self.feature.scale, self.offset)

    def _beyond(self, observed: Values, upper: Values) -> Values:
        """The part of a subject's money that lies beyond the peers' upper quartile."""
        return part_beyond(observed, upper) if self.sign > 0 else part_beyond(upper, observed)


# Price and intensity belong to a specialty: they are judged among its own providers only.
MEASURES: tuple[Measure, ...] = (
    Measure("paid_per_member", "provider", "paid_per_member", "members", 10, "paid"),
    Measure("lines_per_member", "provider", "lines_per_member", "members", 10, "paid"),
    Measure("paid_per_line", "provider", "paid_per_line", "lines", 30, "paid"),
    Measure("lines_per_visit", "provider", "lines_per_visit", "visits", 30, "paid"),
    Measure(
        "distance",
        "provider",
        "distance_km",
        "members",
        15,
        "paid",
        undue=0.0,
        strength=0.5,
        offset=1.0,
        least_z=4.0,
    ),
    Measure(
        "impossible_hours",
        "provider",
        "max_daily_hours",
        "work_days",
        1,
        "long_days_excess",
        rows="long_days",
        widest=5,
        prior=0.0,
        limit=16.0,
        direct=True,
    ),
    Measure(
        "member_intensity",
        "member",
        "days_per_month",
        "active_days",
        12,
        "paid",
        undue=0.0,
        strength=0.5,
        widest=1,
    ),
    Measure(
        "providers_visited",
        "member",
        "providers",
        "providers",
        8,
        "paid",
        undue=0.0,
        strength=0.6,
        widest=1,
        offset=0.5,
    ),
    Measure(
        "pharmacies_visited",
        "member",
        "pharmacies",
        "pharmacies",
        4,
        "paid",
        rows="drugs",
        undue=0.0,
        strength=0.6,
        widest=1,
        offset=0.5,
    ),
    Measure(
        "drug_supply",
        "member",
        "supply_ratio",
        "supply_days",
        60,
        "paid",
        rows="drugs",
        undue=0.0,
        strength=0.6,
        widest=1,
        offset=0.1,
        limit=1.25,
    ),
    Measure(
        "benefit_days",
        "member",
        "benefit_day_ratio",
        "benefit_days",
        30,
        "benefits_paid",
        rows="benefits",
        undue=0.0,
        strength=0.6,
        widest=3,
        offset=0.1,
        limit=1.05,
    ),
    Measure(
        "headcount_gap",
        "employer",
        "headcount_gap",
        "workers",
        5,
        "due_for_known",
        rows="contributions",
        widest=4,
        limit=1.2,
    ),
)
