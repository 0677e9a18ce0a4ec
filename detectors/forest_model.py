"""Isolation forests over peers' robust distances: fit, calibrated score and attribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import IsolationForest

from detectors.deviation.robust import FLOOR, MAD_FACTOR
from features.catalogue import Feature, Scale, Subject, features_of
from features.peers import LADDERS, assign, group_sizes

Matrix = npt.NDArray[np.float64]

POOLED = "pooled"
TAIL_START = 0.9
NULL_SHARES = (0.01, 0.99)

CASES: dict[Subject, tuple[str, float]] = {
    "provider": ("members", 10.0),
    "member": ("lines", 10.0),
    "employer": ("workers", 5.0),
}
"""The column that counts a subject's cases, and the fewest with which it is judged. Distances are
drawn to the peers by n / (n + that number), so that chance in few cases isolates nobody."""


def forest_features(subject: Subject) -> tuple[Feature, ...]:
    """The features a forest sees: none that grows with size, none without a side."""
    return tuple(f for f in features_of(subject) if not f.total and f.direction != "none")


def grow(matrix: Matrix, trees: int, sample: int, seed: int) -> IsolationForest:
    """A seeded isolation forest."""
    return IsolationForest(
        n_estimators=trees, max_samples=min(sample, len(matrix)), random_state=seed, n_jobs=1
    ).fit(matrix)


def anomaly(forest: IsolationForest, matrix: Matrix) -> Matrix:
    """The paper's score in (0, 1): 0.5 is average, near 1 isolated at once."""
    return np.asarray(-forest.score_samples(matrix), dtype=np.float64)


@dataclass(frozen=True)
class Calibration:
    """Share of a forest's subjects that score as high: by rank, beyond the last tenth by a tail.

    The tail is exponential (peaks over threshold with shape 0; Pickands 1975): it has no end, so
    the highest scores never tie.
    """

    ranked: Matrix
    start: float
    mean_excess: float

    @staticmethod
    def of(scores: Matrix) -> Calibration:
        """The calibration by the scores of a forest's own sample."""
        ranked = np.sort(scores)
        start = float(np.quantile(ranked, TAIL_START))
        above = ranked[ranked > start]
        # The median of the excesses: the outliers sought would stretch their own tail.
        return Calibration(
            ranked,
            start,
            max(float(np.median(above - start)) / np.log(2), 1e-6) if len(above) else 1e-6,
        )

    def tail(self, scores: Matrix) -> Matrix:
        """In (0, 1]: 1 for the most ordinary."""
        higher = len(self.ranked) - np.searchsorted(self.ranked, scores, side="left")
        by_rank = (higher + 1) / (len(self.ranked) + 1)
        beyond = (1 - TAIL_START) * np.exp(-(scores - self.start) / self.mean_excess)
        return np.where(scores > self.start, beyond, np.maximum(by_rank, 1 - TAIL_START))


def _placed(values: Matrix, scale: Scale, typical: float) -> Matrix:
    """Values on the scale of comparison; logarithms count from the typical value on."""
    if scale == "log":
        return np.log1p(np.maximum(values, 0.0) / typical)
    if scale == "logit":
        bounded = np.clip(values, 0.0, 1.0)
        return np.asarray(np.log((bounded + 0.005) / (1.005 - bounded)))
    return values


