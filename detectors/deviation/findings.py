"""Findings about subjects from plain rows: ids, reasons, and money bounded by the evidence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import functions as F

from detectors.base import FINDING_COLUMNS, Findings, Inputs, no_findings
from detectors.deviation.evidence import subject_evidence
from detectors.deviation.evidence_rows import WANTED, Rows
from features.catalogue import Subject
from features.peers import alike

LOWEST, HIGHEST = 0.15, 0.7
"""Scores of the two unguided families: a lead at the threshold, never a proof by itself."""

UNLIKE_PEERS = 0.25
"""Share of an excess that is claimed where the peers may do other work than the subject."""


@dataclass(frozen=True)
class Statement:
    """What a detector says about one subject.

    Args:
        detector: the finding's detector, with its version.
        excess: money above expectation, in currency.
        undue: stated share of it believed paid in error.
        rows: which detail rows carry the excess.
        score: in [0, 1].
        cells: what names those rows further: codes, hours, first and last day.
    """

    detector: str
    version: str
    subject_type: str
    subject_id: str
    score: float
    excess: float
    undue: float
    rows: Rows
    reason: str
    details: Mapping[str, Any]
    cells: tuple[str, ...] = ()

    def finding_id(self, inputs: Inputs) -> str:
        """The id of ``detectors.base.finding_id`` over detector, subject and period."""
        parts = (self.detector, self.subject_type, self.subject_id, inputs.start, inputs.end)
        text = "|".join(str(part) for part in parts)
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def undue_share(share: float, subject: Subject, group: str) -> float:
    """The share of an excess over a peer group that is believed paid in error."""
    return share if alike(subject, group) else share * UNLIKE_PEERS


def significant(value: float, digits: int = 6) -> float:
    """A number as details carry it: rounded to significant digits."""
    return float(f"{value:.{digits}g}")


def score_of(tail: float, money: float, strength: float = 1.0) -> float:
    """From 0.15 at the threshold to 0.7 for what is both extreme and costly.

    Args:
        tail: how far in the tail, 0 at the threshold to 1.
        money: part of the subject's money at stake that is beyond expectation, 0 to 1.
        strength: the part of the way that this kind of finding may go at most.
    """
    part = tail * (0.4 + 0.6 * money) * strength
    return round(LOWEST + (HIGHEST - LOWEST) * min(1.0, max(0.0, part)), 9)


def assembled(
    inputs: Inputs,
    statements: Sequence[Statement],
    not_run: Mapping[str, str],
) -> Findings:
    """Statements as findings with their evidence; overpayment stays within the evidence's sum."""
    if not statements:
        nothing = no_findings(inputs.spark)
        return Findings(nothing.findings, nothing.evidence, not_run)
    ids = [statement.finding_id(inputs) for statement in statements]
    wanted = pa.Table.from_pylist(
        [
            {
                "finding_id": id_,
                "subject_type": said.subject_type,
                "subject_id": said.subject_id,
                "rows": said.rows,
                "cents": round(said.excess * 100),
                "cells": list(said.cells),
            }
            for id_, said in zip(ids, statements, strict=True)
        ],
        schema=WANTED,
    )
    evidence = subject_evidence(inputs, wanted).persist(StorageLevel.MEMORY_AND_DISK)
    rows = [
        (
            id_,
            said.detector,
            said.version,
            said.subject_type,
            said.subject_id,
            inputs.start,
            inputs.end,
            said.score,
            round(said.excess * said.undue * 100),
            said.reason,
            json.dumps(dict(said.details), sort_keys=True),
        )
        for id_, said in zip(ids, statements, strict=True)
    ]
    said = inputs.spark.createDataFrame(
        rows,
        "finding_id string, detector string, detector_version string, subject_type string,"
        " subject_id string, period_start_date date, period_end_date date, score double,"
        " cents bigint, reason string, details string",
    )
    exposure = evidence.groupBy("finding_id").agg(F.sum("amount").alias("exposure"))
    money = (F.col("cents") / 100).cast("decimal(18,2)")
    bound = F.greatest(F.coalesce("exposure", F.lit(0)).cast("decimal(18,2)"), F.lit(0))
    findings = (
        said.join(exposure, "finding_id", how="left")
        .withColumn("overpayment", F.least(money, bound).cast("decimal(18,2)"))
        .select(*FINDING_COLUMNS)
    )
    return Findings(findings, evidence, not_run, release=lambda: _release(evidence))


def _release(frame: Any) -> None:
    frame.unpersist()
