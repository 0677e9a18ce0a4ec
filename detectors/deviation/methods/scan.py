"""The densest stretch of a series of counts: a burst, with its p-value.

The temporal scan statistic: Naus, JASA 60 (1965); Kulldorff, Communications in Statistics 26 (1997)
for an uneven expectation. Of all stretches up to a longest one, the one with the largest Poisson
likelihood ratio of counts inside against outside is the burst. Its chance is found by simulation of
the same total over the same expectation, and smoothed by a Gumbel distribution, so that p-values
far smaller than one in the number of simulations can be told (Abrams, Kleinman and Kulldorff,
International Journal of Health Geographics 9, 2010).

Assumes that events are independent given the calendar; where they come in clumps, the ratio is
divided by their dispersion φ (quasi-likelihood). It must not be used with fewer than ten events,
nor to call a level that stays up a burst: the longest stretch is at most half of the series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Burst:
    """The densest stretch: places ``first`` to ``last``, both included, and its counts."""

    first: int
    last: int
    observed: float
    expected: float
    ratio: float


def _ratio(inside: Values, expected: Values, total: Values) -> Values:
    """Log likelihood ratio of more inside than expected, 0 where there is less."""
    outside, left = total - inside, total - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(inside > 0, inside * np.log(inside / expected), 0.0) + np.where(
            outside > 0, outside * np.log(outside / left), 0.0
        )
    return np.where((inside > expected) & (expected > 0), np.nan_to_num(gain), 0.0)


def _stretches(counts: Values, shares: Values, longest: int) -> tuple[Values, Values]:
    """By length and start, the ratio of each stretch of each row; and shares of each."""
    total = counts.sum(axis=1, keepdims=True)
    run = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
    part = np.pad(np.cumsum(shares), (1, 0))
    places = counts.shape[1]
    best = np.zeros((counts.shape[0], longest), dtype=np.float64)
    start = np.zeros((counts.shape[0], longest), dtype=np.int64)
    for length in range(1, longest + 1):
        inside = run[:, length:] - run[:, : places + 1 - length]
        expected = total * (part[length:] - part[: places + 1 - length])
        ratio = _ratio(inside, expected, total)
        start[:, length - 1] = ratio.argmax(axis=1)
        best[:, length - 1] = ratio.max(axis=1)
    return best, start.astype(np.float64)


def burst(counts: Values, expected: Values, longest: int) -> Burst:
    """The densest stretch of a series, expectations scaled to its total."""
    shares = expected / expected.sum()
    best, start = _stretches(counts[None, :], shares, longest)
    length = int(best[0].argmax()) + 1
    first = int(start[0, length - 1])
    stretch = slice(first, first + length)
    return Burst(
        first,
        first + length - 1,
        float(counts[stretch].sum()),
        float(counts.sum() * shares[stretch].sum()),
        float(best[0, length - 1]),
    )


@dataclass(frozen=True)
class Chance:
    """The distribution of the largest ratio where nothing bursts: Gumbel by total of events."""

    totals: Values
    centre: Values
    scale: Values

    def tail(self, ratio: Values, total: Values) -> Values:
        """p-values of ratios; parameters are interpolated on the logarithm of the total."""
        at, known = np.log(total), np.log(self.totals)
        centre, scale = np.interp(at, known, self.centre), np.interp(at, known, self.scale)
        return np.asarray(stats.gumbel_r.sf(ratio, centre, scale), dtype=np.float64)


def chance(
    expected: Values,
    longest: int,
    *,
    totals: tuple[int, ...] = (10, 30, 100, 300, 1_000, 10_000),
    simulations: int = 199,
    seed: int = 0,
) -> Chance:
    """The chance distribution of a calendar by seeded simulation, Gumbel fitted by moments."""
    draw = np.random.default_rng(seed)
    shares = expected / expected.sum()
    means, deviations = [], []
    for total in totals:
        counts = draw.multinomial(total, shares, size=simulations).astype(np.float64)
        largest = _stretches(counts, shares, longest)[0].max(axis=1)
        means.append(largest.mean())
        deviations.append(largest.std(ddof=1))
    fitted = np.asarray(deviations) * np.sqrt(6) / np.pi
    centre = np.asarray(means) - np.euler_gamma * fitted
    # The tail of a likelihood ratio falls as exp(-ratio): a narrower fit would overstate.
    return Chance(np.asarray(totals, np.float64), centre, np.maximum(fitted, 1.0))


def clumping(counts: Values, expected: Values, stretch: Burst) -> float:
    """φ: Pearson's dispersion of a series outside its burst, 1 at the least."""
    outside = np.ones(len(counts), dtype=bool)
    outside[stretch.first : stretch.last + 1] = False
    kept, usual = counts[outside], expected[outside]
    if len(kept) < 3 or usual.sum() <= 0 or kept.sum() <= 0:
        return 1.0
    usual = usual / usual.sum() * kept.sum()
    good = usual > 0
    return float(max(1.0, ((kept[good] - usual[good]) ** 2 / usual[good]).sum() / (good.sum() - 1)))
