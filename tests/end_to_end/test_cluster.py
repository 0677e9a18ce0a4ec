"""The wheel copied to a zip runs under spark-submit, driver and executors apart."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cases.reading import top_cases
from claims.lake import Lake
from claims.runs import latest
from claims.session import fetched
from tests.end_to_end.late_visit import WHY, late_visit_lake

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as a zip: executors take no file that ends in .whl."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignored = shutil.ignore_patterns(".venv", ".git", "demo-lake", "*_cache", "__pycache__")
    shutil.copytree(ROOT, source, ignore=ignored)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("vigie-*.whl")
    return shutil.copy(wheel, folder / "vigie.zip")


def test_the_wheel_carries_rules_and_settings(archive: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", archive], check=True, capture_output=True, text=True
    ).stdout
    assert "detectors/rulebook/rules/" in listed
    assert "claims/log4j2.properties" in listed
    assert "tests/" not in listed


def test_the_main_job_runs_on_a_cluster(spark: SparkSession, archive: Path, tmp_path: Path) -> None:
    lake = late_visit_lake(spark, Lake(str(tmp_path / "lake")))
    done = subprocess.run(
        [
            Path(sys.executable).parent / "spark-submit",
            "--master", "local-cluster[2,1,1024]",
            "--jars", ",".join(map(str, sorted(fetched().glob("*.jar")))),
            "--conf", "spark.executor.memory=1g",
            "--py-files", archive,
            archive.parent / "source" / "jobs" / "nightly.py",
            "--lake", lake.root,
            "--only", "rules",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert latest(lake, "run")["run_id"] in done.stdout
    first = top_cases(lake, 1)[0]
    assert (first["subject_type"], first["subject_id"]) == ("provider", "P1")
    assert WHY in first["summary"]
