"""One lasting change of level in a series, with its place and an honest p-value.

Worsley, On the likelihood ratio test for a shift in location of normal populations, JASA 74 (1979):
the largest two-sample t over all places of the break. Its p-value is bounded by Bonferroni over the
places, which is valid for any dependence between them. Values that resemble their neighbours
(autocorrelation ρ) carry less than they count: t is divided by √((1 + ρ)/(1 − ρ)).

Assumes one change, equal variance before and after, and a series without season: take it out first
(``seasonality``), or divide by the peers' calendar. Counts go in as square roots or logarithms.
It must not be used on fewer than eight values, nor to tell a slow trend from a break.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Values = npt.NDArray[np.float64]

FEWEST = 3
"""Values on each side of a break at least."""


@dataclass(frozen=True)
class Shift:
    """The likeliest break of a series.

    Args:
        at: how many values lie before it.
        statistic: t of the mean after against the mean before.
        p: of a change in either direction, at any place.
    """

    at: int
    before: float
    after: float
    statistic: float
    p: float


def shift(series: Values, autocorrelation: float = 0.0, fewest: int = FEWEST) -> Shift | None:
    """The break with the largest t, or nothing where the series is too short or constant."""
    n = len(series)
    places = np.arange(fewest, n - fewest + 1)
    if n < 8 or not len(places):
        return None
    sums, squares = np.cumsum(series)[places - 1], float((series**2).sum())
    total = float(series.sum())
    before, after = sums / places, (total - sums) / (n - places)
    within = squares - places * before**2 - (n - places) * after**2
    error = np.sqrt(np.maximum(within, 0.0) / (n - 2) * (1 / places + 1 / (n - places)))
    if not (error > 1e-12).any():
        return None
    rho = float(np.clip(autocorrelation, 0.0, 0.9))
    t = np.divide(after - before, error, out=np.zeros_like(error), where=error > 1e-12)
    t = t / np.sqrt((1 + rho) / (1 - rho))
    best = int(np.argmax(np.abs(t)))
    p = min(1.0, 2.0 * len(places) * float(stats.t.sf(abs(t[best]), n - 2)))
    return Shift(int(places[best]), float(before[best]), float(after[best]), float(t[best]), p)


def lag_one(residuals: Values) -> float:
    """Autocorrelation at lag one, pooled over rows of residuals from their series' means."""
    ahead, behind = residuals[:, 1:], residuals[:, :-1]
    whole = float((residuals**2).mean())
    return float((ahead * behind).mean() / whole) if whole > 0 else 0.0
