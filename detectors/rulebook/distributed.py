"""The stages of evaluation on Spark: member buckets first, then what crosses persons.

Two passes over the buckets at most, however many rules there are: one decides, and the second
names the rows of subjects that were decided on merged sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from claims.buckets import run_in_buckets
from detectors.base import Inputs
from detectors.rulebook import exchange
from detectors.rulebook.crossing import pairs_of, subjects_of
from detectors.rulebook.evaluate import SUBJECT_SCHEMA
from detectors.rulebook.plan import Plan
from detectors.rulebook.programs import (
    ABSENT_EVERYWHERE,
    bucket_program,
    outside,
    tells_nothing,
)
from detectors.rulebook.subjects import SUMS


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
        work = subjects_of(plans, outside(self.inputs.snapshot, plans), self.sets)
        grouped = merged.unionByName(empty).groupBy(part.alias("part"))
        return grouped.applyInArrow(work, exchange.DDL)

    def _part(self, column: str) -> Column:
        """Groups that grow in number with the lake, so that none outgrows a worker."""
        return F.pmod(F.xxhash64(column), F.lit(self.inputs.snapshot.layout.buckets))

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
        row.rule: ABSENT_EVERYWHERE.format(lacking=row.lacking, examined=row.examined)
        for row in counts.where("examined is not null").collect()
        if tells_nothing(int(row.examined), row.lacking, row.subjects)
    }
