"""The scan statistic by enumeration, by its planted burst and under chance."""

from __future__ import annotations

from itertools import product
from math import factorial

import numpy as np
import pytest

from detectors.deviation.methods.scan import chance, clumping, scan


def even(places: int) -> np.ndarray:
    return np.full(places, 1 / places)


def test_a_planted_burst_is_found_where_it_is() -> None:
    counts = np.full(104, 3.0)
    counts[40:46] += 12
    rows = np.vstack([counts, counts[::-1]])
    found = scan(rows, even(104), tuple(range(1, 21)))
    assert (found.first.tolist(), found.last.tolist()) == ([40, 58], [45, 63])
    assert found.inside(rows).tolist() == [90.0, 90.0]


def test_the_ratio_by_hand() -> None:
    # Eight of ten in one cell of four: 8 ln(8/2.5) + 2 ln(2/7.5).
    found = scan(np.array([[1.0, 8, 0, 1]]), even(4), (1,))
    assert found.ratio[0] == pytest.approx(8 * np.log(8 / 2.5) + 2 * np.log(2 / 7.5))


def test_an_expected_peak_is_no_burst() -> None:
    season = np.array([1.0, 1, 6, 1, 1, 1])
    found = scan(10 * season[None, :], season / season.sum(), (1, 2, 3))
    assert found.ratio[0] == pytest.approx(0, abs=1e-9)


def test_chance_is_that_of_enumeration() -> None:
    """All 4^10 ways of ten events in four cells: how often the fullest holds seven or more."""
    ways = 0
    for cells in product(range(11), repeat=3):
        rest = 10 - sum(cells)
        if rest >= 0 and max(*cells, rest) >= 7:
            ways += factorial(10) // np.prod([factorial(n) for n in (*cells, rest)], dtype=object)
    exact = ways / 4**10
    ratio = scan(np.array([[7.0, 1, 1, 1]]), even(4), (1,)).ratio
    found = chance(np.ones(4), (1,), totals=(10, 20), simulations=4_000)
    assert found.tail(ratio, np.array([10.0]))[0] == pytest.approx(exact, abs=0.006)


def test_p_values_hold_their_level_under_chance() -> None:
    draw = np.random.default_rng(9)
    calendar = draw.uniform(0.5, 1.5, 52)
    calendar /= calendar.sum()
    known = chance(calendar, (1, 2, 4, 8, 12), totals=(50, 100, 200, 400), simulations=400)
    totals = draw.integers(60, 350, 300)
    counts = np.array([draw.multinomial(total, calendar) for total in totals], dtype=np.float64)
    p = known.tail(scan(counts, calendar, (1, 2, 4, 8, 12)).ratio, totals.astype(np.float64))
    for level in (0.05, 0.2):
        assert level / 4 < np.mean(p <= level) < level + 2 * np.sqrt(level * (1 - level) / 300)


def test_clumps_are_measured_outside_the_burst() -> None:
    draw = np.random.default_rng(10)
    counts = draw.poisson(3, (1, 200)) * 4.0
    counts[0, 50:55] += 200
    found = scan(counts, even(200), (1, 2, 5, 10))
    assert clumping(counts, even(200), found)[0] == pytest.approx(4, rel=0.3)
    flat = np.full((1, 20), 5.0)
    assert clumping(flat, even(20), scan(flat, even(20), (2,)))[0] == 1
