"""Lorenz curve and Gini coefficient against printed figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.deviation.methods.concentration import dearest_share, gini, lorenz, persons_for

# The example of R's packages ineq and DescTools, which print 0.4620911.
INCOMES = np.array([541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261], dtype=np.float64)


def test_gini_is_the_one_that_r_prints() -> None:
    assert gini(np.ones(10), INCOMES) == pytest.approx(0.4620911, abs=1e-7)


def test_twelve_per_cent_of_persons_and_fifty_two_of_cost() -> None:
    persons, sums = np.array([88.0, 12.0]), np.array([48.0, 52.0])
    assert dearest_share(persons, sums, 0.12) == pytest.approx(0.52)
    assert persons_for(persons, sums, 0.52) == pytest.approx(0.12)
    assert gini(persons, sums) == pytest.approx(0.52 - 0.12)


def test_equal_persons_and_one_who_has_all() -> None:
    assert gini(np.ones(5), np.full(5, 3.0)) == pytest.approx(0)
    assert gini(np.ones(5), np.array([0.0, 0, 0, 0, 1])) == pytest.approx(0.8)


def test_narrow_groups_lose_next_to_nothing() -> None:
    sums = np.random.default_rng(12).lognormal(5, 1.2, 4_000)
    place = np.floor(8 * np.log2(sums)).astype(int)
    place -= place.min()
    persons, cost = np.bincount(place).astype(np.float64), np.bincount(place, sums)
    grouped = gini(persons[persons > 0], cost[persons > 0])
    exact = gini(np.ones(len(sums)), sums)
    assert exact - 0.001 < grouped <= exact + 1e-12


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=40), st.integers(2, 9))
def test_shares_do_not_know_the_currency(values: list[int], factor: int) -> None:
    sums = np.array(values, dtype=np.float64)
    one = np.ones(len(sums))
    assert gini(one, factor * sums) == pytest.approx(gini(one, sums), abs=1e-12)
    people, money = lorenz(one, sums)
    assert (money <= people + 1e-12).all() and 0 <= gini(one, sums) < 1
