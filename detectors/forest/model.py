"""Forests by peer group: grown from a sample, scored, calibrated, and tried with other seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import spearmanr
from sklearn.ensemble import IsolationForest

from detectors.forest.calibration import Calibration
from detectors.forest.isolation import Matrix, anomaly, grow, path_parts
from detectors.forest.kinds import Kind
from detectors.forest.norms import POOLED, Norms

PARTS_ROWS = 100
"""Rows whose parts are worked out at once, for memory's sake."""


@dataclass(frozen=True)
class Settings:
    """How forests are grown: trees a forest, subjects a tree, the fewest peers for one's own."""

    trees: int
    sample: int
    own: int


@dataclass(frozen=True)
class PeerForests:
    """Forests and calibrations by name: a peer group's, or ``POOLED`` for those without."""

    norms: Norms
    forests: Mapping[str, IsolationForest]
    calibrations: Mapping[str, Calibration]

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Peer group, its rung and size, forest, anomaly score and calibrated tail of each row."""
        found = self.norms.peers(frame)
        groups = found["peer_group"]
        matrix = self.norms.matrix(self.norms.distances(frame, groups))
        found["forest"] = groups.where(groups.isin(self.forests.keys()), POOLED)
        scores, tails = np.zeros(len(frame)), np.ones(len(frame))
        for name, rows in rows_by(found["forest"]):
            scores[rows] = anomaly(self.forests[name], matrix[rows])
            tails[rows] = self.calibrations[name].tail(scores[rows])
        return found.assign(anomaly=np.round(scores, 9), tail=tails)

    def parts(self, scored: pd.DataFrame) -> tuple[Matrix, Matrix]:
        """What each column of the matrix adds to a row's mean path length, and what is expected."""
        matrix = self.norms.matrix(self.norms.distances(scored, scored["peer_group"]))
        parts, expected = np.zeros_like(matrix), np.zeros(len(matrix))
        for name, rows in rows_by(scored["forest"]):
            for start in range(0, len(rows), PARTS_ROWS):
                some = rows[start : start + PARTS_ROWS]
                found = path_parts(self.forests[name], matrix[some])
                parts[some], expected[some] = found.parts, found.expected
        return parts, expected


@dataclass(frozen=True)
class Sample:
    """The subjects that forests are grown from: their matrix and the forest each belongs to."""

    norms: Norms
    matrix: Matrix
    members: Mapping[str, npt.NDArray[np.bool_]]

    @staticmethod
    def of(profiles: pd.DataFrame, kind: Kind, own: int) -> Sample:
        """From profiles, ordered by subject; where the kind is grouped, groups of at least ``own``
        have their own forest.

        Norms are everyone's; forests are grown from those who may be judged. Others (too few
        cases, nobody's peers) would stand apart by what is not known of them.
        """
        norms = Norms.of(profiles, kind)
        peers = norms.peers(profiles)
        judged = profiles[kind.judged(profiles) & peers["peer_level"].le(kind.ladder.narrow)]
        groups = peers.loc[judged.index, "peer_group"]
        matrix = norms.matrix(norms.distances(judged, groups))
        counted = groups.value_counts() if kind.grouped else groups[:0].value_counts()
        large = sorted(str(name) for name, n in counted.items() if n >= own)
        members = {name: groups.eq(name).to_numpy() for name in large}
        return Sample(norms, matrix, {**members, POOLED: np.ones(len(judged), dtype=bool)})

    def forests(
        self, settings: Settings, seed: int, names: Sequence[str] | None = None
    ) -> PeerForests:
        """Forests by one seed; only those named where names are given."""
        forests, calibrations = {}, {}
        for name in self.members if names is None else names:
            rows = self.matrix[self.members[name]]
            forests[name] = grow(rows, settings.trees, settings.sample, seed)
            calibrations[name] = Calibration.of(anomaly(forests[name], rows))
        return PeerForests(self.norms, forests, calibrations)


@dataclass(frozen=True)
class Stability:
    """What other seeds make of the same subjects.

    Args:
        agreeing: by row, how many of the seeds judge it likewise.
        correlation: by row, the least rank correlation (Spearman) of two seeds' scores over the
            sample of the row's forest.
        seeds: how many seeds there are.
    """

    agreeing: npt.NDArray[np.int64]
    correlation: Matrix
    seeds: int

    @staticmethod
    def of(
        sample: Sample,
        chief: PeerForests,
        others: Sequence[PeerForests],
        scored: pd.DataFrame,
        tail: float,
    ) -> Stability:
        """Score the rows by the forests of other seeds too.

        Args:
            scored: rows that ``chief`` scored and that are judged at this ``tail``.
        """
        norms = sample.norms
        matrix = norms.matrix(norms.distances(scored, scored["peer_group"]))
        agreeing, least = np.ones(len(scored), dtype=np.int64), np.ones(len(scored))
        for name, rows in rows_by(scored["forest"]):
            own = sample.matrix[sample.members[name]]
            ranks = [anomaly(model.forests[name], own) for model in (chief, *others)]
            for one, two in combinations(ranks, 2):
                least[rows] = np.fmin(least[rows], spearmanr(one, two).statistic)
            for model in others:
                tails = model.calibrations[name].tail(anomaly(model.forests[name], matrix[rows]))
                agreeing[rows] += tails <= tail
        return Stability(agreeing, np.round(least, 6), len(others) + 1)


def rows_by(names: pd.Series) -> list[tuple[str, npt.NDArray[np.intp]]]:
    """Places of the rows by name, in the order of names."""
    codes, found = pd.factorize(names, sort=True)
    return [(str(name), np.flatnonzero(codes == code)) for code, name in enumerate(found)]
