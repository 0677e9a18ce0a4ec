"""Exact intervals and tails of counts against published figures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from detectors.deviation.methods.counts import byar, garwood, overdispersion, upper_tail


@pytest.mark.parametrize(
    ("observed", "low", "high"),
    # The table of exact 95 % limits (Garwood 1936; Breslow and Day 1987, table 2.10).
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390),
     (20, 12.217, 30.888), (100, 81.364, 121.627)],
)  # fmt: skip
def test_exact_limits_are_those_of_the_table(observed: int, low: float, high: float) -> None:
    assert garwood(observed) == pytest.approx((low, high), abs=6e-4)
    if observed >= 5:
        assert byar(observed) == pytest.approx((low, high), rel=0.01)


def test_a_limit_is_where_the_tail_is() -> None:
    low, high = garwood(7)
    tails = upper_tail(np.array([7.0, 8.0]), np.array([low, high]), mid=False)
    assert tails == pytest.approx([0.025, 0.975])


def test_mid_p_counts_half_of_those_as_many() -> None:
    whole = upper_tail(np.array([4.0]), np.array([2.0]), mid=False)[0]
    assert whole == pytest.approx(stats.poisson.sf(3, 2))
    assert upper_tail(np.array([4.0]), np.array([2.0]))[0] == pytest.approx(
        whole - stats.poisson.pmf(4, 2) / 2
    )


def test_negative_binomial_tail_by_hand() -> None:
    # α = 1, μ = 1: geometric with ½; four or more 1/16.
    assert upper_tail(np.array([4.0]), np.array([1.0]), 1.0, mid=False)[0] == pytest.approx(1 / 16)


def test_overdispersion_is_found_again_and_tails_are_even() -> None:
    draw = np.random.default_rng(6)
    expected = draw.uniform(20, 80, 3_000)
    observed = draw.poisson(expected * draw.gamma(5, 1 / 5, 3_000)).astype(np.float64)
    assert overdispersion(observed, expected, 0.01) == pytest.approx(0.2, rel=0.15)
    p = upper_tail(observed, expected, 0.2)
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert overdispersion(draw.poisson(expected).astype(np.float64), expected) < 0.005


def test_tails_fall_as_counts_grow() -> None:
    counts = np.arange(0.0, 40.0)
    for alpha in (0.0, 0.3):
        assert (np.diff(upper_tail(counts, np.full(40, 9.0), alpha)) < 0).all()
