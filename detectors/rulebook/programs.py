"""What is done for all rules at once: to a bucket, to merged sums, to rows across persons.

Spark runs it in its tasks (distributed.py), a notebook in its own process (here.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import duckdb
import pyarrow as pa

from claims.buckets import BucketProgram, lock
from claims.duckdb_faults import SOUND
from claims.lake import Lake
from claims.model import INPUT_TABLES
from claims.runs import Snapshot
from detectors.rulebook import exchange
from detectors.rulebook.enrich import SETS_AT_HAND
from detectors.rulebook.evaluate import (
    Outcome,
    as_table,
    evaluate_here,
    evaluate_named,
    evaluate_pairs,
    evaluate_subjects,
    prepare,
)
from detectors.rulebook.plan import Plan
from detectors.rulebook.sources import duckdb_type, model_table

# A record that most rows lack, with many subjects, is not in this source or is not usual: its
# absence tells nothing. With a few subjects only, it may be they who act alike.
MOST = 0.5
ENOUGH_EXAMINED = 30
MANY_SUBJECTS = 5
ABSENT_EVERYWHERE = (
    "{lacking} of the {examined} rows it looks at lack the record whose absence it reports: such "
    "records are not, or not all, in this source"
)


def outside(
    snapshot: Snapshot, plans: Sequence[Plan]
) -> dict[str, tuple[Lake, int | None, list[str]]]:
    """Tables without a person that subjects are judged beside: lake, version and columns."""
    return {
        table: (snapshot.lake, snapshot.versions.get(table), sorted(columns))
        for table, columns in _tables(plans).items()
        if not model_table(table).person
    }


def tells_nothing(examined: int, lacking: int, subjects: int) -> bool:
    """Whether so many rows of so many subjects lack a record that its absence tells nothing."""
    many = examined >= ENOUGH_EXAMINED and subjects >= MANY_SUBJECTS
    return many and lacking > MOST * examined


def bucket_program(
    plans: Sequence[Plan], sets: pa.Table, flagged: pa.Table | None = None
) -> BucketProgram:
    """What every bucket does for all rules at once.

    Args:
        flagged: subjects whose rows are to be named; where absent, the rules are decided.
    """
    frames = {SETS_AT_HAND: sets} | ({} if flagged is None else {"flagged": flagged})
    work = _bucket(list(plans), flagged is not None)
    return BucketProgram(_tables(plans), work, exchange.DDL, frames)


def _tables(plans: Sequence[Plan]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for plan in plans:
        for table, columns in plan.tables.items():
            found.setdefault(table, set()).update(columns)
    return {table: tuple(sorted(columns)) for table, columns in sorted(found.items())}


def _bucket(
    plans: Sequence[Plan], naming: bool
) -> Callable[[duckdb.DuckDBPyConnection], Iterable[pa.Table]]:
    def evaluate(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
        outcome = Outcome()
        # The sets are a table of the connection already.
        if naming:
            outcome.failures.update(prepare(connection, plans, None))
            sound = [plan for plan in plans if plan.rule.dated_name not in outcome.failures]
            evaluate_named(connection, sound, outcome)
        else:
            evaluate_here(connection, plans, outcome)
        yield from exchange.packed(outcome)

    return evaluate


def decide(
    plans: Sequence[Plan],
    beside: dict[str, tuple[Lake, int | None, list[str]]],
    sets: pa.Table,
) -> Callable[[pa.Table], pa.Table]:
    """Judges subjects of one rule over their merged sums; gives rows as ``exchange.SCHEMA``.

    Args:
        beside: as :func:`outside` gives it.
    """

    def work(merged: pa.Table) -> pa.Table:
        name = merged.column("rule")[0].as_py()
        chosen = [plan for plan in plans if plan.rule.dated_name == name]
        outcome = Outcome()
        with duckdb.connect(config={"threads": 1, **SOUND}) as connection:
            for table, (lake, version, columns) in beside.items():
                if table in chosen[0].tables:
                    _load(connection, lake, table, version, columns)
            as_table(connection, "merged", merged)
            as_table(connection, SETS_AT_HAND, sets)
            lock(connection)
            own = {v: c for v, c in chosen[0].reads.items() if v == chosen[0].rule.evidence}
            if own:
                outcome.failures.update(prepare(connection, chosen, None, own))
            evaluate_subjects(connection, chosen, outcome)
        return _one_table(outcome)

    return work


def pair(plans: Sequence[Plan]) -> Callable[[pa.Table], pa.Table]:
    """Pairs rows across persons of one rule, from all that share a key; rows as ``decide``."""

    def work(rows: pa.Table) -> pa.Table:
        name = rows.column("rule")[0].as_py()
        outcome = Outcome()
        with duckdb.connect(config={"threads": 1, **SOUND}) as connection:
            as_table(connection, "payloads", rows)
            lock(connection)
            for plan in plans:
                if plan.rule.dated_name == name:
                    evaluate_pairs(connection, plan, outcome)
        return _one_table(outcome)

    return work


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
