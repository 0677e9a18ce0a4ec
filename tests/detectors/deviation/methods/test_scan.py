"""The scan statistic by enumeration, by its planted burst and under chance."""

from __future__ import annotations

from itertools import product
from math import factorial

import numpy as np
import pytest

from detectors.deviation.methods.scan import burst, chance, clumping


def test_a_planted_burst_is_found_where_it_is() -> None:
    counts = np.full(104, 3.0)
    counts[40:46] += 12
    found = burst(counts, np.ones(104), 20)
    assert (found.first, found.last, found.observed) == (40, 45, 90.0)
    assert found.expected == pytest.approx(6 * counts.sum() / 104)


def test_the_ratio_by_hand() -> None:
    # Eight of ten in one cell of four: 8 ln(8/2.5) + 2 ln(2/7.5).
    found = burst(np.array([1.0, 8, 0, 1]), np.ones(4), 1)
    assert found.ratio == pytest.approx(8 * np.log(8 / 2.5) + 2 * np.log(2 / 7.5))


def test_an_expected_peak_is_no_burst() -> None:
    season = np.array([1.0, 1, 6, 1, 1, 1])
    assert burst(10 * season, season, 3).ratio == pytest.approx(0, abs=1e-9)


def test_chance_is_that_of_enumeration() -> None:
    """All 4^10 ways of ten events in four cells: how often the fullest holds seven or more."""
    ways = 0
    for cells in product(range(11), repeat=3):
        rest = 10 - sum(cells)
        if rest >= 0 and max(*cells, rest) >= 7:
            ways += factorial(10) // np.prod([factorial(n) for n in (*cells, rest)], dtype=object)
    exact = ways / 4**10
    ratio = burst(np.array([7.0, 1, 1, 1]), np.ones(4), 1).ratio
    found = chance(np.ones(4), 1, totals=(10, 20), simulations=4_000)
    assert found.tail(np.array([ratio]), np.array([10.0]))[0] == pytest.approx(exact, abs=0.006)


def test_p_values_hold_their_level_under_chance() -> None:
    draw = np.random.default_rng(9)
    calendar = draw.uniform(0.5, 1.5, 52)
    known = chance(calendar, 12, totals=(50, 100, 200, 400), simulations=400)
    ratios, totals = [], draw.integers(60, 350, 300)
    for total in totals:
        counts = draw.multinomial(total, calendar / calendar.sum()).astype(np.float64)
        ratios.append(burst(counts, calendar, 12).ratio)
    p = known.tail(np.array(ratios), totals.astype(np.float64))
    for level in (0.05, 0.2):
        assert level / 4 < np.mean(p <= level) < level + 2 * np.sqrt(level * (1 - level) / 300)


def test_clumps_are_measured_outside_the_burst() -> None:
    draw = np.random.default_rng(10)
    counts = draw.poisson(3, 200) * 4.0
    counts[50:55] += 200
    found = burst(counts, np.ones(200), 20)
    assert clumping(counts, np.ones(200), found) == pytest.approx(4, rel=0.3)
    assert clumping(np.full(20, 5.0), np.ones(20), burst(np.full(20, 5.0), np.ones(20), 2)) == 1
