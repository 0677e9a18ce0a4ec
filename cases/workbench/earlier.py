"""What earlier runs said of a case: a case keeps its id from run to run."""

from __future__ import annotations

from typing import Any

import duckdb

from claims.lake import Lake
from claims.runs import runs

MOST_RUNS = 12


def earlier_runs(lake: Lake, case_id: str, but: str) -> list[dict[str, Any]]:
    """The case in other succeeded runs, the newest first: finished_at, period, rank, money.

    Args:
        but: the run on show, left out.
    """
    succeeded = {
        row["run_id"]: row
        for row in runs(lake)
        if (row["kind"], row["status"]) == ("run", "succeeded") and row["run_id"] != but
    }
    newest = sorted(succeeded.values(), key=lambda row: row["finished_at"], reverse=True)
    wanted = [row["run_id"] for row in newest[:MOST_RUNS]]
    if not wanted:
        return []
    with duckdb.connect() as connection:
        delta = lake.delta("cases").to_pyarrow_dataset(partitions=[("run_id", "in", wanted)])
        connection.register("cases", delta)
        found = connection.sql(
            "select run_id, rank, suspicion, overpayment, expected_recovery, families "
            "from cases where case_id = $case",
            params={"case": case_id},
        ).to_arrow_table()
    told = [{**row, "run": succeeded[row["run_id"]]} for row in found.to_pylist()]
    return sorted(told, key=lambda row: row["run"]["finished_at"], reverse=True)
