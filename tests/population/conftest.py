"""The synthetic population with a whole night over it, made once: what stands on it is here."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from claims.lake import Lake
from claims.loading import load
from claims.synthetic.population import synthesize
from detectors.rulebook.library import library
from jobs.demo import SETTLED
from jobs.stages import detection_run

POPULATION_LINES = 20_000


@pytest.fixture(scope="session")
def population(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of the synthetic population with one whole run; tests only add runs to it."""
    folder = tmp_path_factory.mktemp("population")
    source, lake = str(folder / "source"), Lake(str(folder / "lake"))
    synthesize(spark, POPULATION_LINES, 1, source, truth=str(folder / "truth" / "schemes.parquet"))
    load(spark, lake, "canonical", source, as_of=SETTLED, buckets=2)
    detection_run(spark, lake, (None, None), 1, 400, None, SETTLED, library())
    return lake


@pytest.fixture(scope="session")
def truth(population: Lake) -> Path:
    """What was planted in the population."""
    return Path(population.root).parent / "truth" / "schemes.parquet"
