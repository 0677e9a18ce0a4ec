"""Control of false discoveries over everything that a run tested.

Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995): of the findings at an
adjusted p-value (q) of at most 5 %, at most 5 % are expected to be due to chance, if p-values are
valid and independent or positively dependent. It says nothing of a single finding, and what a
p-value rests on that is not true of the data it cannot mend.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

Values = npt.NDArray[np.float64]


def q_values(p: Values, tested: int) -> Values:
    """Benjamini-Hochberg adjusted p-values of the smallest of many p-values.

    Args:
        p: all p-values up to some level α.
        tested: how many hypotheses were tested; those not given have a p-value above α.

    Returns:
        Adjusted p-values, exact wherever they are at most α.
    """
    padded = np.concatenate([p, np.ones(max(0, tested - len(p)))])
    if not len(padded):
        return padded
    return np.asarray(stats.false_discovery_control(padded)[: len(p)])
