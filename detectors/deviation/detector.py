"""The deviation family: everything compared with fair peers, tested together, explained apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, cast, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from detectors.base import Findings, Inputs, Needs
from detectors.deviation.comparison import ALPHA, CANDIDATE_COLUMNS, CANDIDATE_DDL, Comparison
from detectors.deviation.comparisons import DEVIATION
from detectors.deviation.findings import Statement, assembled
from detectors.deviation.judgement import Known, columns_read, fitted, judge
from detectors.deviation.methods.discovery import q_values
from detectors.deviation.wording import statement
from features.catalogue import PROFILES, Subject
from features.peers import REFERENCE, reference
from features.subject_series import subject_shapes

SHAPED = 20_000
"""Subjects whose shapes norms are taken from: a shape holds a thousand numbers, not fifty."""


@dataclass(frozen=True)
class Deviation:
    """Subjects unlike those they may fairly be compared with, in every dimension in turn.

    A subject is named by a comparison when the difference matters (each says what that is), at most
    five peers or one in a hundred lie as far, and the Benjamini-Hochberg adjusted p-value over
    everything tested in the run stays within the false discovery rate. One detector holds all
    comparisons because that rate is one for the run. A finding is of detector ``deviation.<name>``.

    Args:
        comparisons: what subjects are compared on, and how.
        false_discovery_rate: share of findings that may be due to chance.
        most: subjects up to which norms are taken from all of them, not from a sample.
    """

    comparisons: tuple[Comparison, ...] = DEVIATION
    false_discovery_rate: float = 0.05
    most: int = REFERENCE
    name: ClassVar[str] = "deviation"
    version: ClassVar[str] = "3"
    needs: ClassVar[Needs] = Needs()
    subjects: tuple[Subject, ...] = field(default=get_args(Subject))

    def detect(self, inputs: Inputs) -> Findings:
        """Findings of all comparisons whose profiles the run has."""
        candidates, not_run = self.judged(inputs)
        return assembled(inputs, list(self.statements(candidates)), not_run)

    def judged(self, inputs: Inputs, alpha: float = ALPHA) -> tuple[pd.DataFrame, dict[str, str]]:
        """Who stands apart with p ≤ α in any comparison, and what could not be asked.

        Rows without a subject carry how many subjects each comparison tested.
        """
        not_run: dict[str, str] = {}
        found = []
        for subject in self.subjects:
            chosen = [c for c in self.comparisons if c.subject == subject]
            table, _ = PROFILES[subject]
            if table not in inputs.profiles:
                not_run |= {f"deviation.{c.name}": f"no {table} in this run" for c in chosen}
                continue
            for shaped in (False, True):
                asked = [c for c in chosen if c.shaped == shaped]
                if asked:
                    found.append(self._candidates(inputs, subject, asked, shaped, alpha))
        if not found:
            return pd.DataFrame(), not_run
        candidates = pd.concat(found, ignore_index=True)
        for name, number in candidates.groupby("measure")["tested"].sum().items():
            if not number:
                not_run[f"deviation.{name}"] = "no subject has enough cases and fair peers"
        return candidates, not_run

    def _candidates(
        self,
        inputs: Inputs,
        subject: Subject,
        asked: list[Comparison],
        shaped: bool,
        alpha: float,
    ) -> pd.DataFrame:
        """Everyone with p ≤ α in these comparisons; on the driver unless sampled."""
        table, key = PROFILES[subject]
        frame = inputs.profiles[table]
        if shaped:
            shapes = subject_shapes(
                inputs.spark, inputs.snapshot, subject, inputs.start, inputs.end
            )
            frame = frame.join(shapes, key, how="inner").withColumns(_period(inputs))
        frame = _plain(frame, key, columns_read(asked)).persist(StorageLevel.MEMORY_AND_DISK)
        try:
            most = min(self.most, SHAPED) if shaped else self.most
            sample, total = reference(frame, key, inputs.seed, most)
            known = fitted(sample, asked, len(sample) == total)
            if len(sample) == total:
                return judge(sample, key, asked, known, alpha)
            judged: pd.DataFrame = _everywhere(frame, key, asked, known, alpha).toPandas()
        finally:
            frame.unpersist()
        return judged.sort_values(["measure", "subject_id"]).reset_index(drop=True)

    def statements(self, candidates: pd.DataFrame) -> Iterator[Statement]:
        """Those of the candidates (:meth:`judged`) within the false discovery rate."""
        if candidates.empty:
            return
        tested = int(candidates["tested"].fillna(0).sum())
        named = candidates[candidates["subject_id"].notna()][list(CANDIDATE_COLUMNS)]
        named = named.assign(q=q_values(named["p"].to_numpy(dtype=np.float64), tested))
        certain = named["q"] <= self.false_discovery_rate
        by_name = {comparison.name: comparison for comparison in self.comparisons}
        for row in named[certain].sort_values(["measure", "subject_id"]).itertuples():
            yield statement(by_name[str(row.measure)], row, self.version)


def _period(inputs: Inputs) -> dict[str, Column]:
    return {"period_start": F.lit(inputs.start), "period_end": F.lit(inputs.end)}


def _everywhere(
    frame: DataFrame, key: str, asked: list[Comparison], known: Known, alpha: float
) -> DataFrame:
    """All subjects judged on the executors, by norms that travel with the task."""
    arrow = to_arrow_schema(cast("StructType", StructType.fromDDL(CANDIDATE_DDL)))

    def work(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        for batch in batches:
            rows = judge(batch.to_pandas(), key, asked, known, alpha)
            table = pa.Table.from_pandas(rows, schema=arrow, preserve_index=False)
            yield from table.to_batches()

    return frame.mapInArrow(work, CANDIDATE_DDL)


def _plain(frame: DataFrame, key: str, columns: tuple[str, ...]) -> DataFrame:
    """The columns judged, decimals as doubles."""
    types = dict(frame.dtypes)
    return frame.select(
        key,
        *[
            F.col(name).cast("double") if types[name].startswith("decimal") else F.col(name)
            for name in columns
        ],
    )
