"""A score is the paper's, and its parts are exact Shapley values that sum to it."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.forest.isolation import (
    Matrix,
    anomaly,
    average_path,
    grow,
    path_parts,
    score_of_path,
)


def drawn(rows: int, columns: int, seed: int = 0) -> Matrix:
    return np.random.default_rng(seed).normal(size=(rows, columns))


def test_average_path_is_the_papers() -> None:
    """Equation 1: c(n) = 2 H(n - 1) - 2 (n - 1) / n; c(256) is 10.24 by the usual H."""
    found = average_path(np.array([1.0, 2.0, 256.0]))
    assert found[:2].tolist() == [0.0, 1.0]
    assert found[2] == pytest.approx(10.2448, abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 6), st.integers(2, 60))
def test_parts_and_what_is_expected_give_the_score(seed: int, columns: int, rows: int) -> None:
    matrix = drawn(rows, columns, seed)
    forest = grow(matrix, trees=5, sample=32, seed=seed)
    found = path_parts(forest, matrix)
    paths = found.expected + found.parts.sum(axis=1)
    assert score_of_path(paths, min(rows, 32)) == pytest.approx(anomaly(forest, matrix), abs=1e-9)


def expected_length(tree: Any, row: Matrix, known: frozenset[int], node: int = 0) -> float:
    """Path length when only some features are known: others go both ways, by cover."""
    left, right = tree.children_left[node], tree.children_right[node]
    held = tree.n_node_samples
    if left < 0:
        return float(average_path(np.array(float(held[node]))))
    ways = [expected_length(tree, row, known, child) for child in (left, right)]
    if int(tree.feature[node]) in known:
        lower = np.float32(row[tree.feature[node]]) <= tree.threshold[node]
        return 1.0 + ways[0 if lower else 1]
    return 1.0 + float(np.average(ways, weights=[held[left], held[right]]))


def test_parts_are_the_shapley_values_by_their_definition() -> None:
    matrix, columns = drawn(40, 4), 4
    forest = grow(matrix, trees=3, sample=40, seed=1)
    found = path_parts(forest, matrix[:3]).parts
    for place, row in enumerate(matrix[:3]):
        for feature in range(columns):
            others = [f for f in range(columns) if f != feature]
            told = 0.0
            for size in range(columns):
                weight = factorial(size) * factorial(columns - 1 - size) / factorial(columns)
                for known in map(frozenset, combinations(others, size)):
                    for tree in forest.estimators_:
                        with_it = expected_length(tree.tree_, row, known | {feature})
                        told += weight * (with_it - expected_length(tree.tree_, row, known))
            assert found[place, feature] == pytest.approx(told / 3, abs=1e-9)


def test_the_feature_that_stands_out_has_the_largest_part() -> None:
    matrix = drawn(500, 6)
    odd = np.zeros((1, 6))
    odd[0, 4] = 9.0
    parts = path_parts(grow(matrix, 50, 256, 0), odd).parts[0]
    assert parts.argmin() == 4
    assert parts[4] < 3 * np.delete(parts, 4).min()
