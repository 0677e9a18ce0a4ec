"""Every detector of a run, family by family, written out: what is not listed here does not run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import cycle

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
from detectors.rulebook.library import Library


def detectors(family: str, library: Library | None = None) -> tuple[Detector, ...]:
    """The detectors of one family with their default thresholds.

    Args:
        library: rules in place of ours.

    Raises:
        KeyError: there is no such family.
    """
    listed: dict[str, tuple[Detector, ...]] = {
        "deviation": (Deviation(),),
        "rules": (Rulebook(library.rules if library else None),),
        "forest": (Forest(),),
        "collusion": COLLUSION,
    }
    return listed[family]


@dataclass(frozen=True)
class FamilyFindings:
    """What one family found, which of its detectors could not run and why, and what is on trial."""

    findings: DataFrame
    evidence: DataFrame
    not_run: dict[str, str]
    parts: tuple[Findings, ...]
    trial: tuple[DataFrame, DataFrame] | None = None

    def release(self) -> None:
        """Free whatever the detectors persisted."""
        for part in self.parts:
            part.release()


def run_family(family: str, inputs: Inputs, library: Library | None = None) -> FamilyFindings:
    """Run the family's detectors whose needs the snapshot meets, rules by the library given."""
    not_run: dict[str, str] = {}
    parts: list[Findings] = []
    for detector in detectors(family, library):
        reason = detector.needs.missing(inputs.snapshot)
        if reason:
            not_run[detector.name] = reason
            continue
        found = detector.detect(inputs)
        _check(detector.name, found)
        parts.append(found)
        not_run.update(found.not_run)
        not_run.update({name: f"it failed: {text}" for name, text in found.failures.items()})
    inputs.links.release()
    frames = parts or [no_findings(inputs.spark)]
    return FamilyFindings(
        reduce(DataFrame.unionByName, [part.findings for part in frames]),
        reduce(DataFrame.unionByName, [part.evidence for part in frames]),
        not_run,
        tuple(parts),
        _together([part.trial for part in parts if part.trial]),
    )


def _together(trials: list[tuple[DataFrame, DataFrame]]) -> tuple[DataFrame, DataFrame] | None:
    if not trials:
        return None
    findings, evidence = zip(*trials, strict=True)
    return reduce(DataFrame.unionByName, findings), reduce(DataFrame.unionByName, evidence)


def _check(name: str, found: Findings) -> None:
    frames = (found.findings, found.evidence, *(found.trial or ()))
    for frame, columns in zip(frames, cycle((FINDING_COLUMNS, EVIDENCE_COLUMNS)), strict=False):
        if set(frame.columns) != set(columns):
            differing = sorted(set(frame.columns) ^ set(columns))
            raise TypeError(f"{name} gives a frame that is not the model's: {differing}")
