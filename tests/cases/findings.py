"""Findings and evidence made from a few values, and a plain reading of what ranking must give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from cases.policy import Policy
from cases.ranking import rank
from detectors.base import EVIDENCE_COLUMNS, EVIDENCE_DDL, FINDING_COLUMNS, FINDING_DDL

Row = dict[str, Any]


def finding(name: str, detector: str, score: float, **more: Any) -> Row:
    """A finding about provider P1, unless told otherwise."""
    return {
        "finding_id": name,
        "detector": detector,
        "detector_version": "1",
        "subject_type": "provider",
        "subject_id": "P1",
        "period_start_date": None,
        "period_end_date": None,
        "score": score,
        "overpayment": None,
        "reason": f"Reason of {name}.",
        "details": "{}",
        **more,
    }


def evidence(name: str, key: str, amount: str | None, **more: Any) -> Row:
    """A flagged claim line of a finding."""
    return {
        "finding_id": name,
        "table_name": "claim_lines",
        "row_key": key,
        "amount": None if amount is None else Decimal(amount),
        "person_id": "M1",
        "provider_id": "P1",
        "role": "flagged",
        **more,
    }


def frames(
    spark: SparkSession, findings: Sequence[Row], rows: Sequence[Row]
) -> tuple[DataFrame, DataFrame]:
    return (
        spark.createDataFrame(
            [tuple(f[c] for c in FINDING_COLUMNS) for f in findings], FINDING_DDL
        ),
        spark.createDataFrame([tuple(r[c] for c in EVIDENCE_COLUMNS) for r in rows], EVIDENCE_DDL),
    )


def ranked(
    spark: SparkSession,
    findings: Sequence[Row],
    rows: Sequence[Row] = (),
    policy: Policy | None = None,
) -> tuple[list[Any], dict[str | None, float]]:
    """Cases in rank order, and points by finding_id."""
    result = rank(*frames(spark, findings, rows), policy)
    cases = result.cases.orderBy("rank").collect()
    points = {r.finding_id: r.points for r in result.contributions.collect()}
    result.release()
    return cases, points


@dataclass
class Expected:
    """A case as the model's text says it, read row by row in plain Python."""

    subject: tuple[str, str]
    score: float
    suspicion: float
    points: dict[str, float]
    families: int
    exposure: int = 0
    overpayment: int = 0
    assigned: int = 0
    expected: int = 0


def expect(findings: Sequence[Row], rows: Sequence[Row], policy: Policy) -> list[Expected]:
    """Cases in their order; amounts in cents."""
    subjects = sorted({(f["subject_type"], f["subject_id"]) for f in findings})
    cases = [
        _fuse(s, [f for f in findings if (f["subject_type"], f["subject_id"]) == s], policy)
        for s in subjects
    ]
    _value(cases, findings, rows)
    return sorted(cases, key=lambda c: (-c.expected, -c.suspicion, -c.exposure, c.subject))


def _fuse(subject: tuple[str, str], findings: Sequence[Row], policy: Policy) -> Expected:
    base = math.log(policy.prior / (1 - policy.prior))
    points = {f["finding_id"]: 0.0 for f in findings}
    families: dict[str, dict[str, Row]] = {}
    for f in sorted(findings, key=lambda f: (-f["score"], f["finding_id"])):
        words = f["detector"].split(".")
        group = words[1] if words[0] == "rules" else f["detector"]
        families.setdefault(words[0], {}).setdefault(group, f)
    for groups in families.values():
        for step, f in enumerate(groups.values()):
            clipped = min(max(f["score"], policy.prior), policy.ceiling)
            alone = math.log(clipped / (1 - clipped)) - base
            points[f["finding_id"]] = max(0.0, round(alone * policy.halving**step, 9))
    score = round(round(base, 9) + math.fsum(points.values()), 9)
    giving = {f["detector"].split(".")[0] for f in findings if points[f["finding_id"]] > 0}
    return Expected(subject, score, round(1 / (1 + math.exp(-score)), 9), points, len(giving))


def spread(owed: int, amounts: Mapping[Any, int]) -> dict[Any, int]:
    """Cents of an overpayment by row, in proportion, rows in order, rounding down cumulatively."""
    whole = sum(amounts.values())
    owed = min(owed, whole)
    got, until = {}, 0
    for key in sorted(amounts):
        before = owed * until // whole if whole else 0
        until += amounts[key]
        got[key] = (owed * until // whole if whole else 0) - before
    return got


def _cents(amount: Decimal | None) -> int:
    return max(0, int((amount or Decimal(0)) * 100))


def _value(cases: list[Expected], findings: Sequence[Row], rows: Sequence[Row]) -> None:
    claims: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
    for case in cases:
        amounts: dict[tuple[str, str], int] = {}
        undue: dict[tuple[str, str], int] = {}
        for f in findings:
            if (f["subject_type"], f["subject_id"]) != case.subject:
                continue
            named: dict[tuple[str, str], int] = {}
            for row in rows:
                if row["finding_id"] == f["finding_id"] and row["role"] != "context":
                    key = (row["table_name"], row["row_key"])
                    named[key] = max(named.get(key, 0), _cents(row["amount"]))
            for row_, share in spread(_cents(f["overpayment"]), named).items():
                amounts[row_] = max(amounts.get(row_, 0), named[row_])
                undue[row_] = max(undue.get(row_, 0), share)
        case.exposure, case.overpayment = sum(amounts.values()), sum(undue.values())
        for key, share in undue.items():
            claims.setdefault(key, {})[case.subject] = share
    by_subject = {case.subject: case for case in cases}
    for shares in claims.values():
        claimants = [by_subject[s] for s, share in shares.items() if share > 0]
        for case in sorted(claimants, key=lambda c: (-c.suspicion, c.subject))[:1]:
            case.assigned += shares[case.subject]
    for case in cases:
        exact = Decimal(f"{case.suspicion:.9f}") * case.assigned
        case.expected = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
