"""Scales of a sample that outliers do not inflate, and which one to use.

==========  =================================  ================================================
scale       source                             use
==========  =================================  ================================================
MAD         Hampel, JASA 69 (1974)             many peers: linear time; efficiency 37 %
Sn          Rousseeuw and Croux, JASA 88       few peers, skewed: needs no centre; 58 %
            (1993)
Qn          the same                           few peers, nearly symmetric: 82 %
double MAD  MAD of each side of the median     one side is judged and its tail is the longer one
==========  =================================  ================================================

Efficiencies are at the normal distribution. All four are consistent there, so that a distance reads
in standard deviations, and all break down only when half of the sample is bad. None may be used on
a sample of which half is one value: the scale is then 0 and every other value infinitely far.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from statsmodels.robust.scale import qn_scale

Values = npt.NDArray[np.float64]

MAD_FACTOR = 1.482602218505602
"""Makes the median absolute deviation of a normal sample estimate its standard deviation."""

SN_FACTOR = 1.1926
# Croux and Rousseeuw, Time-efficient algorithms for two highly robust estimators of scale (1992).
SN_SMALL = (0.743, 1.851, 0.954, 1.351, 0.993, 1.198, 1.005, 1.131)


def mad(values: Values) -> float:
    """Median absolute deviation, normal-consistent."""
    return MAD_FACTOR * float(np.median(np.abs(values - np.median(values))))


def double_mad(values: Values) -> tuple[float, float]:
    """Median absolute deviations of the lower and of the upper half, normal-consistent."""
    centre = np.median(values)
    below, above = values[values <= centre], values[values >= centre]
    return (
        MAD_FACTOR * float(np.median(centre - below)),
        MAD_FACTOR * float(np.median(above - centre)),
    )


def sn(values: Values) -> float:
    """Sn: the low median of each value's high median distance from all (quadratic in memory).

    Raises:
        ValueError: fewer than two values.
    """
    n = len(values)
    if n < 2:
        raise ValueError("Sn needs two values at least")
    distances = np.abs(values[:, None] - values[None, :])
    high = np.partition(distances, n // 2, axis=1)[:, n // 2]
    low = float(np.partition(high, (n + 1) // 2 - 1)[(n + 1) // 2 - 1])
    small = SN_SMALL[n - 2] if n <= 9 else n / (n - 0.9) if n % 2 else 1.0
    return SN_FACTOR * small * low


def qn(values: Values) -> float:
    """Qn: the first quartile of all distances between pairs (statsmodels)."""
    return float(qn_scale(values))
