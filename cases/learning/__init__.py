"""What decisions teach: how precise each detector is, what its points weigh, what a score means."""

from __future__ import annotations

import pandas as pd

from cases.decisions import Store
from cases.learning.calibration import reliability_of
from cases.learning.labels import labelled
from claims.lake import Lake

__all__ = ["reliability"]


def reliability(lake: Lake, store: Store) -> pd.DataFrame:
    """How suspicion, as it was told before each decision, agrees with what was decided.

    Returns:
        low, high, cases, predicted, observed, observed_low and observed_high, a row a bin: see
        :func:`cases.learning.calibration.reliability_of`.
    """
    labels = labelled(lake, store)
    return reliability_of(labels["suspicion"].to_numpy(float), labels["success"].to_numpy(float))
