"""What every detector must keep, whatever its method: one suite over all families."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from claims.lake import Lake
from claims.model.results import EVIDENCE, FINDINGS
from claims.runs import Snapshot, latest
from detectors.base import FAMILIES, Detector, Findings, Inputs
from detectors.families import detectors

SEED = 1


@pytest.fixture(scope="module")
def inputs(spark: SparkSession, population: Lake) -> Iterator[Inputs]:
    """The small population as a detection run sees it."""
    snapshot = Snapshot.latest(population)
    run = latest(population, "run")
    profiles = {
        name: population.read(spark, name).where(F.col("run_id") == run["run_id"]).drop("run_id")
        for name in run["parameters"]["profiles"]
    }
    yield Inputs(spark, snapshot, run["period_start_date"], run["period_end_date"], SEED, profiles)


def everyone() -> list[Detector]:
    return [detector for family in FAMILIES for detector in detectors(family)]


Found = tuple[list[dict[str, Any]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def stored(population: Lake) -> Callable[[Detector], Found]:
    """What each detector found in the population's night, as it was written."""
    run = latest(population, "run")["run_id"]

    def ask(detector: Detector) -> Found:
        family = detector.name.split(".")[0]
        # A family of one detector names its findings by rules and comparisons.
        own = f"{family}.%" if len(detectors(family)) == 1 else detector.name
        parts = (
            population.query(text, "findings", "evidence", run=run, own=own).to_pylist()
            for text in (
                "select * exclude run_id from findings where run_id = $run and detector like $own",
                "select e.* exclude run_id from evidence e semi join findings f"
                " on f.run_id = $run and f.finding_id = e.finding_id and f.detector like $own"
                " where e.run_id = $run",
            )
        )
        return next(parts), next(parts)

    return ask


def found(detector: Detector, inputs: Inputs) -> Found:
    result: Findings = detector.detect(inputs)
    try:
        return (
            [row.asDict() for row in result.findings.collect()],
            [row.asDict() for row in result.evidence.collect()],
        )
    finally:
        result.release()


@pytest.mark.parametrize("detector", everyone(), ids=lambda detector: detector.name)
def test_a_detector_keeps_the_contract(
    detector: Detector, stored: Callable[[Detector], Found]
) -> None:
    assert detector.name.split(".")[0] in FAMILIES
    assert detector.version
    findings, evidence = stored(detector)
    names = {c.name: c for c in FINDINGS.columns if c.name != "run_id"}
    for row in findings:
        assert set(row) == set(names)
        assert all(row[name] is not None for name, c in names.items() if c.required), row
        assert 0 <= row["score"] <= 1
        assert row["reason"].strip()
        assert row["subject_type"] in names["subject_type"].values
        assert row["detector"].split(".")[0] == detector.name.split(".")[0]
        assert isinstance(json.loads(row["details"]), dict)
        assert row["overpayment"] is None or row["overpayment"] >= 0
    ids = [row["finding_id"] for row in findings]
    assert len(ids) == len(set(ids))
    held = dict.fromkeys(ids, 0)
    roles = EVIDENCE.column("role").values
    for row in evidence:
        assert row["finding_id"] in held, "evidence without its finding"
        assert row["role"] in roles
        held[row["finding_id"]] += row["role"] == "flagged" and (row["amount"] or 0)
    named = {(row["finding_id"], row["table_name"], row["row_key"]) for row in evidence}
    assert len(named) == len(evidence)
    for row in findings:
        unpaid = any(
            e["table_name"] == "contributions"
            for e in evidence
            if e["finding_id"] == row["finding_id"]
        )
        assert unpaid or (row["overpayment"] or 0) <= held[row["finding_id"]], row["detector"]


@pytest.mark.parametrize("detector", everyone(), ids=lambda detector: detector.name)
def test_nothing_in_nothing_out(
    detector: Detector, spark: SparkSession, inputs: Inputs, lake_of: Callable[..., Snapshot]
) -> None:
    snapshot = lake_of(**dict.fromkeys(inputs.snapshot.rows, ()))
    empty = {name: frame.limit(0) for name, frame in inputs.profiles.items()}
    nothing = Inputs(spark, snapshot, inputs.start, inputs.end, SEED, empty)
    assert found(detector, nothing) == ([], [])
