"""Whether a subject's mix of categories is its peers': levels, hours, weekdays, digits.

The likelihood ratio (G) test of a multinomial against the peers' shares. Subjects differ in their
mix beyond chance (one sees sicker people), which makes their counts Dirichlet-multinomial: the
statistic is divided by C = 1 + (n − 1)ρ (Brier, Analysis of contingency tables under cluster
sampling, Biometrika 67, 1980), ρ estimated from the peers by moments, drawn in at the ends. The
peers' shares leave the subject out.

Assumes that peers do the same work. It must not be used with fewer than ten peers, nor with an
expected count under one in a category: categories are pooled before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from detectors.deviation.methods.funnel import WINSORISED

Values = npt.NDArray[np.float64]

SMOOTHING = 0.5
"""Added to each category of the peers, so that none is thought impossible."""


@dataclass(frozen=True)
class Mixes:
    """Each subject's counts against its peers, one row a subject.

    Args:
        expected: counts that the peers' shares give the subject's total.
        statistic: G divided by the overdispersion.
        p: of a mix as far from the peers', in any direction.
    """

    expected: Values
    statistic: Values
    p: Values
    rho: float


def intraclass(counts: Values, expected: Values, part: float = WINSORISED) -> float:
    """ρ: how alike the cases of one subject are beyond their peers' shares, by moments."""
    total, degrees = counts.sum(axis=1), counts.shape[1] - 1
    square = ((counts - expected) ** 2 / expected).sum(axis=1) / degrees
    many = total > 1
    if degrees < 1 or not many.any():
        return 0.0
    square = np.clip(square, *np.quantile(square[many], [part, 1 - part]))
    spread = float((square[many] - 1).sum() / (total[many] - 1).sum())
    return float(np.clip(spread, 0.0, 1.0))


def mixes(counts: Values, rho: float | None = None) -> Mixes:
    """Test each subject of one group of peers against the others.

    Args:
        counts: one row a subject, one column a category; no row is empty.
        rho: overdispersion if known, else estimated.
    """
    total = counts.sum(axis=1, keepdims=True)
    others = counts.sum(axis=0, keepdims=True) - counts + SMOOTHING
    expected = total * others / others.sum(axis=1, keepdims=True)
    like = intraclass(counts, expected) if rho is None else rho
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(counts > 0, counts * np.log(counts / expected), 0.0)
    inflation = 1.0 + (total[:, 0] - 1.0) * like
    statistic = 2.0 * gain.sum(axis=1) / inflation
    p = stats.chi2.sf(statistic, counts.shape[1] - 1)
    return Mixes(expected, statistic, np.asarray(p, dtype=np.float64), like)
