"""Funnel statistics against published figures of meta-analysis and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from detectors.deviation.methods.funnel import (
    Standardised,
    between_variance,
    dispersion,
    multiplicative_z,
    proportions,
    random_effects_z,
    ratios,
    upper_share,
    winsorised,
)

# BCG vaccine trials (Colditz et al., JAMA 271, 1994): cases and others, vaccinated and not. The
# log risk ratios have Q = 152.2330 and DerSimonian-Laird τ² = 0.3088 (R's metafor, dat.bcg).
BCG = np.array(
    [(4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
     (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
     (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
     (27, 16886, 29, 17825)], dtype=np.float64
)  # fmt: skip


def test_without_winsorising_it_is_dersimonian_and_laird() -> None:
    a, b, c, d = BCG.T
    effect = np.log(a / (a + b) / (c / (c + d)))
    error = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    target = float((effect / error**2).sum() / (1 / error**2).sum())
    units = Standardised(effect, error, target)
    assert len(effect) * dispersion(units.z, 0.0) == pytest.approx(152.2330, abs=1e-3)
    assert between_variance(units, 0.0) == pytest.approx(0.3088, abs=1e-4)


def test_places_by_hand() -> None:
    units = proportions(np.array([25.0]), np.array([100.0]), 0.5)
    # arcsin √¼ = π/6 and arcsin √½ = π/4: π/12 apart, in errors of 1/20.
    assert units.z[0] == pytest.approx(-np.pi / 12 * 20)
    assert ratios(np.array([36.0]), np.array([25.0])).z[0] == pytest.approx(2.0)


def test_winsorising_keeps_the_outlier_out_of_the_limits() -> None:
    z = np.concatenate([np.linspace(-1, 1, 39), [40.0]])
    assert winsorised(z).max() < 1.1
    assert dispersion(z) < 1
    assert dispersion(z, 0.0) > 30


def test_equal_units_have_no_variance_between_them() -> None:
    draw = np.random.default_rng(4)
    cases = np.full(400, 200.0)
    units = proportions(draw.binomial(200, 0.2, 400).astype(np.float64), cases)
    assert between_variance(units) < 1e-4
    assert multiplicative_z(units, 0.5) == pytest.approx(units.z)


def test_p_values_are_even_where_units_differ_as_the_model_says() -> None:
    draw = np.random.default_rng(5)
    cases = draw.integers(50, 2_000, 1_500).astype(np.float64)
    place = np.arcsin(np.sqrt(0.2)) + draw.normal(0, 0.05, 1_500)
    hits = draw.binomial(cases.astype(int), np.sin(place) ** 2).astype(np.float64)
    units = proportions(hits, cases)
    # Winsorising takes some of τ² away: what is left is within a fifth of it.
    tau2 = between_variance(units)
    assert 0.5 * 0.05**2 < tau2 < 1.2 * 0.05**2
    p = stats.norm.sf(random_effects_z(units, 0.05**2))
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_the_limit_is_where_z_is() -> None:
    share = upper_share(0.2, 150.0, 0.01, 3.0)
    units = proportions(np.array([150 * share]), np.array([150.0]), 0.2)
    assert random_effects_z(units, 0.01)[0] == pytest.approx(3.0)
