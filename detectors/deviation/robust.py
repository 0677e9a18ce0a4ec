"""Robust location and scale of peers, and how far a subject lies from them.

Qn: Rousseeuw and Croux, Alternatives to the median absolute deviation, JASA 88 (1993). Shrinkage by
n / (n + k): the reliability of a provider's mean (Adams, The reliability of provider profiling,
RAND 2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.robust.scale import qn_scale

from features.catalogue import Scale

Values = npt.NDArray[np.float64]

# Differences below a tenth on the log scale, a quarter on the logit scale, are of no matter.
FLOOR: dict[Scale, float] = {"log": 0.1, "logit": 0.25, "linear": 1e-9}

QN_LIMIT = 2_000
MAD_FACTOR = 1.482602218505602
"""Makes the median absolute deviation of a normal sample estimate its standard deviation."""


def forward(values: Values, scale: Scale, base: Values, offset: float = 0.0) -> Values:
    """Values on the scale of comparison; NaN where they have no place on it.

    Args:
        base: the count behind each value. A share of ``n`` cases becomes
            ``log((ns + ½) / (n(1 − s) + ½))``, which is finite at 0 and 1.
        offset: added before the logarithm, so that zeros take part.
    """
    if scale == "logit":
        hits = np.clip(values, 0.0, 1.0) * base
        return np.asarray(np.log((hits + 0.5) / (base - hits + 0.5)))
    if scale == "log":
        shifted = values + offset
        return np.log(shifted, out=np.full_like(shifted, np.nan), where=shifted > 0)
    return values


def backward(value: float, scale: Scale, offset: float = 0.0) -> float:
    """A place on the scale of comparison as a value of the feature."""
    if scale == "logit":
        return float(1 / (1 + np.exp(-value)))
    if scale == "log":
        return float(max(0.0, np.exp(value) - offset))
    return float(value)


def mad(values: Values) -> float:
    """Median absolute deviation, normal-consistent."""
    return MAD_FACTOR * float(np.median(np.abs(values - np.median(values))))


def upper_mad(values: Values) -> float:
    """The same of the values at or above the median only, for distributions with a long tail."""
    centre = np.median(values)
    above = values[values >= centre]
    return MAD_FACTOR * float(np.median(above - centre))


def spread(values: Values, scale: Scale) -> float:
    """The scale of the costly side: Qn (MAD where peers are many), widened for a long tail."""
    symmetric = float(qn_scale(values)) if 2 <= len(values) <= QN_LIMIT else mad(values)
    return max(symmetric, upper_mad(values), FLOOR[scale])


@dataclass(frozen=True)
class Norm:
    """What is usual among the peers of one group, on the scale of comparison.

    Args:
        upper: upper quartile: above it lies money beyond expectation.
        cut: at most five subjects, or one in a hundred, of the group lie above.
    """

    size: int
    centre: float
    spread: float
    upper: float
    cut: float


def norm_of(values: Values, scale: Scale) -> Norm:
    """The norm of a group of peers (at least two values)."""
    n = len(values)
    rank = min(n - 1, max(5, int(np.ceil(0.01 * n))))
    cut = float(np.partition(values, n - 1 - rank)[n - 1 - rank])
    return Norm(
        n, float(np.median(values)), spread(values, scale), float(np.quantile(values, 0.75)), cut
    )


def robust_z(values: Values, centre: Values, scale: Values, base: Values, prior: float) -> Values:
    """Distance from the peers in spreads, drawn to 0 where few cases stand behind a value."""
    return (values - centre) / scale * base / (base + prior)


def tail_probability(z: Values, size: Values) -> Values:
    """One-sided p-value by Student's t with n − 1 degrees: the scale itself was estimated."""
    return np.asarray(stats.t.sf(z, np.maximum(size - 1, 1)), dtype=np.float64)


def q_values(p: Values, tested: int) -> Values:
    """Benjamini–Hochberg adjusted p-values (JRSS B 57, 1995) of the smallest of many p-values.

    Args:
        p: all p-values up to some level α.
        tested: how many hypotheses were tested; those not given have a p-value above α.

    Returns:
        Adjusted p-values, exact wherever they are at most α.
    """
    padded = np.concatenate([p, np.ones(max(0, tested - len(p)))])
    if not len(padded):
        return padded
    return np.asarray(stats.false_discovery_control(padded)[: len(p)])
