"""How often what a detector named was substantiated, with the interval that its number allows.

Jeffreys intervals: the Beta(k + ½, n - k + ½) posterior of a binomial share under Jeffreys' prior,
equal-tailed (Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial Proportion",
Statistical Science 16:101-133, who recommend it for small n).
"""

from __future__ import annotations

from typing import Literal

import duckdb
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cases.reading import attach_runs
from claims.lake import Lake

By = Literal["detector", "family", "group"]
LEVEL = 0.95

NAMED = """
select distinct l.case_id, l.success, {shadow} as shadow, f.detector
from labels l join {table} f on f.run_id = l.run_id
    and f.subject_type = l.subject_type and f.subject_id = l.subject_id
"""
NAMES = {
    "detector": "detector",
    "family": "split_part(detector, '.', 1)",
    "group": "case when detector like 'rules.%' "
    "then 'rules.' || split_part(detector, '.', 2) else detector end",
}


def interval(successes: int, decided: int) -> tuple[float, float]:
    """The 95 % Jeffreys interval of a share; (0, 1) where nothing was decided."""
    if not decided:
        return 0.0, 1.0
    low, high = proportion_confint(successes, decided, alpha=1 - LEVEL, method="jeffreys")
    # Nothing, or all: the side that the data reach is closed, as the interval must hold them.
    return (0.0 if successes == 0 else float(low)), (1.0 if successes == decided else float(high))


def with_precision(counted: pd.DataFrame) -> pd.DataFrame:
    """Counts with their share and its interval.

    Args:
        counted: with the columns decided and substantiated.
    """
    bounds = [
        interval(int(k), int(n))
        for k, n in zip(counted["substantiated"], counted["decided"], strict=True)
    ]
    shares = counted["substantiated"] / counted["decided"].where(counted["decided"] > 0)
    return counted.assign(
        precision=shares.astype(float).round(9),
        low=[round(low, 9) for low, _ in bounds],
        high=[round(high, 9) for _, high in bounds],
    )


def precision_by(lake: Lake, labels: pd.DataFrame, by: By = "detector") -> pd.DataFrame:
    """Precision among decided cases, of what counts and, beside it, of what runs in shadow.

    A finding in shadow opened no case: it is judged on cases that other findings opened.

    Args:
        labels: what :func:`cases.learning.labels.labelled` gives.
        by: one row a detector or rule, a family, or a rule group and other detector.

    Returns:
        name, shadow, decided, substantiated, precision, low and high; most decided first.
    """
    columns = ["name", "shadow", "decided", "substantiated"]
    if labels.empty:
        return with_precision(pd.DataFrame(columns=columns).astype({"decided": int}))
    with duckdb.connect() as connection:
        connection.register("labels", labels)
        runs = sorted(set(labels["run_id"]))
        parts = []
        for table, shadow in (("findings", "false"), ("shadow_findings", "true")):
            if lake.exists(table):
                attach_runs(connection, lake, runs, table)
                parts.append(NAMED.format(table=table, shadow=shadow))
        counted = connection.sql(
            f"select {NAMES[by]} as name, shadow, count(distinct case_id) as decided, "
            "count(distinct case_id) filter (success = 1) as substantiated "
            f"from ({' union all '.join(parts)}) group by all "
            "order by decided desc, substantiated desc, name, shadow"
        ).df()
    return with_precision(counted[columns])
