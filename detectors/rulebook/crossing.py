"""What crosses persons, once buckets have spoken: subjects over merged sums, pairs over candidates.

Each group of rows that Spark brings together is decided by a DuckDB of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb
import pyarrow as pa

from claims.buckets import lock
from claims.duckdb_faults import SOUND
from claims.lake import Lake
from claims.model import INPUT_TABLES
from detectors.rulebook import exchange
from detectors.rulebook.enrich import SETS_AT_HAND
from detectors.rulebook.evaluate import (
    Outcome,
    as_table,
    evaluate_pairs,
    evaluate_subjects,
    needed,
    prepare,
)
from detectors.rulebook.plan import Plan
from detectors.rulebook.sources import duckdb_type

Outside = dict[str, tuple[Lake, int | None, list[str]]]


def subjects_of(
    plans: Sequence[Plan], outside: Outside, sets: pa.Table
) -> Callable[[pa.Table], pa.Table]:
    """Decides on the subjects of whatever rules a group of merged sums belongs to.

    Args:
        outside: tables without a person that subjects are judged beside: where they lie, at which
            version (``None``: nowhere, and empty) and what is read of them.
    """

    def decide(merged: pa.Table) -> pa.Table:
        names = set(merged.column("rule").unique().to_pylist())
        chosen = [plan for plan in plans if plan.rule.dated_name in names]
        read = {table for plan in chosen for table in plan.tables}
        outcome = Outcome()
        with duckdb.connect(config={"threads": 1, **SOUND}) as connection:
            for table, (lake, version, columns) in outside.items():
                if table in read:
                    _load(connection, lake, table, version, columns)
            as_table(connection, "merged", merged)
            as_table(connection, SETS_AT_HAND, sets)
            lock(connection)
            evidence = {plan.rule.evidence for plan in chosen}
            own = {view: columns for view, columns in needed(chosen).items() if view in evidence}
            if own:
                outcome.failures.update(prepare(connection, chosen, None, own))
            sound = [plan for plan in chosen if plan.rule.dated_name not in outcome.failures]
            evaluate_subjects(connection, sound, outcome)
        return _one_table(outcome)

    return decide


def pairs_of(plans: Sequence[Plan]) -> Callable[[pa.Table], pa.Table]:
    """Decides on the candidates of one rule that share their key, whoever they belong to."""

    def pair(rows: pa.Table) -> pa.Table:
        name = rows.column("rule")[0].as_py()
        outcome = Outcome()
        with duckdb.connect(config={"threads": 1, **SOUND}) as connection:
            as_table(connection, "payloads", rows)
            lock(connection)
            for plan in plans:
                if plan.rule.dated_name == name:
                    evaluate_pairs(connection, plan, outcome)
        return _one_table(outcome)

    return pair


def _one_table(outcome: Outcome) -> pa.Table:
    return pa.concat_tables([exchange.SCHEMA.empty_table(), *exchange.packed(outcome)])


def _load(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    table: str,
    version: int | None,
    columns: list[str],
) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    if version is None:
        types = {c.name: duckdb_type(c.type) for c in INPUT_TABLES[table].columns}
        shape = ", ".join(f'"{column}" {types[column]}' for column in columns)
        connection.execute(f'create table "{table}" ({shape})')
        return
    with duckdb.connect() as reader:
        lake.attach(reader, table, version)
        as_table(connection, table, reader.sql(f'select {listed} from "{table}"').to_arrow_table())
