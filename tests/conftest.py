"""One small Spark session for the whole suite, and lakes made from a few rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from claims.lake import Lake
from claims.loading import load
from claims.runs import Snapshot
from claims.session import spark_session
from claims.synthetic.population import synthesize
from detectors.rulebook.library import library
from jobs.demo import SETTLED
from jobs.stages import detection_run
from tests.lakes import Rows, make_lake

POPULATION_LINES = 20_000


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    session = spark_session(
        "vigie-tests",
        master="local[2]",
        settings={
            "spark.sql.shuffle.partitions": "2",
            "spark.default.parallelism": "2",
            "spark.driver.memory": "2g",
            "spark.databricks.delta.snapshotPartitions": "2",
            "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        },
    )
    session.sparkContext.setCheckpointDir(str(tmp_path_factory.mktemp("checkpoints")))
    yield session
    session.stop()


@pytest.fixture(scope="session")
def population(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of the synthetic population with one whole run; tests only add runs to it."""
    folder = tmp_path_factory.mktemp("population")
    source, lake = str(folder / "source"), Lake(str(folder / "lake"))
    synthesize(spark, POPULATION_LINES, 1, source, truth=str(folder / "truth" / "schemes.parquet"))
    load(spark, lake, "canonical", source, as_of=SETTLED)
    detection_run(spark, lake, (None, None), 1, 400, None, SETTLED, library())
    return lake


@pytest.fixture(scope="session")
def truth(population: Lake) -> Path:
    """What was planted in the population."""
    return Path(population.root).parent / "truth" / "schemes.parquet"


@pytest.fixture
def lake_of(spark: SparkSession, tmp_path: Path) -> Callable[..., Snapshot]:
    """Make a lake from rows by table: ``lake_of(claim_lines=[{...}], members=[{...}])``."""

    def make(**tables: Rows) -> Snapshot:
        return make_lake(spark, Lake(str(tmp_path / "lake")), tables)

    return make
