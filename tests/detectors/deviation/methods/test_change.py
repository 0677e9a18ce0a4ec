"""Breaks of published series are found where the literature has them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.datasets import nile

from detectors.deviation.methods.change import lag_one, shift

# Coal-mining disasters a year, 1851 to 1962 (Jarrett, Biometrika 66, 1979).
DISASTERS = np.array(
    [4, 5, 4, 1, 0, 4, 3, 4, 0, 6, 3, 3, 4, 0, 2, 6, 3, 3, 5, 4, 5, 3, 1, 4, 4, 1, 5, 5, 3, 4, 2, 5,
     2, 2, 3, 4, 2, 1, 3, 2, 2, 1, 1, 1, 1, 3, 0, 0, 1, 0, 1, 1, 0, 0, 3, 1, 0, 3, 2, 2, 0, 1, 1, 1,
     0, 1, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, 1, 1, 0, 2, 3, 3, 1, 1, 2, 1, 1, 1, 1, 2, 4, 2, 0, 0, 0, 1,
     4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1], dtype=np.float64
)  # fmt: skip


def test_the_nile_falls_after_1898() -> None:
    """Cobb, Biometrika 65 (1978): 28 years at 1,097.75, then 72 at 849.97."""
    found = shift(nile.load_pandas().data["volume"].to_numpy(dtype=np.float64))
    assert found is not None
    assert found.at == 28
    assert (found.before, found.after) == pytest.approx((1097.75, 849.97), abs=0.01)
    assert found.p < 1e-9


def test_disasters_become_rare_about_1890() -> None:
    """Raftery and Akman, Biometrika 73 (1986): the change is most likely in March 1890."""
    found = shift(np.sqrt(DISASTERS + 3 / 8))
    assert found is not None
    assert 1851 + found.at in (1889, 1890, 1891, 1892)
    assert found.statistic < -6 and found.p < 1e-8


def test_chance_alone_seldom_breaks() -> None:
    draw = np.random.default_rng(7)
    p = [found.p for _ in range(400) if (found := shift(draw.normal(size=24)))]
    # Bonferroni's bound is above the truth, so rejections stay below their level.
    assert np.mean(np.array(p) <= 0.05) <= 0.05
    assert np.mean(np.array(p) <= 0.2) > 0.03


def test_resemblance_of_neighbours_is_paid_for() -> None:
    draw = np.random.default_rng(8)
    rows = np.zeros((300, 24))
    for t in range(1, 24):
        rows[:, t] = 0.5 * rows[:, t - 1] + draw.normal(size=300)
    rho = lag_one(rows - rows.mean(axis=1, keepdims=True))
    assert 0.2 < rho < 0.6
    naive = np.mean([shift(row).p <= 0.05 for row in rows])  # type: ignore[union-attr]
    paid = np.mean([shift(row, 0.5).p <= 0.05 for row in rows])  # type: ignore[union-attr]
    assert paid <= 0.06 < naive


@pytest.mark.parametrize("series", [np.ones(24), np.arange(7.0)])
def test_nothing_to_say(series) -> None:  # type: ignore[no-untyped-def]
    assert shift(series) is None


def test_t_is_scipys_at_the_break() -> None:
    series = np.array([1.0, 2, 1, 2, 1, 9, 8, 9, 8, 9])
    found = shift(series)
    assert found is not None and found.at == 5
    assert found.statistic == pytest.approx(stats.ttest_ind(series[5:], series[:5]).statistic)
