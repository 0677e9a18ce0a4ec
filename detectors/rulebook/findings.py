"""From hits to findings and evidence: one finding a rule and subject, its rows each once."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from detectors.base import EVIDENCE_COLUMNS, FINDING_COLUMNS, Inputs, finding_id
from detectors.rulebook.rule import Rule

CEILING = 0.97
ROW_WORDS = {"claim_lines": "lines", "benefit_payments": "payments", "contributions": "periods"}


def findings_of(
    hits: DataFrame, rules: Sequence[tuple[Rule, str]], inputs: Inputs
) -> tuple[DataFrame, DataFrame]:
    """Findings and evidence of a run.

    Args:
        hits: flagged and context rows, of whatever rules.
        rules: each rule with the kind of its subjects.
    """
    rows = _rows(hits.join(F.broadcast(_about(rules, inputs)), "rule", how="inner"), inputs)
    flagged = rows.where(F.col("role") == "flagged")
    best = F.struct(-F.col("amount"), F.col("row_key"))
    grouped = flagged.groupBy(
        "finding_id", "detector", "subject_type", "subject_id", "about", "version"
    ).agg(
        F.count(F.lit(1)).alias("n"),
        F.sum("amount").cast("decimal(18,2)").alias("paid"),
        F.sum("overpayment").cast("decimal(18,2)").alias("overpayment"),
        F.max("weight").alias("weight"),
        F.min_by(F.struct("reason", "fields", "table_name"), best).alias("top"),
    )
    findings = grouped.select(
        "finding_id",
        "detector",
        F.col("version").alias("detector_version"),
        "subject_type",
        "subject_id",
        F.lit(inputs.start).alias("period_start_date"),
        F.lit(inputs.end).alias("period_end_date"),
        _score().alias("score"),
        "overpayment",
        _reason().alias("reason"),
        _details().alias("details"),
    ).select(*FINDING_COLUMNS)
    # A row that only stands beside another counts as context, unless it is flagged itself.
    evidence = rows.join(grouped.select("finding_id"), "finding_id", how="left_semi")
    return findings, evidence.select(*EVIDENCE_COLUMNS)


def _rows(hits: DataFrame, inputs: Inputs) -> DataFrame:
    """Each row once a rule and subject."""
    identity = finding_id(
        F.col("rule"), F.col("subject_type"), F.col("subject_id"), F.lit(inputs.start),
        F.lit(inputs.end),
    )  # fmt: skip
    keys = (
        "rule", "detector", "subject_type", "subject_id", "about", "version", "table_name",
        "row_key",
    )  # fmt: skip
    strongest = F.struct("overpayment", "reason", "fields")
    return (
        hits.where(F.col("subject_id").isNotNull())
        .groupBy(*keys)
        .agg(
            F.max("role").alias("role"),
            F.max("amount").alias("amount"),
            F.max("overpayment").alias("overpayment"),
            F.max("weight").alias("weight"),
            F.max("person_id").alias("person_id"),
            F.max("provider_id").alias("provider_id"),
            F.max_by(F.col("reason"), strongest).alias("reason"),
            F.max_by(F.col("fields"), strongest).alias("fields"),
        )
        .withColumn("finding_id", identity)
    )


def _about(rules: Sequence[tuple[Rule, str]], inputs: Inputs) -> DataFrame:
    rows = [
        (
            rule.dated_name,
            rule.name,
            kind,
            rule.version,
            json.dumps(_card(rule), ensure_ascii=False)[:-1],
        )
        for rule, kind in rules
    ]
    return inputs.spark.createDataFrame(
        rows, "rule string, detector string, subject_type string, version string, about string"
    )


def _card(rule: Rule) -> dict[str, object]:
    return {
        "rule": rule.name,
        "title": rule.title,
        "version": rule.version,
        "basis": rule.basis,
        "false_positives": list(rule.false_positives),
        "ask": rule.ask,
    }


def _score() -> Column:
    """The rule's weight, a tenth of the way further to the ceiling as rows grow in number."""
    room = F.greatest(F.lit(CEILING) - F.col("weight"), F.lit(0.0))
    return F.round(F.col("weight") + room * 0.1 * (1 - 1 / F.col("n")), 9)


def _reason() -> Column:
    words = F.lit("rows")
    for table, word in ROW_WORDS.items():
        words = F.when(F.col("top.table_name") == table, F.lit(word)).otherwise(words)
    many = F.concat(
        F.col("n").cast("string"), F.lit(" "), words, F.lit(", "), F.format_number("paid", 2),
        F.lit(" paid: "), F.col("top.reason"),
    )  # fmt: skip
    return F.when(F.col("n") == 1, F.col("top.reason")).otherwise(many)


def _details() -> Column:
    return F.concat(
        F.col("about"), F.lit(', "count": '), F.col("n").cast("string"), F.lit(', "paid": '),
        F.col("paid").cast("string"), F.lit(', "values": '),
        F.coalesce(F.col("top.fields"), F.lit("{}")), F.lit("}"),
    )  # fmt: skip
