"""One small Spark session a test process, and lakes made from a few rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from xdist.scheduler import LoadScopeScheduling

from claims.lake import Lake
from claims.runs import Snapshot
from claims.session import spark_session
from tests.lakes import Rows, make_lake

POPULATION = "tests/population/"


class InGroups(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a process whole modules, and what stands on the population to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return POPULATION if nodeid.startswith(POPULATION) else nodeid.split("::", maxsplit=1)[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> InGroups:
    """Modules are shared out to the processes in the order of the collection."""
    return InGroups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    items.sort(key=lambda item: not item.nodeid.startswith(POPULATION))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    session = spark_session(
        "vigie-tests",
        master="local[2]",
        settings={
            "spark.sql.shuffle.partitions": "2",
            "spark.default.parallelism": "2",
            "spark.driver.memory": "2g",
            # Rows are few and plans are many: compiling them would cost more than it saves. The
            # jobs that tests start as processes of their own run compiled, as a user's do.
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.databricks.delta.snapshotPartitions": "2",
            "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        },
    )
    session.sparkContext.setCheckpointDir(str(tmp_path_factory.mktemp("checkpoints")))
    yield session
    session.stop()


@pytest.fixture
def lake_of(spark: SparkSession, tmp_path: Path) -> Callable[..., Snapshot]:
    """Make a lake from rows by table: ``lake_of(claim_lines=[{...}], members=[{...}])``."""

    def make(**tables: Rows) -> Snapshot:
        return make_lake(spark, Lake(str(tmp_path / "lake")), tables)

    return make
