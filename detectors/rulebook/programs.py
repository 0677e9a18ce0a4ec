"""What is done for all rules at once in a bucket, and what those need who go on from there.

Spark runs it in its tasks (distributed.py), a notebook in its own process (here.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import duckdb
import pyarrow as pa

from claims.buckets import BucketProgram
from claims.runs import Snapshot
from detectors.rulebook import exchange
from detectors.rulebook.crossing import Outside
from detectors.rulebook.enrich import SETS_AT_HAND
from detectors.rulebook.evaluate import (
    Outcome,
    evaluate_here,
    evaluate_named,
    prepare,
)
from detectors.rulebook.plan import Plan
from detectors.rulebook.sources import model_table

# A record that most rows lack, with many subjects, is not in this source or is not usual: its
# absence tells nothing. With a few subjects only, it may be they who act alike.
MOST = 0.5
ENOUGH_EXAMINED = 30
MANY_SUBJECTS = 5
ABSENT_EVERYWHERE = (
    "{lacking} of the {examined} rows it looks at lack the record whose absence it reports: such "
    "records are not, or not all, in this source"
)


def outside(snapshot: Snapshot, plans: Sequence[Plan]) -> Outside:
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
