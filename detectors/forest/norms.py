"""What is usual among peers, and how far each feature of a subject lies from it.

Features are placed on a scale (logarithm where skewed, logit for shares), centred on the peers'
median and divided by their robust spread (the median absolute deviation, and never less than that
of the upper half), so that subjects of small groups may share one pooled forest. A null is
information: its distance counts as none, and a column beside it says that it is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import median_abs_deviation, norm

from detectors.forest.isolation import Matrix
from detectors.forest.kinds import Kind
from features.catalogue import Scale
from features.peers import assign, group_sizes

POOLED = "pooled"
NULL_SHARES = (0.01, 0.99)
"""A feature has a column for its absence when the share of its nulls lies between these."""

NORMAL = 1.0 / float(norm.ppf(0.75))
"""Makes a median deviation estimate the standard deviation of a normal sample."""

# Differences below a tenth on the log scale, a quarter on the logit scale, are of no matter.
FLOOR: dict[Scale, float] = {"log": 0.1, "logit": 0.25, "linear": 1e-9}


@dataclass(frozen=True)
class Norm:
    """One peer group's figures, each an array by feature.

    Args:
        centre: median on the feature's scale.
        spread: robust spread on that scale.
        usual: median of the feature itself.
        upper: upper quartile of the feature itself.
    """

    centre: Matrix
    spread: Matrix
    usual: Matrix
    upper: Matrix

    @staticmethod
    def of(raw: Matrix, placed: Matrix, floors: Matrix, otherwise: Norm | None = None) -> Norm:
        """The norm of some peers; where a feature is null for all of them, the one given."""
        found = Norm(
            _by_column(placed, np.median),
            np.fmax(_by_column(placed, _spread), floors),
            _by_column(raw, np.median),
            _by_column(raw, lambda column: np.quantile(column, 0.75)),
        )
        if otherwise is None:
            return found
        unknown = np.isnan(found.usual)
        return Norm(
            np.where(unknown, otherwise.centre, found.centre),
            np.where(unknown, otherwise.spread, found.spread),
            np.where(unknown, otherwise.usual, found.usual),
            np.where(unknown, otherwise.upper, found.upper),
        )


@dataclass(frozen=True)
class Norms:
    """The norms of all peer groups of one kind of subject.

    Args:
        sizes: by group its number of subjects in the sample.
        typical: by feature the sample's median positive value: logarithms count from there on.
        groups: by peer group its norm; ``POOLED`` is that of everyone.
        indicators: places of features whose absence is itself a column.
    """

    kind: Kind
    sizes: Mapping[str, int]
    typical: Matrix
    groups: Mapping[str, Norm]
    indicators: tuple[int, ...]

    @staticmethod
    def of(sample: pd.DataFrame, kind: Kind) -> Norms:
        """The norms of a sample of profiles, ordered by subject."""
        keys = kind.ladder.keys(sample)
        sizes = group_sizes(keys)
        raw = _raw(sample, kind)
        typical = np.array([_typical(column) for column in raw.T])
        placed = _on_scales(raw, kind, typical)
        floors = np.array([FLOOR[f.scale] for f in kind.features])
        groups = {POOLED: Norm.of(raw, placed, floors)}
        # Every subject with a key is a peer of that group, whichever rung it stands on itself.
        for group in sorted(set(assign(keys, sizes, kind.ladder)["peer_group"])):
            peers = keys[int(group.split(":", 1)[0])].eq(group).to_numpy()
            groups[group] = Norm.of(raw[peers], placed[peers], floors, groups[POOLED])
        indicators = _absences(np.isnan(raw[kind.judged(sample).to_numpy()]))
        return Norms(kind, sizes, typical, groups, indicators)

    def norm(self, group: str) -> Norm:
        """A group's norm, everyone's where the sample did not hold it."""
        return self.groups.get(group, self.groups[POOLED])

    def peers(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Each subject's group (``peer_group``), rung (``peer_level``) and size (``peer_size``)."""
        return assign(self.kind.ladder.keys(frame), dict(self.sizes), self.kind.ladder)

    def raw(self, frame: pd.DataFrame) -> Matrix:
        """The features as given, rows by features."""
        return _raw(frame, self.kind)

    def distances(self, frame: pd.DataFrame, groups: pd.Series) -> Matrix:
        """Spreads from the peers' median, the costly side positive; a null is NaN."""
        kind = self.kind
        far = _on_scales(_raw(frame, kind), kind, self.typical)
        codes, names = pd.factorize(groups)
        if len(names):
            norms = [self.norm(str(name)) for name in names]
            far -= np.array([each.centre for each in norms])[codes]
            far /= np.array([each.spread for each in norms])[codes]
        far *= np.array([-1.0 if f.direction == "low" else 1.0 for f in kind.features])
        if kind.cases:
            known = frame[kind.cases].fillna(0).to_numpy(dtype=np.float64)
            far *= (known / (known + kind.least))[:, None]
        return far

    def matrix(self, distances: Matrix) -> Matrix:
        """What the trees see: the harmless side and nulls at the median, absences beside them."""
        both = np.array([f.direction == "both" for f in self.kind.features])
        shown = np.where(both, distances, np.maximum(distances, 0.0))
        absent = np.isnan(distances[:, list(self.indicators)]).astype(np.float64)
        return np.hstack([np.nan_to_num(shown, nan=0.0), absent])


def _absences(unknown: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    """Features whose absence tells something, each pattern of absence once.

    Features that are null together (no drugs, no benefits) are one fact, not ten.
    """
    if not len(unknown):
        return ()
    shares = unknown.mean(axis=0)
    low, high = NULL_SHARES
    telling = np.flatnonzero((shares >= low) & (shares <= high))
    _, first = np.unique(unknown[:, telling], axis=1, return_index=True)
    return tuple(int(place) for place in np.sort(telling[first]))


def _raw(frame: pd.DataFrame, kind: Kind) -> Matrix:
    return frame[[f.name for f in kind.features]].to_numpy(dtype=np.float64, na_value=np.nan)


def _on_scales(raw: Matrix, kind: Kind, typical: Matrix) -> Matrix:
    placed = raw.copy()
    for place, feature in enumerate(kind.features):
        if feature.scale == "log":
            placed[:, place] = np.log1p(np.maximum(raw[:, place], 0.0) / typical[place])
        elif feature.scale == "logit":
            bounded = np.clip(raw[:, place], 0.0, 1.0)
            placed[:, place] = np.log((bounded + 0.005) / (1.005 - bounded))
    return placed


def _typical(column: Matrix) -> float:
    positive = column[column > 0]
    return float(np.median(positive)) if len(positive) else 1.0


def _spread(column: Matrix) -> float:
    centre = np.median(column)
    upper = float(np.median(column[column >= centre] - centre)) * NORMAL
    return max(float(median_abs_deviation(column, scale="normal")), upper)


def _by_column(matrix: Matrix, of: Callable[[Matrix], float]) -> Matrix:
    known = [column[~np.isnan(column)] for column in matrix.T]
    return np.array([of(column) if len(column) else np.nan for column in known], dtype=np.float64)
