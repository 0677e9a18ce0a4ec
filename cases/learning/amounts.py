"""What detectors claim, corrected by what was confirmed: a factor on the overpayment of each.

A detector claims a share of what it flags, by judgement; decisions say what was owed. The factor is
confirmed over claimed money, by Bühlmann and Straub's credibility (1970; Bühlmann and Gisler 2005,
A Course in Credibility Theory, chapter 4) with claimed money as volume: a detector with few cases
keeps near its family, a family with few near 1, and with none nothing moves. Only substantiated
cases with an amount count: whether there is a case at all is the suspicion's affair.

A case's money is told of the detector that claims most of it. The factor never brings a claim above
what the flagged rows were paid, as every ranking bounds claims by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd

from cases.reading import attach_runs
from claims.lake import Lake
from claims.runs import runs

# Cases with an amount before anything is learned, and cases that a judgement of 1 weighs as.
FEWEST_CONFIRMED = 20
PSEUDO_CASES = 5
LEAST, MOST = 0.2, 5.0

CLAIMS = """
select l.case_id, l.run_id, arg_max(f.detector, (f.overpayment, f.detector)) as detector,
    any_value(l.overpayment) as claimed, any_value(l.amount) as confirmed
from labels l
join case_contributions p using (run_id, case_id)
join findings f using (run_id, finding_id)
where l.success = 1 and l.amount is not null and l.overpayment > 0 and f.overpayment > 0
group by all order by l.run_id, l.case_id
"""


@dataclass(frozen=True)
class Amounts:
    """Factors on what detectors claim; 1 where nothing was learned.

    Args:
        detectors: by detector, the whole factor.
        confirmed: number of cases with an amount; 0 where there were too few to learn from.
    """

    detectors: Mapping[str, float] = field(default_factory=dict)
    confirmed: int = 0


def learn_amounts(claims: pd.DataFrame) -> Amounts:
    """Factors from substantiated cases, at six decimals.

    Args:
        claims: ``detector``, ``claimed`` (> 0, at a factor of 1) and ``confirmed`` (>= 0), a case
            a row, all of them substantiated.
    """
    if len(claims) < FEWEST_CONFIRMED:
        return Amounts()
    family = claims["detector"].str.split(".").str[0]
    of_family = {name: _credible(part, 1.0) for name, part in claims.groupby(family)}
    factors = {
        str(name): _credible(part, of_family[str(name).split(".", maxsplit=1)[0]])
        for name, part in claims.groupby("detector")
    }
    return Amounts(
        {name: round(min(MOST, max(LEAST, factor)), 6) for name, factor in factors.items()},
        len(claims),
    )


def _credible(part: pd.DataFrame, before: float) -> float:
    """Confirmed over claimed, drawn to what was believed before as by some cases of mean claim."""
    claimed, confirmed = float(part["claimed"].sum()), float(part["confirmed"].sum())
    weight = PSEUDO_CASES * claimed / len(part)
    return (confirmed + weight * before) / (claimed + weight)


def confirmed_claims(lake: Lake, labels: pd.DataFrame) -> pd.DataFrame:
    """What was claimed and confirmed in labelled cases, freed of the factors of their runs.

    Returns:
        case_id, run_id, detector, claimed and confirmed, of substantiated cases with an amount.
    """
    if labels.empty:
        return pd.DataFrame(columns=["case_id", "run_id", "detector", "claimed", "confirmed"])
    with duckdb.connect() as connection:
        named = sorted(set(labels["run_id"]))
        attach_runs(connection, lake, named, "case_contributions", "findings")
        connection.register("labels", labels)
        found: pd.DataFrame = connection.sql(CLAIMS).df()
    policies = {row["run_id"]: row["parameters"].get("policy", {}) for row in runs(lake)}
    factors = [
        _factor(policies.get(run, {}), name)
        for run, name in zip(found["run_id"], found["detector"], strict=True)
    ]
    return found.assign(claimed=found["claimed"].astype(float) / factors)


def _factor(policy: Mapping[str, Any], detector: str) -> float:
    return float(policy.get("money_factors", {}).get(detector, 1.0)) or 1.0
