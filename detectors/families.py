"""Every detector of a run, family by family, written out: what is not listed here does not run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame

from detectors.base import (
    EVIDENCE_COLUMNS,
    FINDING_COLUMNS,
    Detector,
    Findings,
    Inputs,
    no_findings,
)
from detectors.collusion import COLLUSION
from detectors.deviation import Deviation
from detectors.forest import Forest
from detectors.rulebook import Rulebook


def detectors(family: str) -> tuple[Detector, ...]:
    """The detectors of one family with their default thresholds.

    Raises:
        KeyError: there is no such family.
    """
    listed: dict[str, tuple[Detector, ...]] = {
        "deviation": (Deviation(),),
        "rules": (Rulebook(),),
        "forest": (Forest(),),
        "collusion": COLLUSION,
    }
    return listed[family]


@dataclass(frozen=True)
class FamilyFindings:
    """What one family found, and which of its detectors could not run and why."""

    findings: DataFrame
    evidence: DataFrame
    not_run: dict[str, str]
    parts: tuple[Findings, ...]

    def release(self) -> None:
        """Free whatever the detectors persisted."""
        for part in self.parts:
            part.release()


def run_family(family: str, inputs: Inputs) -> FamilyFindings:
    """Run the family's detectors whose needs the snapshot meets."""
    not_run: dict[str, str] = {}
    parts: list[Findings] = []
    for detector in detectors(family):
        reason = detector.needs.missing(inputs.snapshot)
        if reason:
            not_run[detector.name] = reason
            continue
        found = detector.detect(inputs)
        _check(detector.name, found)
        parts.append(found)
        not_run.update(found.not_run)
        not_run.update({name: f"it failed: {text}" for name, text in found.failures.items()})
    frames = parts or [no_findings(inputs.spark)]
    return FamilyFindings(
        reduce(DataFrame.unionByName, [part.findings for part in frames]),
        reduce(DataFrame.unionByName, [part.evidence for part in frames]),
        not_run,
        tuple(parts),
    )


def _check(name: str, found: Findings) -> None:
    for frame, columns in ((found.findings, FINDING_COLUMNS), (found.evidence, EVIDENCE_COLUMNS)):
        if set(frame.columns) != set(columns):
            differing = sorted(set(frame.columns) ^ set(columns))
            raise TypeError(f"{name} gives a frame that is not the model's: {differing}")
