"""A lake with one finished run: detail, findings, evidence, cases and contributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import write_deltalake

from claims.lake import Lake
from claims.model import TABLES
from claims.runs import Run, Snapshot, recorded

Rows = Sequence[Mapping[str, Any]]


def write_rows(lake: Lake, name: str, run_id: str, rows: Rows) -> None:
    """Append rows to a result table, values as text, laid by run as a job lays them."""
    table = TABLES[name]
    texts = pa.Table.from_pylist(
        [
            {c.name: None if row.get(c.name) is None else str(row[c.name]) for c in table.columns}
            | {"run_id": run_id}
            for row in rows
        ],
        schema=pa.schema([(c.name, pa.string()) for c in table.columns]),
    )
    casts = ", ".join(f"cast({c.name} as {c.type}) as {c.name}" for c in table.columns)
    with duckdb.connect() as connection:
        connection.register("texts", texts)
        typed = connection.sql(f"select {casts} from texts").to_arrow_table()
    write_deltalake(lake.path(name), typed, mode="append", partition_by=["run_id"])


def write_run(snapshot: Snapshot, run_id: str, status: str = "succeeded", **tables: Rows) -> None:
    """Record a detection run over a snapshot with the result rows given by table."""
    lake = snapshot.lake
    run = Run(lake, "run", run_id=run_id, period=(date(2024, 1, 1), date(2024, 12, 31)))
    run.rows = {table: dict(account) for table, account in snapshot.rows.items()}
    run.parameters = {
        "layout": {"buckets": snapshot.layout.buckets, "currency": "EUR"},
        "derived": {t: v for t, v in snapshot.versions.items() if t not in snapshot.rows},
    }
    with recorded(run):
        for name in ("cases", "case_contributions", "findings", "evidence"):
            write_rows(lake, name, run_id, tables.get(name, ()))
    if status != "succeeded":
        run.record(status)


def case_row(rank: int, subject_type: str, subject_id: str, **more: Any) -> dict[str, Any]:
    """A case's row whose id is made of its subject."""
    return {
        "case_id": f"case-{subject_id}",
        "rank": rank,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "score": 0,
        "suspicion": 0.5,
        "exposure": "1234.50",
        "overpayment": "20.00",
        "expected_recovery": "10.00",
        "within_capacity": True,
        "families": 1,
        "selection": "ranked",
        "summary": f"Why {subject_id}",
        **more,
    }
