"""The stages of evaluation on Spark: member buckets first, then what crosses persons.

Two passes over the buckets at most, however many rules there are: one decides, and the second
names the rows of subjects that were decided on merged sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, lock, run_in_buckets
from claims.duckdb_faults import SOUND
from claims.lake import Lake
from claims.model import INPUT_TABLES
from detectors.base import Inputs
from detectors.rulebook import exchange
from detectors.rulebook.enrich import SETS_AT_HAND
from detectors.rulebook.evaluate import (
    SUBJECT_SCHEMA,
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
from detectors.rulebook.subjects import SUMS

PAIR_PARTS = 16
# A record that most rows lack, with many subjects, is not in this source or is not usual: its
# absence tells nothing. With a few subjects only, it may be they who act alike.
MOST = 0.5
ENOUGH_EXAMINED = 30
MANY_SUBJECTS = 5


@dataclass
class Evaluation:
    """Rules over one snapshot.

    Args:
        failures: by rule, what broke on the data; filled as stages run.
        silent: by rule of absence, why what it misses tells nothing here; filled as stages run.
    """

    inputs: Inputs
    plans: Sequence[Plan]
    sets: pa.Table
    failures: dict[str, str] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    kept: list[DataFrame] = field(default_factory=list)

    def hits(self) -> DataFrame | None:
        """Flagged and context rows of all rules, columns as ``exchange.DDL``."""
        if not self.plans:
            return None
        decided = self._persisted(self._in_buckets(self.plans, None))
        self.silent = _silent(decided)
        frames = [decided]
        later = [frame for frame in (self._subjects(decided), self._pairs(decided)) if frame]
        for frame in later:
            frames.append(self._persisted(frame))
        flagged = self._flagged(frames)
        named = {row["rule"] for row in flagged.to_pylist()}
        if named:
            plans = [plan for plan in self.plans if plan.rule.dated_name in named and plan.named]
            frames.append(self._persisted(self._in_buckets(plans, flagged)))
        found = frames[0]
        for frame in frames[1:]:
            found = found.unionByName(frame)
        # A rule that broke somewhere has seen only part of the rows: nothing of it is reported.
        unheard = sorted({*self.failures, *self.silent})
        return found.where((F.col("kind") == "hit") & ~F.col("rule").isin(unheard))

    def release(self) -> None:
        """Free what was persisted."""
        for frame in self.kept:
            frame.unpersist()
        self.kept.clear()

    def _persisted(self, frame: DataFrame) -> DataFrame:
        frame = frame.persist(StorageLevel.MEMORY_AND_DISK)
        self.kept.append(frame)
        broken = (
            frame.where("kind = 'failure'").groupBy("rule").agg(F.min("reason").alias("reason"))
        )
        self.failures |= {row.rule: row.reason for row in broken.collect()}
        return frame

    def _in_buckets(self, plans: Sequence[Plan], flagged: pa.Table | None) -> DataFrame:
        program = bucket_program(plans, self.sets, flagged)
        return run_in_buckets(self.inputs.spark, self.inputs.snapshot, program)

    def _flagged(self, frames: Iterable[DataFrame]) -> pa.Table:
        """Subjects whose rows are still to be named: suspects only, so the driver can hold them."""
        columns = SUBJECT_SCHEMA.names
        parts = [
            frame.where("kind = 'subject'").select(*columns).toArrow().cast(SUBJECT_SCHEMA)
            for frame in frames
        ]
        return pa.concat_tables(parts)

    def _subjects(self, decided: DataFrame) -> DataFrame | None:
        plans = [plan for plan in self.plans if plan.merges]
        if not plans:
            return None
        sums = [F.sum(f"s{n}").cast("decimal(38,6)").alias(f"s{n}") for n in range(SUMS)]
        merged = decided.where("kind = 'partial'").groupBy("rule", "subject_id", "key").agg(*sums)
        # Rules over declared periods alone have no sums: an empty row calls their task.
        rows = [(plan.rule.dated_name, None, None, *[None] * SUMS) for plan in plans]
        empty = self.inputs.spark.createDataFrame(rows, merged.schema)
        work = _decide(plans, self._outside(plans), self.sets)
        return merged.unionByName(empty).groupBy("rule").applyInArrow(work, exchange.DDL)

    def _outside(self, plans: Sequence[Plan]) -> dict[str, tuple[Lake, int | None, list[str]]]:
        """Tables without a person that subjects are judged beside."""
        snapshot = self.inputs.snapshot
        return {
            table: (snapshot.lake, snapshot.versions.get(table), sorted(columns))
            for table, columns in _tables(plans).items()
            if not model_table(table).person
        }

    def _pairs(self, decided: DataFrame) -> DataFrame | None:
        plans = [plan for plan in self.plans if plan.crosses]
        if not plans:
            return None
        part = F.pmod(F.xxhash64("key"), F.lit(PAIR_PARTS)).alias("part")
        rows = decided.where("kind = 'payload'").select("rule", "key", "payload")
        return rows.groupBy("rule", part).applyInArrow(_pair(plans), exchange.DDL)


def _silent(decided: DataFrame) -> dict[str, str]:
    """Rules of absence by which most of the rows they look at would be flagged."""
    flagged = (F.col("kind") == "hit") & (F.col("role") == "flagged")
    counts = decided.groupBy("rule").agg(
        F.sum(F.when(F.col("kind") == "examined", F.col("s0"))).cast("bigint").alias("examined"),
        F.count(F.when(flagged, 1)).alias("lacking"),
        F.countDistinct(F.when(flagged, F.col("subject_id"))).alias("subjects"),
    )
    return {
        row.rule: f"{row.lacking} of the {row.examined} rows it looks at lack the record whose "
        "absence it reports: such records are not, or not all, in this source"
        for row in counts.where("examined is not null").collect()
        if row.examined >= ENOUGH_EXAMINED
        and row.subjects >= MANY_SUBJECTS
        and row.lacking > MOST * row.examined
    }


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


def _decide(
    plans: Sequence[Plan],
    outside: dict[str, tuple[Lake, int | None, list[str]]],
    sets: pa.Table,
) -> Callable[[pa.Table], pa.Table]:
    def decide(merged: pa.Table) -> pa.Table:
        name = merged.column("rule")[0].as_py()
        chosen = [plan for plan in plans if plan.rule.dated_name == name]
        outcome = Outcome()
        with duckdb.connect(config={"threads": 1, **SOUND}) as connection:
            for table, (lake, version, columns) in outside.items():
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

    return decide


def _pair(plans: Sequence[Plan]) -> Callable[[pa.Table], pa.Table]:
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
