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


def _ratio(inside: Values, expected: Values, total: Values) -> Values:
    """Log likelihood ratio of more inside than expected, 0 where there is less."""
    outside, left = total - inside, total - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(inside > 0, inside * np.log(inside / expected), 0.0) + np.where(
            outside > 0, outside * np.log(outside / left), 0.0
        )
    return np.where((inside > expected) & (expected > 0), np.nan_to_num(gain), 0.0)


def scan(counts: Values, shares: Values, lengths: tuple[int, ...]) -> Scanned:
    """The densest stretch of each row of counts.

    Args:
        shares: part of a row's total that each place is expected to hold; one row for all, or one
            for each.
        lengths: of the stretches compared.
    """
    total, (rows, places) = counts.sum(axis=1, keepdims=True), counts.shape
    run = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
    part = np.pad(np.cumsum(np.atleast_2d(shares), axis=1), ((0, 0), (1, 0)))
    best, first, length = np.zeros(rows), np.zeros(rows, np.int64), np.ones(rows, np.int64)
    for long in (long for long in lengths if long < places):
        inside = run[:, long:] - run[:, : places + 1 - long]
        expected = total * (part[:, long:] - part[:, : places + 1 - long])
        ratio = _ratio(inside, expected, total)
        start = ratio.argmax(axis=1)
        top = ratio[np.arange(rows), start]
        better = top > best
        best[better], first[better], length[better] = top[better], start[better], long
    return Scanned(first, first + length - 1, best)


@dataclass(frozen=True)
class Scanned:
    """By row, the densest stretch from ``first`` to ``last``, both included, and its ratio."""

    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    ratio: Values

    def inside(self, values: Values) -> Values:
        """By row, the sum of values within the stretch."""
        run = np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
        row = np.arange(len(values))
        return np.asarray(run[row, self.last + 1] - run[row, self.first], dtype=np.float64)


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
    lengths: tuple[int, ...],
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
        largest = scan(counts, shares, lengths).ratio
        means.append(largest.mean())
        deviations.append(largest.std(ddof=1))
    fitted = np.asarray(deviations) * np.sqrt(6) / np.pi
    centre = np.asarray(means) - np.euler_gamma * fitted
    # The tail of a likelihood ratio falls as exp(-ratio): a narrower fit would overstate.
    return Chance(np.asarray(totals, np.float64), centre, np.maximum(fitted, 1.0))


def clumping(counts: Values, shares: Values, found: Scanned) -> Values:
    """φ: by row Pearson's dispersion outside the densest stretch, 1 at the least."""
    place = np.arange(counts.shape[1])
    outside = (place < found.first[:, None]) | (place > found.last[:, None])
    usual = np.where(outside, np.broadcast_to(shares, counts.shape), 0.0)
    kept = np.where(outside, counts, 0.0)
    usual = usual / np.maximum(usual.sum(axis=1, keepdims=True), 1e-300)
    usual = usual * kept.sum(axis=1, keepdims=True)
    good = usual > 0
    square = np.divide((kept - usual) ** 2, usual, out=np.zeros_like(usual), where=good)
    found = np.maximum(1.0, square.sum(axis=1) / np.maximum(good.sum(axis=1) - 1, 1))
    return np.asarray(found, dtype=np.float64)
