"""From rings to findings: lasting ids, evidence of the buckets, money by a stated share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.model.column import MONEY
from detectors.base import (
    EVIDENCE_DDL,
    FINDING_COLUMNS,
    Detector,
    Findings,
    Inputs,
    no_findings,
)

MOST_SCORE = 0.8

_RING_DDL = (
    "finding_id string, subject_id string, score double, share double, reason string, "
    "details string"
)
_SUBJECTS = pa.schema(
    [(name, pa.string()) for name in ("finding_id", "subject_type", "subject_id", "role")]
)


@dataclass(frozen=True)
class Ring:
    """Subjects that belong together, and why that is not innocent.

    Args:
        subjects: (subject_type, subject_id, role) of its members; they make the ring's id.
        score: in [0, 1]; cut at ``MOST_SCORE``, as belonging together proves no undue payment.
        share: share of the flagged money believed paid in error (0 to 1).
        reason: a sentence an analyst can check.
        innocent: what would make it innocent.
        details: further figures, JSON-able.
        beside: further (subject_type, subject_id, role), named but not part of its id.
        lasting_id: the id under which it was first seen, where it goes on from an earlier run.
    """

    subjects: tuple[tuple[str, str, str], ...]
    score: float
    share: float
    reason: str
    innocent: str
    details: Mapping[str, Any] = field(default_factory=dict)
    beside: tuple[tuple[str, str, str], ...] = ()
    lasting_id: str | None = None

    @property
    def subject_id(self) -> str:
        """The lasting id, or the MD5 of the sorted members, whatever the order of rows."""
        members = sorted(f"{kind}:{identifier}" for kind, identifier, _ in self.subjects)
        return self.lasting_id or digest("|".join(members))

    @property
    def members(self) -> frozenset[tuple[str, str]]:
        """Type and id of all it names, by which it is known again in a later run."""
        return frozenset((kind, one) for kind, one, _ in (*self.subjects, *self.beside))

    def finding_id(self, detector: str, inputs: Inputs) -> str:
        """The id of the ring's finding, as :func:`detectors.base.finding_id` makes it."""
        return digest(f"{detector}|group|{self.subject_id}|{inputs.start}|{inputs.end}")

    def described(self) -> str:
        """The ring's details as JSON, subjects in order of type and id."""
        named = [
            {"subject_type": kind, "subject_id": identifier, "role": role}
            for kind, identifier, role in (*sorted(self.subjects), *sorted(self.beside))
        ]
        shown = {**self.details, "overpayment_share": self.share, "innocent_if": self.innocent}
        return json.dumps({"subjects": named, **shown}, sort_keys=True, ensure_ascii=False)


def digest(text: str) -> str:
    """MD5 of a text, as ids are made."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def frame_of(rows: Iterable[Sequence[Any]], **types: pa.DataType) -> pa.Table:
    """A small Arrow table for a bucket program, from rows of values in column order."""
    schema = pa.schema(list(types.items()))
    return pa.Table.from_pylist(
        [dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema
    )


def subjects_frame(detector: str, rings: Sequence[Ring], inputs: Inputs) -> pa.Table:
    """Who is in which ring: ``finding_id``, ``subject_type``, ``subject_id``, ``role``."""
    return pa.Table.from_pylist(
        [
            {
                "finding_id": ring.finding_id(detector, inputs),
                "subject_type": kind,
                "subject_id": identifier,
                "role": role,
            }
            for ring in rings
            for kind, identifier, role in (*ring.subjects, *ring.beside)
        ],
        schema=_SUBJECTS,
    )


def findings_of(
    detector: Detector,
    inputs: Inputs,
    rings: Sequence[Ring],
    *,
    tables: Mapping[str, tuple[str, ...]],
    statements: Sequence[str],
    frames: Mapping[str, pa.Table] | None = None,
) -> Findings:
    """Findings of rings with the evidence that a bucket program names.

    Args:
        tables: what the evidence statements read.
        statements: DuckDB SQL, the last of which yields evidence; ``ring_subjects`` holds who is
            in which ring. A ring without a row of evidence in the period makes no finding.
        frames: further small tables of the statements.
    """
    if not rings:
        return no_findings(inputs.spark)
    program = BucketProgram(
        tables,
        sql(*statements),
        EVIDENCE_DDL,
        {"ring_subjects": subjects_frame(detector.name, rings, inputs), **(frames or {})},
    )
    evidence = run_in_buckets(inputs.spark, inputs.snapshot, program).persist(
        StorageLevel.MEMORY_AND_DISK
    )
    flagged = F.when(F.col("role") == "flagged", F.col("amount"))
    exposure = evidence.groupBy("finding_id").agg(
        F.coalesce(F.sum(flagged), F.lit(0)).cast(MONEY).alias("exposure")
    )
    listed = inputs.spark.createDataFrame(
        [
            (
                ring.finding_id(detector.name, inputs),
                ring.subject_id,
                round(min(ring.score, MOST_SCORE), 9),
                ring.share,
                ring.reason,
                ring.described(),
            )
            for ring in sorted(rings, key=lambda ring: ring.subject_id)
        ],
        _RING_DDL,
    )
    undue = F.greatest(F.col("exposure"), F.lit(0)) * F.col("share").cast("decimal(9,4)")
    found = listed.join(exposure, "finding_id", how="inner").select(
        "finding_id",
        F.lit(detector.name).alias("detector"),
        F.lit(detector.version).alias("detector_version"),
        F.lit("group").alias("subject_type"),
        "subject_id",
        F.lit(inputs.start).alias("period_start_date"),
        F.lit(inputs.end).alias("period_end_date"),
        "score",
        F.round(undue, 2).cast(MONEY).alias("overpayment"),
        "reason",
        "details",
    )

    def release() -> None:
        evidence.unpersist()

    return Findings(found.select(*FINDING_COLUMNS), evidence, release=release)
