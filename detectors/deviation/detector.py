"""The deviation family: everything compared with fair peers, tested together, explained apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, cast, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from detectors.base import Findings, Inputs, Needs
from detectors.deviation.findings import Statement, assembled
from detectors.deviation.judgement import (
    CANDIDATE_COLUMNS,
    CANDIDATE_DDL,
    judge,
    ladder_columns,
    norms,
)
from detectors.deviation.measures import MEASURES, Measure
from detectors.deviation.methods.discovery import q_values
from detectors.deviation.wording import statement
from features.catalogue import Subject
from features.peers import REFERENCE, reference
from features.profiles import PROFILES


@dataclass(frozen=True)
class Deviation:
    """Subjects unlike those they may fairly be compared with, by every measure in turn.

    A subject is named by a measure when its robust z (Qn scale on the measure's scale, widened for
    long tails; Rousseeuw and Croux 1993) reaches the threshold, at most five peers or one in a
    hundred lie as high, and its Benjamini–Hochberg adjusted p-value over everything tested in the
    run stays within the false discovery rate. One detector holds all measures because that rate
    is one for the run. Each finding is of detector ``deviation.<measure>``.

    Args:
        measures: what subjects are compared on.
        threshold: least robust z.
        false_discovery_rate: share of findings that may be due to chance.
        most: subjects up to which norms are taken from all of them, not from a sample.
    """

    measures: tuple[Measure, ...] = MEASURES
    threshold: float = 3.5
    false_discovery_rate: float = 0.05
    most: int = REFERENCE
    name: ClassVar[str] = "deviation"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs()
    subjects: tuple[Subject, ...] = field(default=get_args(Subject))

    def detect(self, inputs: Inputs) -> Findings:
        """Findings of all measures whose profiles the run has."""
        not_run: dict[str, str] = {}
        found = []
        for subject in self.subjects:
            measures = [m for m in self.measures if m.subject == subject]
            table, _ = PROFILES[subject]
            if table in inputs.profiles and measures:
                found.append(self._candidates(inputs, subject, measures))
                continue
            for measure in measures:
                not_run[f"deviation.{measure.name}"] = f"no {table} in this run"
        candidates = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
        if found:
            for name in self._untested(candidates):
                not_run.setdefault(
                    f"deviation.{name}", "no subject has enough cases and fair peers"
                )
        return assembled(inputs, list(self._statements(candidates)) if found else [], not_run)

    def _candidates(
        self, inputs: Inputs, subject: Subject, measures: list[Measure]
    ) -> pd.DataFrame:
        """Everyone on the costly side of a subject's measures; on the driver unless sampled."""
        table, key = PROFILES[subject]
        frame = _plain(inputs.profiles[table], key, ladder_columns(measures))
        sample, total = reference(frame, key, inputs.seed, self.most)
        known = norms(sample, measures)
        if len(sample) == total:
            return judge(sample, key, measures=measures, known=known, threshold=self.threshold)

        arrow = to_arrow_schema(cast("StructType", StructType.fromDDL(CANDIDATE_DDL)))

        def work(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
            for batch in batches:
                rows = judge(
                    batch.to_pandas(),
                    key,
                    measures=measures,
                    known=known,
                    threshold=self.threshold,
                )
                table = pa.Table.from_pandas(rows, schema=arrow, preserve_index=False)
                yield from table.to_batches()

        judged: pd.DataFrame = frame.mapInArrow(work, CANDIDATE_DDL).toPandas()
        return judged.sort_values(["measure", "subject_id"]).reset_index(drop=True)

    def _untested(self, candidates: pd.DataFrame) -> list[str]:
        tested = candidates.groupby("measure")["tested"].sum()
        return [str(name) for name, number in tested.items() if not number]

    def _statements(self, candidates: pd.DataFrame) -> Iterator[Statement]:
        tested = int(candidates["tested"].fillna(0).sum())
        named = candidates[candidates["subject_id"].notna()][list(CANDIDATE_COLUMNS)]
        named = named.assign(q=q_values(named["p"].to_numpy(dtype=np.float64), tested))
        measures = {measure.name: measure for measure in self.measures}
        limit = named["measure"].map({name: m.limit for name, m in measures.items()})
        beyond = limit.isna() | (named["observed"] > limit.astype("float64"))
        unusual = (named["z"] >= self.threshold) & named["above"].astype(bool)
        certain = named["q"] <= self.false_discovery_rate
        flagged = named[beyond & unusual & certain].sort_values(["measure", "subject_id"])
        for row in flagged.itertuples(index=False):
            yield statement(measures[str(row.measure)], row, self.threshold, self.version)


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
