"""A series without its season.

Two ways. Where a subject has peers, their calendar is the best account of season, holidays and
epidemics: what they bill month by month (leaving the subject out) is the expectation, and no model
is needed. A series that has no peers is decomposed by STL (Cleveland, Cleveland, McRae and
Terpenning, Journal of Official Statistics 6, 1990; statsmodels), robustly, on the logarithm.

STL needs three whole cycles: with two, season and a burst in one of them cannot be told apart.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from statsmodels.tsa.seasonal import STL

Values = npt.NDArray[np.float64]

CYCLES = 3


def deseasonalised(series: Values, period: int) -> Values:
    """The series without the seasonal part that STL finds in it.

    Raises:
        ValueError: fewer than three whole cycles.
    """
    if len(series) < CYCLES * period:
        raise ValueError(f"{len(series)} values are fewer than {CYCLES} cycles of {period}")
    found = STL(series, period=period, robust=True).fit()
    return np.asarray(series - found.seasonal, dtype=np.float64)


def against_calendar(counts: Values, others: Values, offset: float = 0.5) -> Values:
    """Logarithms of counts over what the peers' calendar gives them.

    Args:
        counts: by month, one row a subject.
        others: the peers' sums, without the subject; same shape.
    """
    share = others / np.maximum(others.sum(axis=1, keepdims=True), 1e-12)
    expected = share * counts.sum(axis=1, keepdims=True)
    return np.asarray(np.log((counts + offset) / (expected + offset)), dtype=np.float64)
