"""A night's job killed by the system: the last results stay, and the next night succeeds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from cases.reading import top_cases
from claims.lake import Lake
from claims.runs import latest, runs
from jobs.stages import detection_run


def test_a_run_killed_between_two_stages(
    spark: SparkSession, population: Lake, tmp_path: Path
) -> None:
    lake = Lake(str(shutil.copytree(population.root, tmp_path / "lake")))
    before, good = top_cases(lake, 20), latest(lake, "run")
    command = [sys.executable, "-m", "jobs.cli", "run", "--lake", lake.root, "--only", "forest"]
    night = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert night.stderr is not None
    said = next((line for line in night.stderr if line.startswith("features")), None)
    # The whole group dies, its JVM too, as it would with the machine.
    os.killpg(night.pid, signal.SIGKILL)
    assert said is not None, "the run ended before its profiles were written"
    assert night.wait() == -signal.SIGKILL

    assert runs(lake)[-1]["status"] == "running", "nobody was left to say how it ended"
    assert latest(lake, "run") == good
    assert top_cases(lake, 20) == before
    again = detection_run(spark, lake, (None, None), 1, 400, "forest", date(2025, 1, 31))
    assert latest(lake, "run")["run_id"] == again.run_id
    assert {row["families"] for row in top_cases(lake, 20)} == {1}