@dataclass(frozen=True)
class PeerForests:
    """Forests by peer group, and the norms by which features become distances.

    Args:
        typical: by feature the sample's median positive value.
        centres: by group the peers' median of each feature on its scale.
        spreads: by group the spread of each feature.
        usual: by group the median of each feature itself.
        upper: by group the upper quartile of each feature itself.
        indicators: places of features whose absence is itself a column.
    """

    subject: Subject
    features: tuple[Feature, ...]
    sizes: Mapping[str, int]
    typical: Matrix
    centres: Mapping[str, Matrix]
    spreads: Mapping[str, Matrix]
    usual: Mapping[str, Matrix]
    upper: Mapping[str, Matrix]
    indicators: tuple[int, ...]
    forests: Mapping[str, IsolationForest]
    calibrations: Mapping[str, Calibration]

    def peers(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Each subject's peer group."""
        ladder = LADDERS[self.subject]
        return assign(ladder.keys(frame), dict(self.sizes), ladder)

    def raw(self, frame: pd.DataFrame) -> Matrix:
        """The features as given."""
        return frame[[f.name for f in self.features]].to_numpy(dtype=np.float64, na_value=np.nan)

    def distances(self, frame: pd.DataFrame, groups: pd.Series) -> Matrix:
        """Distance of each feature from the peers' median, costly side positive; null is NaN."""
        placed = _on_scales(self.raw(frame), self.features, self.typical)
        far = np.full_like(placed, np.nan)
        for group, rows in _rows_by(groups):
            centre = self.centres.get(group, self.centres[POOLED])
            far[rows] = (placed[rows] - centre) / self.spreads.get(group, self.spreads[POOLED])
        signs = np.array([-1.0 if f.direction == "low" else 1.0 for f in self.features])
        cases, least = CASES[self.subject]
        known = frame[cases].fillna(0).to_numpy(dtype=np.float64)
        return np.asarray(far * signs * (known / (known + least))[:, None])

    def matrix(self, distances: Matrix) -> Matrix:
        """What the trees see: the harmless side and nulls at the median, absences beside them."""
        both = np.array([f.direction == "both" for f in self.features])
        shown = np.where(both, distances, np.maximum(distances, 0.0))
        absent = np.isnan(distances[:, list(self.indicators)]).astype(np.float64)
        return np.hstack([np.nan_to_num(shown, nan=0.0), absent])

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Peer group, forest, anomaly score and calibrated tail of each row."""
        found = self.peers(frame)
        groups = found["peer_group"]
        matrix = self.matrix(self.distances(frame, groups))
        found["forest"] = groups.where(groups.isin(self.forests.keys()), POOLED)
        scores, tails = np.zeros(len(frame)), np.ones(len(frame))
        for name, rows in _rows_by(found["forest"]):
            scores[rows] = anomaly(self.forests[name], matrix[rows])
            tails[rows] = self.calibrations[name].tail(scores[rows])
        return found.assign(anomaly=np.round(scores, 9), tail=np.round(tails, 12))

    def attributions(self, scored: pd.DataFrame) -> Matrix:
        """How far each feature raises a score: its fall when the feature takes the peers' median.

        Conditional substitution, one feature at a time; one column a column of :meth:`matrix`.
        """
        matrix = self.matrix(self.distances(scored, scored["peer_group"]))
        drops = np.zeros_like(matrix)
        for name, rows in _rows_by(scored["forest"]):
            forest, block = self.forests[name], matrix[rows]
            whole = anomaly(forest, block)
            for place in range(matrix.shape[1]):
                if not block[:, place].any():
                    continue
                without = block.copy()
                without[:, place] = 0.0
                drops[rows, place] = whole - anomaly(forest, without)
        return drops


def fit(
    sample: pd.DataFrame, subject: Subject, *, trees: int, rows: int, own: int, seed: int
) -> PeerForests:
    """Forests of the sample's peer groups, and the pooled one.

    Args:
        sample: profiles, ordered by subject.
        rows: subjects a tree is grown from.
        own: least peers for a forest of their own.
    """
    features = forest_features(subject)
    ladder = LADDERS[subject]
    keys = ladder.keys(sample)
    sizes = group_sizes(keys)
    groups = assign(keys, sizes, ladder)["peer_group"]
    raw = sample[[f.name for f in features]].to_numpy(dtype=np.float64, na_value=np.nan)
    typical = np.array([_typical(column) for column in raw.T])
    placed = _on_scales(raw, features, typical)
    floors = np.array([FLOOR[f.scale] for f in features])
    centres, spreads = {POOLED: _median(placed)}, {POOLED: _spread(placed, floors)}
    usual, upper = {POOLED: _median(raw)}, {POOLED: _upper(raw)}
    # Every subject with a key is a peer of that group, whichever rung it stands on itself.
    for group in sorted(set(groups)):
        members = keys[int(group.split(":", 1)[0])].eq(group).to_numpy()
        centres[group] = _filled(_median(placed[members]), centres[POOLED])
        spreads[group] = _filled(_spread(placed[members], floors), spreads[POOLED])
        usual[group] = _filled(_median(raw[members]), usual[POOLED])
        upper[group] = _filled(_upper(raw[members]), upper[POOLED])
    absent = np.isnan(raw).mean(axis=0)
    low, high = NULL_SHARES
    indicators = tuple(int(i) for i in np.flatnonzero((absent >= low) & (absent <= high)))
    norms = PeerForests(
        subject, features, sizes, typical, centres, spreads, usual, upper, indicators, {}, {}
    )
    matrix = norms.matrix(norms.distances(sample, groups))
    forests, calibrations = {}, {}
    counted = groups.value_counts()
    large = sorted(str(name) for name, n in counted.items() if n >= own)
    parts = {name: groups.eq(name).to_numpy() for name in large}
    parts[POOLED] = np.ones(len(sample), dtype=bool)
    for name, members in parts.items():
        forests[name] = grow(matrix[members], trees, rows, seed)
        calibrations[name] = Calibration.of(anomaly(forests[name], matrix[members]))
    return PeerForests(
        subject,
        features,
        sizes,
        typical,
        centres,
        spreads,
        usual,
        upper,
        indicators,
        forests,
        calibrations,
    )


def _on_scales(raw: Matrix, features: Sequence[Feature], typical: Matrix) -> Matrix:
    columns = [
        _placed(raw[:, place], feature.scale, float(typical[place]))
        for place, feature in enumerate(features)
    ]
    return np.column_stack(columns)


def _typical(column: Matrix) -> float:
    positive = column[column > 0]
    return float(np.median(positive)) if len(positive) else 1.0


def _median(matrix: Matrix) -> Matrix:
    return _by_column(matrix, lambda column: float(np.median(column)))


def _upper(matrix: Matrix) -> Matrix:
    return _by_column(matrix, lambda column: float(np.quantile(column, 0.75)))


def _spread(matrix: Matrix, floors: Matrix) -> Matrix:
    def of(column: Matrix) -> float:
        far = np.abs(column - np.median(column))
        above = far[column >= np.median(column)]
        return MAD_FACTOR * max(float(np.median(far)), float(np.median(above)))

    return np.asarray(np.fmax(_by_column(matrix, of), floors))


def _by_column(matrix: Matrix, of: Callable[[Matrix], float]) -> Matrix:
    known = [column[~np.isnan(column)] for column in matrix.T]
    return np.array([of(column) if len(column) else np.nan for column in known])


def _filled(values: Matrix, otherwise: Matrix) -> Matrix:
    return np.where(np.isnan(values), otherwise, values)


def _rows_by(groups: pd.Series) -> list[tuple[str, npt.NDArray[np.intp]]]:
    places = pd.Series(np.arange(len(groups)), index=groups.to_numpy())
    return [(str(name), rows.to_numpy()) for name, rows in places.groupby(level=0)]
