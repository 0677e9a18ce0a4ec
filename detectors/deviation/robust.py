"""Robust location and scale of peers, and how far a subject lies from them.

The scale is Qn where peers are few (``methods.scales`` says why) and the MAD where they are many,
and never narrower than the MAD of the costly side. Shrinkage by n / (n + k): the reliability of a
provider's mean (Adams, The reliability of provider profiling, RAND 2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from detectors.deviation.methods.scales import MAD_FACTOR, Values, double_mad, mad, qn
from features.catalogue import Scale

__all__ = ["FLOOR", "MAD_FACTOR", "Norm", "Values", "backward", "forward", "norm_of", "robust_z"]

# Differences below a tenth on the log scale, a quarter on the logit scale, are of no matter.
FLOOR: dict[Scale, float] = {"log": 0.1, "logit": 0.25, "linear": 1e-9}

QN_LIMIT = 2_000


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


def spread(values: Values, scale: Scale) -> float:
    """The scale of the costly side: Qn (MAD where peers are many), widened for a long tail."""
    symmetric = qn(values) if 2 <= len(values) <= QN_LIMIT else mad(values)
    return max(symmetric, double_mad(values)[1], FLOOR[scale])


@dataclass(frozen=True)
class Norm:
    """What is usual among the peers of one group, on the scale of comparison.

    Args:
        upper: upper quartile: above it lies money beyond expectation.
    """

    size: int
    centre: float
    spread: float
    upper: float


def norm_of(values: Values, scale: Scale) -> Norm:
    """The norm of a group of peers (at least two values)."""
    centre, upper = np.quantile(values, [0.5, 0.75])
    return Norm(len(values), float(centre), spread(values, scale), float(upper))


def robust_z(values: Values, centre: float, scale: float, base: Values, prior: float) -> Values:
    """Distance from the peers in spreads, drawn to 0 where few cases stand behind a value."""
    return np.asarray((values - centre) / scale * base / (base + prior), dtype=np.float64)


def tail_probability(z: Values, size: int) -> Values:
    """One-sided p-value by Student's t with n − 1 degrees: the scale itself was estimated."""
    return np.asarray(stats.t.sf(z, max(size - 1, 1)), dtype=np.float64)
