"""Funnel limits with overdispersion, for proportions and for observed/expected ratios.

Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24
(2005), 1185-1202; Handling over-dispersion of performance indicators, Quality and Safety in Health
Care 14 (2005), 347-351. A unit's distance from the target is measured in its own standard error on
a variance-stabilising scale; what the units differ by beyond chance (φ) is estimated from
winsorised distances, so that the few outliers sought do not widen the limits, and is either
multiplied in or added as a variance between units (τ²; DerSimonian and Laird 1986).

Assumes that most units are as they should be and that the indicator means the same at each of them.
It must not be used with fewer than about ten units, nor where the cases of one unit depend on each
other so strongly that their number says nothing of the precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Values = npt.NDArray[np.float64]

WINSORISED = 0.1
"""Part of the units at each end whose distances are drawn in before φ is estimated."""


@dataclass(frozen=True)
class Standardised:
    """Indicators on a variance-stabilising scale: places, their standard errors, and the target."""

    place: Values
    error: Values
    target: float

    @property
    def z(self) -> Values:
        """Distances from the target in standard errors, before any overdispersion."""
        return (self.place - self.target) / self.error


def proportions(hits: Values, cases: Values, target: float | None = None) -> Standardised:
    """Proportions on the arcsine scale; the target is that of all cases together if not given."""
    share = float(hits.sum() / cases.sum()) if target is None else target
    return Standardised(
        np.arcsin(np.sqrt(np.clip(hits / cases, 0.0, 1.0))),
        1.0 / (2.0 * np.sqrt(cases)),
        float(np.arcsin(np.sqrt(share))),
    )


def ratios(observed: Values, expected: Values, target: float = 1.0) -> Standardised:
    """Observed over expected counts on the square root scale."""
    return Standardised(
        np.sqrt(observed / expected), 1.0 / (2.0 * np.sqrt(expected)), float(np.sqrt(target))
    )


def winsorised(z: Values, part: float = WINSORISED) -> Values:
    """Distances with the lowest and highest part drawn in to their quantiles."""
    low, high = np.quantile(z, [part, 1.0 - part])
    return np.asarray(np.clip(z, low, high), dtype=np.float64)


def drawn_in(part: float) -> float:
    """The mean square of a standard normal whose tails of this size are drawn in: 0.679 at 0.1."""
    edge = float(stats.norm.isf(part)) if part > 0 else np.inf
    inner = 1.0 - 2.0 * part
    return inner - 2.0 * edge * float(stats.norm.pdf(edge)) + 2.0 * part * edge**2 if part else 1.0


def dispersion(z: Values, part: float = WINSORISED) -> float:
    """φ: the mean square of winsorised distances; 1 where units differ by chance alone.

    Spiegelhalter leaves out that winsorising shrinks honest distances too; they are scaled back as
    for a normal distribution, without which limits would be a fifth too narrow.
    """
    return float(np.mean(winsorised(z, part) ** 2)) / drawn_in(part)


def between_variance(units: Standardised, part: float = WINSORISED) -> float:
    """τ²: the variance between units by the method of moments, 0 where chance explains all."""
    phi, count = dispersion(units.z, part), len(units.place)
    weight = 1.0 / units.error**2
    spread = weight.sum() - (weight**2).sum() / weight.sum()
    excess = count * phi - (count - 1)
    return float(max(0.0, excess / spread)) if spread > 0 else 0.0


def random_effects_z(units: Standardised, tau2: float) -> Values:
    """Distances from the target where units vary by ``tau2`` about it (the additive model)."""
    apart = (units.place - units.target) / np.sqrt(units.error**2 + tau2)
    return np.asarray(apart, dtype=np.float64)


def multiplicative_z(units: Standardised, phi: float) -> Values:
    """Distances where overdispersion multiplies the variance; φ below 1 is taken as 1."""
    return np.asarray(units.z / np.sqrt(max(1.0, phi)), dtype=np.float64)


def upper_share(target: float, cases: float, tau2: float, z: float) -> float:
    """The proportion at the upper funnel limit for a number of cases."""
    place = np.arcsin(np.sqrt(target)) + z * np.sqrt(1.0 / (4.0 * cases) + tau2)
    return float(np.sin(np.clip(place, 0.0, np.pi / 2)) ** 2)
