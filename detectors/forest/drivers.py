"""Which features isolated a suspect, and how each is said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors.deviation.wording import amount
from detectors.forest.isolation import Matrix
from detectors.forest.norms import Norms
from features.catalogue import Feature

LEAST_DISTANCE = 2.0
"""Spreads from the peers' median from which a feature may be said to drive a score."""


@dataclass(frozen=True)
class Driver:
    """A feature that shortened a subject's path.

    Args:
        observed: its value; NaN where its absence is what drives.
        expected: the peers' median.
        upper: the peers' upper quartile.
        distance: spreads from the median, the costly side positive.
        cuts: by how many cuts it shortened the mean path.
        share: part of all that shortened it.
    """

    feature: Feature
    observed: float
    expected: float
    upper: float
    distance: float
    cuts: float
    share: float

    @property
    def absent(self) -> bool:
        """Whether it is the missing value that drives."""
        return bool(np.isnan(self.observed))

    def words(self) -> str:
        """As a reason names it: times the peers' value, or the value and the peers'."""
        if self.absent:
            return f"{self.feature.label} not known"
        if self.feature.scale == "log" and self.expected > 0:
            times = self.observed / self.expected
            return f"{self.feature.label} {times:.1f} × peers ({self._of(self.observed)})"
        peers = f"peers {self._of(self.expected)}"
        if self.feature.unit == "share":
            return f"{self._of(self.observed)} {self.feature.label} ({peers})"
        return f"{self.feature.label} {self._of(self.observed)} ({peers})"

    def _of(self, value: float) -> str:
        return amount(value, self.feature.unit)


@dataclass(frozen=True)
class Attribution:
    """What isolated one subject.

    Args:
        drivers: costly features, strongest first.
        absences: missing values that isolated it too, strongest first.
        explained: part of what shortened the path that the costly features explain.
        path: the subject's mean path length, in cuts.
        expected: that of the forest's sample.
    """

    drivers: tuple[Driver, ...]
    absences: tuple[Driver, ...]
    explained: float
    path: float
    expected: float


def attribution(
    norms: Norms, group: str, raw: Matrix, far: Matrix, parts: Matrix, expected: float
) -> Attribution:
    """The features behind one score.

    Args:
        group: the subject's peer group.
        raw: its features as given.
        far: their distances from the peers.
        parts: what each column of the trees' matrix adds to the mean path length, in cuts.
        expected: mean path length of the forest's sample.
    """
    norm = norms.norm(group)
    cuts = np.maximum(-parts, 0.0)
    whole = float(cuts.sum()) or 1.0

    def driver(place: int, column: int) -> Driver:
        return Driver(
            norms.kind.features[place],
            float(raw[place]),
            float(norm.usual[place]),
            float(norm.upper[place]),
            float(far[place]),
            float(cuts[column]),
            float(cuts[column]) / whole,
        )

    features = norms.kind.features
    costly = [
        driver(place, place)
        for place, feature in enumerate(features)
        if feature.direction != "both" and far[place] >= LEAST_DISTANCE and cuts[place] > 0
    ]
    absent = [
        driver(place, len(features) + number)
        for number, place in enumerate(norms.indicators)
        if np.isnan(raw[place]) and cuts[len(features) + number] > 0
    ]
    return Attribution(
        _strongest(costly),
        _strongest(absent),
        sum(each.share for each in costly),
        float(expected + parts.sum()),
        float(expected),
    )


def _strongest(drivers: list[Driver]) -> tuple[Driver, ...]:
    return tuple(sorted(drivers, key=lambda each: (-each.cuts, each.feature.name)))
