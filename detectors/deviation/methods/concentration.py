"""How unequally a sum lies on persons: Lorenz curve, Gini coefficient, shares of the dearest.

Lorenz, Publications of the American Statistical Association 9 (1905); Gini 1912; from grouped data
Gastwirth, Review of Economics and Statistics 54 (1972): with a mean known in each group, taking all
in a group as equal gives a lower bound that narrow groups make tight.

Illness is unequal by nature, so no level of concentration is suspicious by itself: it is compared
with peers of the same work. It must not be used on fewer than ten persons.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


def lorenz(persons: Values, sums: Values) -> tuple[Values, Values]:
    """Cumulative shares of persons and of their sums, cheapest first, both from 0 to 1.

    Args:
        persons: how many persons each group holds (ones where they come singly).
        sums: what they cost together.
    """
    order = np.argsort(sums / persons, kind="stable")
    people = np.concatenate([[0.0], np.cumsum(persons[order])])
    money = np.concatenate([[0.0], np.cumsum(sums[order])])
    return people / people[-1], money / money[-1]


def gini(persons: Values, sums: Values) -> float:
    """Gini coefficient: twice the area between the curve and equality; 0 where all are equal."""
    people, money = lorenz(persons, sums)
    return float(1.0 - ((money[1:] + money[:-1]) * np.diff(people)).sum())


def dearest_share(persons: Values, sums: Values, part: float) -> float:
    """The share of the sum that the dearest part of the persons carries."""
    people, money = lorenz(persons, sums)
    return float(1.0 - np.interp(1.0 - part, people, money))


def persons_for(persons: Values, sums: Values, share: float) -> float:
    """The least part of the persons that carries a share of the sum (12 % for 52 %, say)."""
    people, money = lorenz(persons, sums)
    return float(1.0 - np.interp(1.0 - share, money, people))
