"""One isolation forest: grown, scored, and its score divided exactly among the features.

Liu, Ting and Zhou, Isolation forest, ICDM 2008. A score's parts are the Shapley values of the mean
path length under the trees' own distribution (path-dependent TreeSHAP: Lundberg et al., Nature
Machine Intelligence 2, 2020). Within one leaf the game is a product over the features of its path,
so its Shapley value is the integral of Owen's multilinear extension (Management Science 18, 1972),
a polynomial that Gauss–Legendre quadrature integrates without error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest

Matrix = npt.NDArray[np.float64]


def grow(matrix: Matrix, trees: int, sample: int, seed: int) -> IsolationForest:
    """A seeded isolation forest."""
    return IsolationForest(
        n_estimators=trees, max_samples=min(sample, len(matrix)), random_state=seed, n_jobs=1
    ).fit(matrix)


def anomaly(forest: IsolationForest, matrix: Matrix) -> Matrix:
    """The paper's score in (0, 1): 0.5 is average, near 1 isolated at once."""
    return np.asarray(-forest.score_samples(matrix), dtype=np.float64)


def average_path(size: Matrix) -> Matrix:
    """Mean path length of a search that fails among so many points (equation 1 of the paper)."""
    above = np.maximum(size, 3.0)
    many = 2.0 * (np.log(above - 1.0) + np.euler_gamma) - 2.0 * (above - 1.0) / above
    return np.where(size <= 1, 0.0, np.where(size == 2, 1.0, many))


def score_of_path(path: Matrix, sample: int) -> Matrix:
    """The score of a mean path length in forests grown from so many points a tree."""
    return np.asarray(2.0 ** (-path / average_path(np.array(float(sample)))))


@dataclass(frozen=True)
class Parts:
    """Mean path lengths and what each feature does to them, in cuts.

    Args:
        expected: mean path length of the forest's own sample.
        parts: rows by features; negative shortens the path, which raises the score. A row's sum
            and ``expected`` give the row's mean path length.
    """

    expected: float
    parts: Matrix


def path_parts(forest: IsolationForest, matrix: Matrix) -> Parts:
    """The exact parts of each row's mean path length; some milliseconds a row, so for few rows."""
    # Trees compare in single precision.
    rows = np.asarray(matrix, dtype=np.float32).astype(np.float64)
    parts, expected = np.zeros(rows.shape), 0.0
    for tree in forest.estimators_:
        leaves = _Leaves.of(tree.tree_)
        expected += float(leaves.shares @ leaves.lengths)
        parts += leaves.parts(rows)
    trees = len(forest.estimators_)
    return Parts(expected / trees, parts / trees)


@dataclass(frozen=True)
class _Leaves:
    """A tree by its leaves: per leaf and feature of its path one interval, padded with no-ops.

    Args:
        lengths: path length of each leaf, with the paper's correction for what it still holds.
        shares: share of the tree's points in each leaf.
        features: by leaf and slot the feature's place.
        low, high: the interval (low, high] that leads to the leaf.
        cover: share of the points that the feature's cuts let pass.
    """

    lengths: Matrix
    shares: Matrix
    features: npt.NDArray[np.intp]
    low: Matrix
    high: Matrix
    cover: Matrix

    @staticmethod
    def of(tree: Any) -> _Leaves:
        """The leaves of a scikit-learn tree."""
        ends: list[tuple[int, int, dict[int, tuple[float, float, float]]]] = []
        held = tree.n_node_samples
        stack: list[tuple[int, int, dict[int, tuple[float, float, float]]]] = [(0, 0, {})]
        while stack:
            node, depth, path = stack.pop()
            if tree.children_left[node] < 0:
                ends.append((node, depth, path))
                continue
            feature, cut = int(tree.feature[node]), float(tree.threshold[node])
            low, high, cover = path.get(feature, (-np.inf, np.inf, 1.0))
            left, right = int(tree.children_left[node]), int(tree.children_right[node])
            lower = (low, min(high, cut), cover * held[left] / held[node])
            upper = (max(low, cut), high, cover * held[right] / held[node])
            stack.append((left, depth + 1, {**path, feature: lower}))
            stack.append((right, depth + 1, {**path, feature: upper}))
        sizes = np.array([held[node] for node, _, _ in ends], dtype=np.float64)
        depths = np.array([depth for _, depth, _ in ends], dtype=np.float64)
        slots = max(1, *(len(path) for _, _, path in ends))
        features = np.zeros((len(ends), slots), dtype=np.intp)
        bounds = np.empty((len(ends), slots, 3))
        bounds[:] = (-np.inf, np.inf, 1.0)
        for leaf, (_, _, path) in enumerate(ends):
            features[leaf, : len(path)] = list(path)
            for slot, interval in enumerate(path.values()):
                bounds[leaf, slot] = interval
        return _Leaves(
            depths + average_path(sizes),
            sizes / sizes.sum(),
            features,
            bounds[..., 0],
            bounds[..., 1],
            bounds[..., 2],
        )

    def parts(self, rows: Matrix) -> Matrix:
        """Shapley values of the path length, rows by features."""
        slots = self.features.shape[1]
        values = rows[:, self.features]
        passes = ((values > self.low) & (values <= self.high)).astype(np.float64)
        # Of degree slots - 1 in t, which so many nodes integrate exactly.
        nodes, weights = np.polynomial.legendre.leggauss((slots + 1) // 2)
        others = np.zeros_like(passes)
        for node, weight in zip((nodes + 1.0) / 2.0, weights / 2.0, strict=True):
            factors = passes * node + self.cover * (1.0 - node)
            others += weight * factors.prod(axis=2, keepdims=True) / factors
        told = (passes - self.cover) * others * self.lengths[:, None]
        placed = np.zeros((self.features.size, rows.shape[1]))
        placed[np.arange(self.features.size), self.features.ravel()] = 1.0
        return np.asarray(told.reshape(len(rows), -1) @ placed)
