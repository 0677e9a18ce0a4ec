"""What any case yields, told from the control arm, and what the ranking adds to it.

Cases that the ranking chose say nothing of those it did not. The control arm is a simple random
sample of all cases to be worked on (:mod:`cases.capacity`), so that its share of substantiated
cases estimates theirs; it is told apart from the ranked arm, never mixed in. Where both are
combined, each case weighs the inverse of the probability with which it came to be looked at
(Hajek 1971): 1 within the ranking's reach, drawn / all for those that chance alone brought.
"""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta

from cases.learning.precision import LEVEL, with_precision
from cases.reading import attach_runs
from claims.lake import Lake
from claims.runs import runs

Numbers = npt.NDArray[np.float64]

ARMS = ("ranked", "random")
REACH = """
select run_id, max(rank) as reach from cases
where within_capacity and selection = 'ranked' group by run_id
"""


def arms(labels: pd.DataFrame) -> pd.DataFrame:
    """Decided cases of both arms and the lift of the ranked over the random one.

    Args:
        labels: what :func:`cases.learning.labels.labelled` gives.

    Returns:
        arm, decided, substantiated, precision, low, high and lift: the precision over that of the
        random arm, null where that is 0 or unknown. Ranked cases beyond capacity are left out.
    """
    within = labels[labels["within_capacity"].astype(bool)]
    counted = pd.DataFrame(
        {
            "arm": ARMS,
            "decided": [int((within["selection"] == arm).sum()) for arm in ARMS],
            "substantiated": [
                int(within.loc[within["selection"] == arm, "success"].sum()) for arm in ARMS
            ],
        }
    )
    found = with_precision(counted)
    base = float(found.loc[found["arm"] == "random", "precision"].iloc[0])
    return found.assign(lift=found["precision"] / (base if base > 0 else np.nan))


def population_share(lake: Lake, labels: pd.DataFrame) -> pd.DataFrame:
    """The share of all cases that would be substantiated, from both arms together.

    Returns:
        One row: decided, effective (Kish's number of equally weighted cases), share, low and high
        (the 95 % interval of a binomial share of that number under Jeffreys' prior).
    """
    names = ["decided", "effective", "share", "low", "high"]
    within = labels[labels["within_capacity"].astype(bool)]
    if within.empty:
        return pd.DataFrame([[0, 0.0, np.nan, 0.0, 1.0]], columns=names)
    weights = 1 / _chances(lake, within)
    share = float(np.average(within["success"].astype(float), weights=weights))
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    won = share * effective
    tail = (1 - LEVEL) / 2
    low, high = beta.ppf([tail, 1 - tail], won + 0.5, effective - won + 0.5)
    row = [len(within), round(effective, 9), round(share, 9), float(low), float(high)]
    return pd.DataFrame([row], columns=names)


def _chances(lake: Lake, within: pd.DataFrame) -> Numbers:
    """The probability with which each case came to be looked at."""
    named = sorted(set(within["run_id"]))
    with duckdb.connect() as connection:
        attach_runs(connection, lake, named, "cases")
        reach = dict(connection.sql(REACH).fetchall())
    drawn = {row["run_id"]: row["parameters"].get("control", {}) for row in runs(lake)}
    shares = within["run_id"].map(
        lambda run: drawn[run].get("drawn", 0) / max(1, drawn[run].get("of", 0))
    )
    cut = within["run_id"].map(reach).fillna(0).to_numpy(float)
    reached = within["rank"].to_numpy(float) <= cut
    by_chance = (within["selection"] == "random").to_numpy() & ~reached
    known = np.where(shares.to_numpy(float) > 0, shares.to_numpy(float), 1.0)
    return np.asarray(np.where(by_chance, known, 1.0), float)
