"""A series without its season.

STL (Cleveland, Cleveland, McRae and Terpenning, Journal of Official Statistics 6, 1990), by
statsmodels, robust, on a series that is additive: counts go in as logarithms. Where a subject has
peers, their calendar is the better account of season, holidays and epidemics, and STL takes out
what season of its own remains.

It needs three whole cycles: with two, season and a burst in one of them cannot be told apart.
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
