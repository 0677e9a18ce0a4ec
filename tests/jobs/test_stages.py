"""A run's row names the rules that its detectors went by, a site's own among them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import jobs.detect_stage
from claims.lake import Lake
from claims.runs import Run
from detectors.rulebook.library import Library, library


def test_the_row_of_a_run_names_the_library_it_went_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "params.yaml"
    file.write_text("impossible_day: {soft_minutes: 900}\n")
    by = library(params_file=file)
    seen: list[Library] = []

    def run_family(family: str, inputs: object, given: Library) -> Any:
        seen.append(given)
        return SimpleNamespace(
            findings=None, evidence=None, trial=None, not_run={}, release=lambda: None
        )

    for name, fake in (
        ("run_family", run_family),
        ("write_result", lambda *_: None),
        ("_count", lambda *_: 0),
    ):
        monkeypatch.setattr(jobs.detect_stage, name, fake)
    monkeypatch.setattr(jobs.detect_stage.Snapshot, "of_run", lambda *_: None)
    run = Run(Lake(str(tmp_path)), "run")
    jobs.detect_stage.detect_stage(None, run, "rules", by)  # type: ignore[arg-type]
    assert seen == [by]
    assert run.rulebook_hash == by.hash != library().hash
    assert run.parameters["library"] == {
        "folders": [],
        "params_file": str(file),
        "params": {"impossible_day": {"soft_minutes": 900}},
    }
