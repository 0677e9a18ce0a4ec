"""The forest family: subjects whose whole profile stands apart from their peers' profiles.

Isolation forest (Liu, Ting and Zhou, ICDM 2008). Features are distances from the peer group on a
robust scale, so subjects of small groups may share one pooled forest. Totals are left out: size
alone isolates nobody. A feature's harmless side counts as its usual value, so that only what is
costly isolates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, cast

import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from detectors.base import Findings, Inputs, Needs
from detectors.deviation.findings import Statement, assembled
from detectors.forest_model import CASES, PeerForests, fit, forest_features
from detectors.forest_wording import forest_statement
from features.catalogue import Subject
from features.peers import LADDERS, columns_of, reference
from features.profiles import PROFILES

FIT_ROWS = 20_000

SCORE_DDL = (
    "peer_group string, peer_level bigint, peer_size bigint, forest string, anomaly double,"
    " tail double"
)


@dataclass(frozen=True)
class Forest:
    """Subjects isolated in few cuts by costly features, with those features named.

    Args:
        trees: number of trees a forest.
        sample: subjects a tree is grown from.
        own: least number of peers for a forest of their own; others share the pooled one.
        tail: a subject is judged when at most this share of its forest's subjects score as high.
        floor: least anomaly score (0.5 is average, 1 isolated at once).
        costly: least share of the score's rise that costly features explain.
        subjects: kinds of subjects judged.
    """

    trees: int = 100
    sample: int = 256
    own: int = 200
    tail: float = 0.01
    floor: float = 0.6
    costly: float = 0.5
    subjects: tuple[Subject, ...] = ("provider", "member", "employer")
    name: ClassVar[str] = "forest"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs()

    def detect(self, inputs: Inputs) -> Findings:
        """Findings ``forest.providers``, ``forest.members`` and ``forest.employers``."""
        not_run: dict[str, str] = {}
        statements: list[Statement] = []
        for subject in self.subjects:
            table, _ = PROFILES[subject]
            if table not in inputs.profiles:
                not_run[f"forest.{subject}s"] = f"no {table} in this run"
                continue
            try:
                statements += self._of_subject(inputs, subject)
            except TooFewError as error:
                not_run[f"forest.{subject}s"] = str(error)
        return assembled(inputs, statements, not_run)

    def _of_subject(self, inputs: Inputs, subject: Subject) -> list[Statement]:
        table, key = PROFILES[subject]
        frame = _plain(inputs.profiles[table], subject, key)
        sample, _ = reference(frame, key, inputs.seed, FIT_ROWS)
        if len(sample) < self.own:
            raise TooFewError(f"{len(sample)} {subject}s; a forest needs {self.own}")
        model = fit(
            sample, subject, trees=self.trees, rows=self.sample, own=self.own, seed=inputs.seed
        )
        cases, least = CASES[subject]
        # Wider than the last fair rung, another trade would stand apart by its trade alone.
        fair = F.col("peer_level") <= LADDERS[subject].narrow
        apart = (F.col("tail") <= self.tail) & (F.col("anomaly") >= self.floor)
        suspects = _scored(inputs, frame, model).where(fair & apart & (F.col(cases) >= least))
        rows = suspects.toPandas().sort_values(key).reset_index(drop=True)
        if rows.empty:
            return []
        drops = model.attributions(rows)
        said = [
            forest_statement(model, rows.iloc[place], drops[place], key, self)
            for place in range(len(rows))
        ]
        return [statement for statement in said if statement is not None]


class TooFewError(Exception):
    """Too few subjects for a forest."""


def _plain(frame: DataFrame, subject: Subject, key: str) -> DataFrame:
    """What a forest and its findings read, decimals as doubles."""
    money = ("benefits_paid",) if subject == "employer" else ("paid", "benefits_paid")
    names = (
        *columns_of(subject),
        CASES[subject][0],
        *(f.name for f in forest_features(subject)),
        *money,
    )
    types = dict(frame.dtypes)
    return frame.select(
        key,
        *[
            F.col(name).cast("double") if types[name].startswith("decimal") else F.col(name)
            for name in dict.fromkeys(names)
            if name in types
        ],
    )


def _scored(inputs: Inputs, frame: DataFrame, model: PeerForests) -> DataFrame:
    """All rows with peer group, forest, anomaly score and tail, by Arrow batches of the session."""
    # The model travels as one broadcast within the session; none is ever read from a folder.
    shared = inputs.spark.sparkContext.broadcast(model)
    added = cast("StructType", StructType.fromDDL(SCORE_DDL))
    schema = StructType([*frame.schema.fields, *added.fields])
    arrow = to_arrow_schema(schema)

    def work(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        for batch in batches:
            rows = batch.to_pandas()
            if len(rows):
                scored = pd.concat([rows, shared.value.score(rows)], axis=1)
                table = pa.Table.from_pandas(scored, schema=arrow, preserve_index=False)
                yield from table.to_batches()

    return frame.mapInArrow(work, schema)
