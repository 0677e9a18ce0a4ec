"""What a ranking is run with: how evidence adds up, and how many cases the office can open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log

from claims.errors import VigieError


class PolicyError(VigieError):
    """A ranking was asked for with a value that has no meaning."""


@dataclass(frozen=True)
class Policy:
    """How findings become cases; recorded with the run, so that a ranking can be replayed.

    Args:
        prior: share of subjects believed suspect before any finding, in (0, 1). A finding that
            scores no more than the prior adds nothing.
        halving: weight of each further group of a family relative to the one before it, in [0, 1].
        ceiling: the highest score a single finding is taken at, as certainty has no log-odds.
        family_weights: factor on the points of a family; families not named weigh 1.
        detector_weights: factor on the points of a detector, on top of its family's.
        control_share: share of the cases within capacity that is drawn by chance among all, in
            [0, 1): what they yield tells what the ranking is worth.
        capacity_hours: investigator hours at hand (a month's, as a rule).
        hours_per_case: hours that one case takes.
    """

    prior: float = 0.02
    halving: float = 0.5
    ceiling: float = 0.999
    family_weights: Mapping[str, float] = field(default_factory=dict)
    detector_weights: Mapping[str, float] = field(default_factory=dict)
    control_share: float = 0.05
    capacity_hours: float = 400.0
    hours_per_case: float = 8.0

    @property
    def prior_points(self) -> float:
        """Log-odds of the prior, at nine decimals."""
        return round(log(self.prior / (1 - self.prior)), 9)

    @property
    def capacity(self) -> float:
        """How many cases the hours at hand allow."""
        return self.capacity_hours / self.hours_per_case

    @property
    def controls(self) -> int:
        """How many of the cases within capacity are drawn by chance, where there are more cases."""
        return int(self.control_share * self.capacity + 0.5)

    def check(self) -> None:
        """Refuse values that have no meaning.

        Raises:
            PolicyError: naming the value and what is admitted.
        """
        wrong = {
            "prior must lie between 0 and the ceiling": not 0 < self.prior < self.ceiling,
            "ceiling must lie below 1": not self.ceiling < 1,
            "halving must lie in [0, 1]": not 0 <= self.halving <= 1,
            "family and detector weights must be 0 or more": not all(
                weight >= 0
                for weights in (self.family_weights, self.detector_weights)
                for weight in weights.values()
            ),
            "the control share must lie in [0, 1)": not 0 <= self.control_share < 1,
            "capacity hours must be 0 or more": not self.capacity_hours >= 0,
            "hours per case must be above 0": not self.hours_per_case > 0,
        }
        found = [text for text, broken in wrong.items() if broken]
        if found:
            raise PolicyError(f"ranking policy: {'; '.join(found)}")
