"""Scoring every subject by Arrow batches inside Spark tasks; only suspects come out.

The model travels once, as a broadcast of the session. None is ever written or read: forests are
grown anew in each run by the run's seed, which gives the same trees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from claims.buckets import BucketProgram, run_in_buckets
from claims.runs import Snapshot
from detectors.forest.kinds import Kind
from detectors.forest.model import PeerForests

SCORE_DDL = (
    "peer_group string, peer_level bigint, peer_size bigint, forest string, anomaly double,"
    " tail double"
)
BATCH = 100_000
"""Rows scored at once: each call walks all trees, so small batches are slow."""


@dataclass(frozen=True)
class Cut:
    """Who is a suspect.

    Args:
        tail: at most this share of the forest's subjects score as high.
        floor: least anomaly score.
        most: how many suspects a task may give, the rarest first; none means all.
    """

    tail: float
    floor: float
    most: int | None = None

    def of(self, scored: pd.DataFrame, kind: Kind) -> pd.DataFrame:
        """The suspects among scored rows.

        Wider than the last rung on which peers do the same kind of work, another trade would stand
        apart by its trade alone.
        """
        apart = scored["tail"].le(self.tail) & scored["anomaly"].ge(self.floor)
        fair = scored["peer_level"].le(kind.ladder.narrow) & kind.judged(scored)
        return self.rarest(scored[apart & fair], kind.key)

    def rarest(self, scored: pd.DataFrame, key: str) -> pd.DataFrame:
        """The suspects that may be given, ties broken by id."""
        if self.most is None or len(scored) <= self.most:
            return scored
        return scored.sort_values(["tail", key]).head(self.most)


def plain(frame: DataFrame, kind: Kind) -> DataFrame:
    """What a forest and its findings read of profiles, decimals as doubles."""
    names = (
        *kind.columns,
        *((kind.cases,) if kind.cases else ()),
        *(f.name for f in kind.features),
        *kind.money,
    )
    types = dict(frame.dtypes)
    return frame.select(
        kind.key,
        *[
            F.col(name).cast("double") if types[name].startswith("decimal") else F.col(name)
            for name in dict.fromkeys(names)
            if name in types
        ],
    )


def suspects_of_profiles(
    spark: SparkSession, frame: DataFrame, model: PeerForests, cut: Cut
) -> pd.DataFrame:
    """The suspects among profiles, with the columns of ``SCORE_DDL``, ordered by id."""
    schema, arrow = _scored_schema(frame.schema)
    score = _scorer(spark, model, cut, arrow)

    def work(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        for table in _gathered(batches):
            yield from score(table).to_batches()

    return _ordered(frame.mapInArrow(work, schema), model.norms.kind, cut)


def suspects_of_buckets(
    spark: SparkSession, snapshot: Snapshot, program: BucketProgram, model: PeerForests, cut: Cut
) -> pd.DataFrame:
    """The suspects among what a bucket program describes, scored in the buckets."""
    described = cast("StructType", StructType.fromDDL(program.schema))
    schema, arrow = _scored_schema(described)
    score = _scorer(spark, model, cut, arrow)
    describe = program.evaluate

    def evaluate(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
        for table in describe(connection):
            yield from (score(part) for part in _gathered(table.to_batches(BATCH)))

    listed = ", ".join(f"{f.name} {f.dataType.simpleString()}" for f in schema.fields)
    scored = run_in_buckets(spark, snapshot, replace(program, evaluate=evaluate, schema=listed))
    return _ordered(scored, model.norms.kind, cut)


def _scored_schema(given: StructType) -> tuple[StructType, pa.Schema]:
    added = cast("StructType", StructType.fromDDL(SCORE_DDL))
    schema = StructType([*given.fields, *added.fields])
    return schema, to_arrow_schema(schema)


def _scorer(
    spark: SparkSession, model: PeerForests, cut: Cut, schema: pa.Schema
) -> Callable[[pa.Table], pa.Table]:
    shared: Any = spark.sparkContext.broadcast(model)
    kind = model.norms.kind

    def score(table: pa.Table) -> pa.Table:
        rows = table.to_pandas()
        if not len(rows):
            return schema.empty_table()
        suspects = cut.of(pd.concat([rows, shared.value.score(rows)], axis=1), kind)
        return pa.Table.from_pandas(suspects, schema=schema, preserve_index=False, safe=False)

    return score


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches put together until they are worth a call."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(len(part) for part in held) >= BATCH:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _ordered(scored: DataFrame, kind: Kind, cut: Cut) -> pd.DataFrame:
    """A subject once (a claim number may be used for two persons), the likeliest first kept."""
    found: pd.DataFrame = scored.toPandas().sort_values([kind.key, "tail", "anomaly"])
    found = cut.rarest(found.drop_duplicates(kind.key), kind.key).sort_values(kind.key)
    tails = found["tail"].to_numpy(dtype=np.float64)
    return found.assign(tail=[float(f"{tail:.9g}") for tail in tails]).reset_index(drop=True)
