"""Mixes of categories: the G test, its overdispersion, and even p-values under it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from detectors.deviation.methods.composition import Usual, intraclass, mixes, usual, usual_shares


def drawn(seed: int, many: int, rho: float, shares: np.ndarray) -> np.ndarray:
    """Dirichlet-multinomial counts; ρ = 1 / (1 + sum of the Dirichlet's parameters)."""
    draw = np.random.default_rng(seed)
    totals = draw.integers(50, 400, many)
    own = draw.dirichlet(shares * (1 / rho - 1), many) if rho else np.tile(shares, (many, 1))
    return np.array(
        [draw.multinomial(n, p) for n, p in zip(totals, own, strict=True)], dtype=np.float64
    )


SHARES = np.array([0.25, 0.42, 0.25, 0.08])


def test_without_overdispersion_it_is_scipys_g_test() -> None:
    counts = drawn(1, 30, 0.0, SHARES)
    found = mixes(counts, Usual(SHARES, 0.0))
    first = stats.power_divergence(counts[0], found.expected[0], lambda_="log-likelihood")
    assert found.statistic[0] == pytest.approx(first.statistic)
    assert found.p[0] == pytest.approx(first.pvalue)
    assert found.expected.sum(axis=1) == pytest.approx(counts.sum(axis=1))


@pytest.mark.parametrize("rho", [0.0, 0.02])
def test_p_values_are_even_where_peers_differ_as_the_model_says(rho: float) -> None:
    counts = drawn(2, 800, rho, SHARES)
    found = mixes(counts, Usual(SHARES, rho))
    assert stats.kstest(found.p, "uniform").pvalue > 0.005


def test_overdispersion_is_found_again() -> None:
    counts = drawn(3, 2_000, 0.03, SHARES)
    expected = counts.sum(axis=1, keepdims=True) * SHARES
    assert intraclass(counts, expected, 0.0) == pytest.approx(0.03, rel=0.15)
    assert usual(drawn(4, 500, 0.0, SHARES)).rho < 0.003


def test_one_who_bills_the_top_stands_apart_from_peers_who_vary() -> None:
    counts = drawn(5, 60, 0.02, SHARES)
    counts[7] = [5, 20, 30, 145]
    found = mixes(counts, usual(counts))
    assert found.p.argmin() == 7 and found.p[7] < 1e-6
    assert np.delete(found.p, 7).min() > 1e-4


def test_neither_the_largest_nor_the_suspect_decides_what_is_usual() -> None:
    counts = drawn(6, 40, 0.0, SHARES)
    counts[0] = [0, 0, 0, 100_000]
    assert usual_shares(counts) == pytest.approx(SHARES, abs=0.02)
    assert usual_shares(counts).sum() == pytest.approx(1)
    empty = np.tile([50.0, 50.0, 0.0], (20, 1))
    assert 0 < usual_shares(empty)[2] < 1e-3
