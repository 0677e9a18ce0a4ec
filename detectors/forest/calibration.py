"""From a forest's score to the share of its subjects that score as high.

By rank, and beyond the threshold by a generalised Pareto distribution of the excesses (Pickands,
Annals of Statistics 3, 1975; Coles, An introduction to statistical modeling of extreme values,
2001, chapter 4; as an anomaly threshold Siffer et al., KDD 2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import genpareto

Vector = npt.NDArray[np.float64]

TAIL_START = 0.9
"""Quantile beyond which the tail takes over from the ranks."""

FEWEST = 10
"""Excesses from which a shape is estimated; with fewer the tail is exponential."""

LEAST_SCALE = 0.002
"""Scores vary by as much from seed to seed; a narrower tail would also underflow into ties."""


@dataclass(frozen=True)
class Calibration:
    """The distribution of one forest's scores.

    Args:
        ranked: scores of the forest's own sample, ascending.
        start: where the tail begins.
        shape, scale: of the generalised Pareto tail.
        mean: mean excess.
        excesses: how many there are.
    """

    ranked: Vector
    start: float
    shape: float
    scale: float
    mean: float
    excesses: int

    @staticmethod
    def of(scores: Vector) -> Calibration:
        """The calibration by the scores of a forest's own sample (at least one)."""
        ranked = np.sort(scores)
        start = float(np.quantile(ranked, TAIL_START))
        excesses = ranked[ranked > start] - start
        mean = max(float(excesses.mean()), LEAST_SCALE) if len(excesses) else LEAST_SCALE
        shape, scale = _tail_of(excesses, mean)
        return Calibration(ranked, start, shape, scale, mean, len(excesses))

    def tail(self, scores: Vector) -> Vector:
        """Share of the forest's subjects that score as high, in (0, 1].

        Scores are bounded, so the fitted tail may end, and whoever lies beyond its end would share
        one place. An exponential tail therefore takes the weight of one observation more than
        there are: what is said falls strictly, and the top has no ties.
        """
        higher = len(self.ranked) - np.searchsorted(self.ranked, scores, side="left")
        by_rank = (higher + 1) / (len(self.ranked) + 1)
        excess = np.maximum(scores - self.start, 0.0)
        fitted = genpareto.sf(excess, self.shape, scale=self.scale)
        endless = np.exp(-excess / self.mean)
        beyond = (self.excesses * fitted + endless) / (self.excesses + 1)
        within = np.maximum(by_rank, 1 - TAIL_START)
        return np.where(scores > self.start, (1 - TAIL_START) * beyond, within)


def _tail_of(excesses: Vector, mean: float) -> tuple[float, float]:
    """Shape and scale by maximum likelihood; exponential where excesses are few."""
    if len(excesses) < FEWEST:
        return 0.0, mean
    # Scaled to mean 1, where the optimiser's tolerances mean something.
    shape, _, scale = genpareto.fit(excesses / mean, floc=0)
    return float(shape), float(scale) * mean
