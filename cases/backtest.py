"""Rules tried on a period of the past: hits, money, overlap, and what was decided on their cases.

Nothing is written to the lake.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from cases.fusion import case_id
from claims.errors import LakeError
from claims.lake import Lake
from claims.runs import Snapshot, latest
from detectors.base import Findings, Inputs
from detectors.rulebook import Rulebook
from detectors.rulebook.rule import Rule

ROW = ("table_name", "row_key")
CONFIRMED, REFUTED = "substantiated", "unsubstantiated"


@dataclass(frozen=True)
class Tried:
    """What one rule would have found.

    Args:
        subjects: number of findings, one a subject.
        rows: rows flagged; ``paid`` what was paid on them, ``overpayment`` what the rule calls
            undue, both in the lake's currency.
        shared: of its rows, how many each other rule flags too: the rules tried, and those of the
            lake's latest run, in shadow or not.
        confirmed: subjects whose case was last decided as substantiated.
        refuted: subjects whose case was last decided as unsubstantiated.
        not_run: why it could not be tried.
    """

    rule: str
    status: str
    subjects: int = 0
    rows: int = 0
    paid: Decimal = Decimal(0)
    overpayment: Decimal = Decimal(0)
    shared: Mapping[str, int] = field(default_factory=dict)
    confirmed: int = 0
    refuted: int = 0
    not_run: str = ""


def backtest(
    spark: SparkSession,
    lake: Lake,
    rules: Sequence[Rule],
    period: tuple[date, date],
    outcomes: Mapping[str, str],
) -> list[Tried]:
    """What each of the rules says of the newest loads in a period, whatever its status.

    Args:
        outcomes: by case, how it was last decided.
    """
    inputs = Inputs(spark, Snapshot.latest(lake), *period)
    tried = tuple(replace(rule, status="active") for rule in rules)
    found = Rulebook(rules=tried).detect(inputs)
    try:
        return _told(spark, lake, rules, found, outcomes)
    finally:
        found.release()


def _told(
    spark: SparkSession,
    lake: Lake,
    rules: Sequence[Rule],
    found: Findings,
    outcomes: Mapping[str, str],
) -> list[Tried]:
    silent = {
        **found.not_run,
        **{name: f"it failed: {why}" for name, why in found.failures.items()},
    }
    findings = found.findings.select(
        "finding_id", "detector", "subject_type", "subject_id", "overpayment"
    ).toArrow()
    subjects: Counter[str] = Counter()
    money: defaultdict[str, Decimal] = defaultdict(Decimal)
    decided: Counter[tuple[str, str | None]] = Counter()
    for row in findings.to_pylist():
        subjects[row["detector"]] += 1
        money[row["detector"]] += row["overpayment"] or Decimal(0)
        case = case_id(row["subject_type"], row["subject_id"])
        decided[row["detector"], outcomes.get(case)] += 1
    flagged = (
        found.evidence.where("role = 'flagged'")
        .join(found.findings.select("finding_id", "detector"), "finding_id", how="inner")
        .select("detector", *ROW, "amount")
        .dropDuplicates(["detector", *ROW])
        .persist()
    )
    try:
        rows, paid = _rows(flagged)
        shared = _shared(flagged, _others(spark, lake, [rule.name for rule in rules]))
    finally:
        flagged.unpersist()
    return [
        Tried(
            rule.name,
            rule.status,
            subjects[rule.name],
            rows[rule.name],
            paid[rule.name],
            money[rule.name],
            shared.get(rule.name, {}),
            decided[rule.name, CONFIRMED],
            decided[rule.name, REFUTED],
            silent.get(rule.name, ""),
        )
        for rule in rules
    ]


def _rows(flagged: DataFrame) -> tuple[Counter[str], defaultdict[str, Decimal]]:
    """By rule, the number of rows and what was paid on them."""
    counted = flagged.groupBy("detector").agg(
        F.count(F.lit(1)).alias("n"), F.sum("amount").cast("decimal(18,2)").alias("paid")
    )
    rows: Counter[str] = Counter()
    paid: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in counted.collect():
        rows[row.detector], paid[row.detector] = row.n, row.paid or Decimal(0)
    return rows, paid


def _others(spark: SparkSession, lake: Lake, tried: Sequence[str]) -> DataFrame | None:
    """Rows that other rules flag in the lake's latest run, those in shadow among them.

    ``None`` where the lake has no run.
    """
    try:
        run = latest(lake, "run")["run_id"]
    except LakeError:
        return None
    parts = []
    for prefix in ("", "shadow_"):
        if not lake.exists(f"{prefix}findings"):
            continue
        findings, evidence = (
            lake.read(spark, f"{prefix}{table}").where(F.col("run_id") == run)
            for table in ("findings", "evidence")
        )
        rules = findings.where(F.col("detector").startswith("rules."))
        rules = rules.where(~F.col("detector").isin(list(tried))).select("finding_id", "detector")
        flagged = evidence.where("role = 'flagged'")
        parts.append(flagged.join(rules, "finding_id", how="inner").select("detector", *ROW))
    return reduce(DataFrame.unionByName, parts).distinct() if parts else None


def _shared(flagged: DataFrame, others: DataFrame | None) -> dict[str, dict[str, int]]:
    """By rule, how many of its rows each other rule flags, the most first."""
    mine = flagged.select("detector", *ROW)
    beside = mine if others is None else mine.unionByName(others)
    beside = beside.withColumnRenamed("detector", "other")
    counted = (
        mine.join(beside, list(ROW), how="inner")
        .where("detector <> other")
        .groupBy("detector", "other")
        .agg(F.count(F.lit(1)).alias("n"))
    )
    found: dict[str, dict[str, int]] = {}
    for row in sorted(counted.collect(), key=lambda row: (row.detector, -row.n, row.other)):
        found.setdefault(row.detector, {})[row.other] = row.n
    return found
