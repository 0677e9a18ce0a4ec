"""A night's job killed by the system: the last results stay, and the next night succeeds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from cases.reading import top_cases
from claims.lake import Lake
from claims.runs import latest, runs
from detectors.rulebook.library import library
from jobs.stages import detection_run
from tests.end_to_end.late_visit import WHY, late_visit_lake


def night(spark: SparkSession, lake: Lake) -> str:
    """A night of the one rule that the lake is about: what is killed is the whole job."""
    whole = library()
    one = replace(whole, rules=tuple(r for r in whole.rules if r.id == "service_after_death"))
    return detection_run(spark, lake, (None, None), 1, 400, "rules", date(2025, 1, 31), one).run_id


def test_a_run_killed_between_two_stages(spark: SparkSession, tmp_path: Path) -> None:
    lake = late_visit_lake(spark, Lake(str(tmp_path / "lake")))
    first = night(spark, lake)
    before = top_cases(lake, 5)
    assert WHY in before[0]["summary"]
    command = [sys.executable, "-m", "jobs.cli", "run", "--lake", lake.root, "--only", "rules"]
    job = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert job.stderr is not None
    said = next((line for line in job.stderr if line.startswith("features")), None)
    # The whole group dies, its JVM too, as it would with the machine.
    os.killpg(job.pid, signal.SIGKILL)
    assert said is not None, "the run ended before its profiles were written"
    assert job.wait() == -signal.SIGKILL

    assert runs(lake)[-1]["status"] == "running", "nobody was left to say how it ended"
    assert latest(lake, "run")["run_id"] == first
    assert top_cases(lake, 5) == before
    again = night(spark, lake)
    assert latest(lake, "run")["run_id"] == again
    assert [row["summary"] for row in top_cases(lake, 5)] == [row["summary"] for row in before]
