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
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets
from detectors.base import Inputs
from detectors.rulebook import exchange
from detectors.rulebook.crossing import Outside, pairs_of, subjects_of
from detectors.rulebook.enrich import SETS_AT_HAND
from detectors.rulebook.evaluate import (
    SUBJECT_SCHEMA,
    Outcome,
    evaluate_here,
    evaluate_named,
    prepare,
)
from detectors.rulebook.plan import Plan
from detectors.rulebook.sources import model_table
from detectors.rulebook.subjects import SUMS

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
        apart = F.col("rule").isin([plan.rule.dated_name for plan in plans if plan.apart])
        part = F.when(apart, self._part("subject_id")).otherwise(-1 - self._part("rule"))
        work = subjects_of(plans, self._outside(plans), self.sets)
        grouped = merged.unionByName(empty).groupBy(part.alias("part"))
        return grouped.applyInArrow(work, exchange.DDL)

    def _part(self, column: str) -> Column:
        """Groups that grow in number with the lake, so that none outgrows a worker."""
        return F.pmod(F.xxhash64(column), F.lit(self.inputs.snapshot.layout.buckets))

    def _outside(self, plans: Sequence[Plan]) -> Outside:
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
        rows = decided.where("kind = 'payload'").select("rule", "key", "payload")
        grouped = rows.groupBy("rule", self._part("key").alias("part"))
        return grouped.applyInArrow(pairs_of(plans), exchange.DDL)


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
