"""Whether a subject's mix of categories is its peers': levels, hours, weekdays, digits.

The likelihood ratio (G) test of a multinomial against the peers' shares. Subjects differ in their
mix beyond chance (one sees sicker people), which makes their counts Dirichlet-multinomial: the
statistic is divided by C = 1 + (n − 1)ρ (Brier, Analysis of contingency tables under cluster
sampling, Biometrika 67, 1980), ρ estimated from the peers by moments, drawn in at the ends. The
peers' shares are trimmed means of each one's own, so that neither the largest nor the suspect
decides what is usual.

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

TRIMMED = 0.1
"""Part of the peers left out at each end of each category's shares."""

SMOOTHING = 0.5
"""Cases spread over all categories in the usual mix, so that none is thought impossible."""


@dataclass(frozen=True)
class Usual:
    """What is usual among peers: shares of categories, and how much peers differ beyond chance."""

    shares: Values
    rho: float


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


def usual_shares(counts: Values, trimmed: float = TRIMMED) -> Values:
    """The peers' shares of each category, one row of counts a peer; they sum to one."""
    own = counts / counts.sum(axis=1, keepdims=True)
    shares = np.asarray(stats.trim_mean(own, trimmed, axis=0), dtype=np.float64)
    smooth = SMOOTHING / max(1.0, float(np.median(counts.sum(axis=1))) * len(counts))
    shares = shares / shares.sum() + smooth / len(shares)
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def intraclass(counts: Values, expected: Values, part: float = WINSORISED) -> float:
    """ρ: how alike the cases of one subject are beyond their peers' shares, by moments."""
    total, degrees = counts.sum(axis=1), counts.shape[1] - 1
    square = ((counts - expected) ** 2 / expected).sum(axis=1) / max(degrees, 1)
    many = total > 1
    if degrees < 1 or not many.any():
        return 0.0
    square = np.clip(square, *np.quantile(square[many], [part, 1 - part]))
    spread = float((square[many] - 1).sum() / (total[many] - 1).sum())
    return float(np.clip(spread, 0.0, 1.0))


def usual(counts: Values) -> Usual:
    """The usual mix of one group of peers."""
    shares = usual_shares(counts)
    return Usual(shares, intraclass(counts, counts.sum(axis=1, keepdims=True) * shares))


def mixes(counts: Values, peers: Usual) -> Mixes:
    """Test each subject's counts (no row is empty) against what is usual among its peers."""
    total = counts.sum(axis=1, keepdims=True)
    expected = total * peers.shares
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(counts > 0, counts * np.log(counts / expected), 0.0)
    statistic = 2.0 * gain.sum(axis=1) / (1.0 + (total[:, 0] - 1.0) * peers.rho)
    p = stats.chi2.sf(statistic, counts.shape[1] - 1)
    return Mixes(expected, statistic, np.asarray(p, dtype=np.float64))
