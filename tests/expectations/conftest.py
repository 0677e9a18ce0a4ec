"""The gate over a clean load and its dirty twin, each asked once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from pyspark.sql import DataFrame, SparkSession

from claims.lake import Lake
from expectations.gate import check
from expectations.report import Report
from tests.expectations.loads import Rows, clean, dirty
from tests.lakes import make_lake

AS_OF = date(2024, 2, 28)

Frames = Mapping[str, DataFrame]


def _frames(spark: SparkSession, folder: str, tables: dict[str, Rows]) -> Frames:
    snapshot = make_lake(spark, Lake(folder), tables)
    return {name: snapshot.lake.read(spark, name) for name in tables}


@pytest.fixture(scope="session")
def clean_frames(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return _frames(spark, str(tmp_path_factory.mktemp("clean")), clean())


@pytest.fixture(scope="session")
def dirty_frames(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return _frames(spark, str(tmp_path_factory.mktemp("dirty")), dirty())


@pytest.fixture(scope="session")
def clean_report(clean_frames: Frames) -> Report:
    return check(clean_frames, None, AS_OF)


@pytest.fixture(scope="session")
def dirty_report(dirty_frames: Frames, clean_report: Report) -> Report:
    return check(dirty_frames, clean_report.measures, AS_OF)
