"""Digits of amounts: Benford's law, last digits, round amounts, and when to keep silent.

Newcomb, American Journal of Mathematics 4 (1881); Benford, Proceedings of the American
Philosophical Society 78 (1938). Conformity by χ² and by the mean absolute deviation of digit shares
with Nigrini's bands (Nigrini, Benford's Law, Wiley 2012, table 7.1), as χ² calls any difference
significant once amounts are many.

The law holds for amounts that multiply and mix over several orders of magnitude. It must not be
used on a tariff, on assigned numbers, or on amounts cut off at a limit: :func:`inapplicable` says
so. Fees of health care are mostly tariffs, so silence is the usual answer; a departure from what
*peers'* digits are is then tested instead (``composition``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

Values = npt.NDArray[np.float64]
Position = Literal["first", "second", "first_two", "last"]
Conformity = Literal["close", "acceptable", "marginal", "none"]

_TWO = np.log10(1 + 1 / np.arange(10, 100))
LAWS: dict[Position, Values] = {
    "first": np.log10(1 + 1 / np.arange(1, 10)),
    "second": _TWO.reshape(9, 10).sum(axis=0),
    "first_two": _TWO,
    "last": np.full(10, 0.1),
}
BANDS: dict[Position, tuple[float, float, float]] = {
    "first": (0.006, 0.012, 0.015),
    "second": (0.008, 0.010, 0.012),
    "first_two": (0.0012, 0.0018, 0.0022),
    "last": (0.008, 0.010, 0.012),
}
FEWEST, ORDERS, DISTINCT, COMMONEST = 300, 2.0, 100, 0.1


def digits(amounts: npt.NDArray[np.int64], position: Position) -> npt.NDArray[np.int64]:
    """The digits of positive whole amounts (cents); the last one is that of the cents."""
    kept = amounts[amounts > 0]
    if position == "last":
        return kept % 10
    if position == "first":
        return _leading(kept, 1)
    two = _leading(kept[kept >= 10], 2)
    return two if position == "first_two" else two % 10


def _leading(amounts: npt.NDArray[np.int64], many: int) -> npt.NDArray[np.int64]:
    lengths = np.char.str_len(amounts.astype(str))
    return np.asarray(amounts // 10 ** np.maximum(lengths - many, 0), dtype=np.int64)


def counted(found: npt.NDArray[np.int64], position: Position) -> Values:
    """How often each digit (1 to 9, 0 to 9, or 10 to 99) comes."""
    least = {"first": 1, "second": 0, "first_two": 10, "last": 0}[position]
    return np.bincount(found - least, minlength=len(LAWS[position])).astype(np.float64)


@dataclass(frozen=True)
class Fit:
    """How digits fit the law: χ² with its p-value, mean absolute deviation, Nigrini's band."""

    statistic: float
    p: float
    deviation: float
    conformity: Conformity


def fit(counts: Values, position: Position) -> Fit:
    """Counts of digits against the law of their position."""
    law = LAWS[position]
    total = counts.sum()
    found = stats.chisquare(counts, law * total)
    deviation = float(np.abs(counts / total - law).mean())
    close, acceptable, marginal = BANDS[position]
    band: Conformity = (
        "close"
        if deviation <= close
        else "acceptable"
        if deviation <= acceptable
        else "marginal"
        if deviation <= marginal
        else "none"
    )
    return Fit(float(found.statistic), float(found.pvalue), deviation, band)


def inapplicable(n: int, orders: float, distinct: int, commonest: float) -> str | None:
    """Why the law says nothing of these amounts, or ``None`` where it may be asked.

    Args:
        orders: decimal orders of magnitude between the 1st and the 99th hundredth.
        distinct: number of different amounts.
        commonest: share of the commonest one.
    """
    if n < FEWEST:
        return f"{n} amounts are fewer than {FEWEST}"
    if orders < ORDERS:
        return f"amounts span {orders:.1f} orders of magnitude, less than {ORDERS:.0f}"
    if distinct < DISTINCT:
        return f"{distinct} different amounts are a tariff"
    if commonest > COMMONEST:
        return f"one amount makes {100 * commonest:.0f} % of all, as in a tariff"
    return None
