"""Observed against expected counts: exact Poisson and negative binomial tails and intervals.

Intervals: Garwood, Biometrika 28 (1936), exact; Byar's approximation in Breslow and Day,
Statistical Methods in Cancer Research II (IARC 1987), for reference. Tails: exact, or mid-p
(Lancaster, JASA 56, 1961), which is less conservative on small counts. Where peers differ beyond
Poisson's chance, counts are negative binomial with variance μ + αμ² (Cameron and Trivedi,
Regression Analysis of Count Data, 1998) and α is estimated from the peers, drawn in at both ends.

Assumes that the expected count is known well beside the observed one (many peers) and that what is
counted are separate events: lines of one visit are not, so visits or persons are counted.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from detectors.deviation.methods.funnel import WINSORISED, dispersion

Values = npt.NDArray[np.float64]


def garwood(observed: float, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a Poisson mean."""
    low, high = garwood_limits(np.array([observed], np.float64), level)
    return float(low[0]), float(high[0])


def garwood_limits(observed: Values, level: float = 0.95) -> tuple[Values, Values]:
    """The exact intervals of many counts: lower and upper limits."""
    tail = (1.0 - level) / 2.0
    low = np.nan_to_num(stats.chi2.ppf(tail, 2 * observed)) / 2
    return low, np.asarray(stats.chi2.isf(tail, 2 * observed + 2) / 2, dtype=np.float64)


def byar(observed: float, level: float = 0.95) -> tuple[float, float]:
    """Byar's approximation of the exact interval, good from about five events on."""
    z = stats.norm.isf((1.0 - level) / 2.0)
    more = observed + 1

    def limit(count: float, sign: int) -> float:
        return float(count * (1 - 1 / (9 * count) + sign * z / (3 * np.sqrt(count))) ** 3)

    return limit(observed, -1) if observed > 0 else 0.0, limit(more, 1)


def upper_tail(
    observed: Values, expected: Values, alpha: Values | float = 0.0, *, mid: bool = True
) -> Values:
    """Probability of as many events or more; with ``mid`` half of those as many.

    Args:
        alpha: overdispersion of the negative binomial; 0 is Poisson.
    """
    observed, expected = np.broadcast_arrays(
        np.asarray(observed, np.float64), np.asarray(expected, np.float64)
    )
    over = np.broadcast_to(np.asarray(alpha, np.float64), observed.shape)
    spread = over > 0
    shape = 1.0 / np.where(spread, over, 1.0)
    chance = shape / (shape + expected)
    more = np.where(
        spread,
        stats.nbinom.sf(observed, shape, chance),
        stats.poisson.sf(observed, expected),
    )
    same = np.where(
        spread,
        stats.nbinom.pmf(observed, shape, chance),
        stats.poisson.pmf(observed, expected),
    )
    return np.asarray(more + same * (0.5 if mid else 1.0), dtype=np.float64)


def rare_overdispersion(observed: Values, expected: Values) -> float:
    """α by the same moments where most counts are 0 and none is extreme, so none is drawn in."""
    phi = float(np.mean((observed - expected) ** 2 / expected))
    return max(0.0, (phi - 1.0) / float(np.mean(expected)))


def overdispersion(observed: Values, expected: Values, part: float = WINSORISED) -> float:
    """α of negative binomial counts, by moments of winsorised Pearson residuals.

    With residuals z, E[z²] = 1 + αμ: φ − 1 of the peers over their mean μ gives α.
    """
    phi = dispersion((observed - expected) / np.sqrt(expected), part)
    return max(0.0, (phi - 1.0) / float(np.mean(expected)))
