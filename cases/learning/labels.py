"""Decided cases as labelled examples: what a decision says about the evidence it was taken on.

A case counts once, by the decision in force. ``substantiated`` is a success of the findings,
``unsubstantiated`` and ``education`` are not (an honest mistake is no case to rank first).
``referred`` and ``more_information`` say nothing yet and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from cases.decisions import Store
from cases.reading import attach_runs
from cases.standing import decided_run
from claims.lake import Lake
from claims.runs import runs

SUCCESS: Mapping[str, int] = {"substantiated": 1, "unsubstantiated": 0, "education": 0}

LABELLED = """
select l.case_id, l.run_id, l.outcome, l.success, l.decided_at, l.decided_by, l.amount,
    c.subject_type, c.subject_id, c.rank, c.score, c.suspicion, c.selection, c.within_capacity,
    cast(c.exposure as double) as exposure, cast(c.overpayment as double) as overpayment,
    cast(c.expected_recovery as double) as expected_recovery
from labels l join cases c using (run_id, case_id)
order by l.decided_at, l.case_id
"""
SCHEMA = pa.schema(
    [
        ("case_id", pa.string()), ("run_id", pa.string()), ("outcome", pa.string()),
        ("success", pa.int32()), ("decided_at", pa.timestamp("us")), ("decided_by", pa.string()),
        ("amount", pa.float64()),
    ]
)  # fmt: skip

CASE_FIGURES = (
    "subject_type", "subject_id", "rank", "score", "suspicion", "selection", "within_capacity",
    "exposure", "overpayment", "expected_recovery",
)  # fmt: skip


def labelled(lake: Lake, store: Store, upto: int | None = None) -> pd.DataFrame:
    """Labelled cases with their figures in the run they were decided on, in order of decision.

    Args:
        upto: as the store stood after the act of that number.

    Returns:
        case_id, run_id, outcome, success (1 or 0), decided_at, decided_by, amount, subject_type,
        subject_id, rank, score, suspicion, selection, within_capacity, exposure, overpayment and
        expected_recovery. A case whose run the lake no longer has is left out.
    """
    succeeded = [r for r in runs(lake) if (r["kind"], r["status"]) == ("run", "succeeded")]
    rows: list[dict[str, Any]] = [
        {
            "case_id": state.case_id,
            "run_id": decided_run(state, succeeded),
            "outcome": state.outcome,
            "success": SUCCESS[state.outcome],
            "decided_at": state.decided_at,
            "decided_by": state.decided_by,
            "amount": None if state.amount is None else float(state.amount),
        }
        for state in store.states(upto=upto).values()
        if state.in_force and state.outcome and state.outcome in SUCCESS
    ]
    with duckdb.connect() as connection:
        named = sorted({row["run_id"] for row in rows if row["run_id"]})
        if not named:
            return pd.DataFrame(columns=[*SCHEMA.names, *CASE_FIGURES])
        attach_runs(connection, lake, named, "cases")
        connection.register("labels", pa.Table.from_pylist(rows, schema=SCHEMA))
        found: pd.DataFrame = connection.sql(LABELLED).df()
        return found
