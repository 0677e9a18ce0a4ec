"""What every collusion test asks for: the inputs of one year over a small lake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from claims.runs import Snapshot
from detectors.base import Detector, Findings, Inputs


@pytest.fixture
def inputs_of(spark: SparkSession, lake_of: Callable[..., Snapshot]) -> Callable[..., Inputs]:
    """Inputs of the year 2024 over a lake made from rows by table."""

    def make(**tables: Any) -> Inputs:
        return Inputs(spark, lake_of(**tables), date(2024, 1, 1), date(2024, 12, 31))

    return make


Rows = list[dict[str, Any]]


def rows_of(found: Findings) -> tuple[Rows, Rows]:
    """Findings and evidence as sorted rows; whatever was persisted is freed."""
    findings = sorted((row.asDict() for row in found.findings.collect()), key=str)
    evidence = sorted((row.asDict() for row in found.evidence.collect()), key=str)
    found.release()
    return findings, evidence


def detected(detector: Detector, inputs: Inputs) -> tuple[Rows, Rows]:
    """The rows a detector finds."""
    return rows_of(detector.detect(inputs))
