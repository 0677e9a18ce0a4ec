from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cases.workbench import Queue, opening, queue
from claims.errors import LakeError
from claims.lake import Lake
from tests.notebooks.result_lake import CAPACITY, PROVIDERS


def test_the_queue_holds_every_case_of_the_last_succeeded_run_in_rank_order(cases: Queue) -> None:
    frame = cases.frame()
    assert list(frame["rank"]) == list(range(1, PROVIDERS + 1))
    assert list(frame["expected_recovery"]) == sorted(frame["expected_recovery"], reverse=True)
    assert "rules" in frame["families"][0]


def test_the_report_draws_the_capacity_cut_after_the_last_case_within_it(cases: Queue) -> None:
    report = cases._repr_html_()
    before, after = report.split('class="cut"')
    assert before.count('scope="row"') == CAPACITY
    assert after.count('scope="row"') == PROVIDERS - CAPACITY
    assert "Your 72 hours reach here: 9 cases" in after
    assert 'class="badge"' in report


def test_the_report_is_one_file_that_asks_for_nothing(cases: Queue, tmp_path: Path) -> None:
    saved = cases.save(tmp_path / "queue.html").read_text(encoding="utf-8")
    assert "default-src &#39;none&#39;" in saved or "default-src 'none'" in saved
    assert not re.search(r"https?://|<script|@import", saved)


def test_markup_in_a_case_stays_text(cases: Queue) -> None:
    hostile = {**cases.rows[0], "subject_id": "<b>x</b>", "summary": "<script>x</script>"}
    report = replace(cases, rows=(hostile,))._repr_html_()
    assert "<script" not in report
    assert "<b>x</b>" not in report
    assert "&lt;b&gt;x&lt;/b&gt;" in report


def test_a_case_opens_by_its_id_and_by_its_rank(cases: Queue) -> None:
    first = cases.rows[0]["case_id"]
    assert cases.open(1).case_id == cases.open(first).case_id == first


@pytest.mark.parametrize("unknown", ["nothing", 9999])
def test_an_unknown_case_is_refused(cases: Queue, unknown: str | int) -> None:
    with pytest.raises(LakeError):
        cases.open(unknown)


def test_fewer_cases_may_be_read_and_the_report_still_counts_all(lake: Lake) -> None:
    short = queue(lake, limit=3)
    assert len(short) == 3
    assert f"{PROVIDERS} cases of the run" in short._repr_html_()


def test_the_lake_comes_from_the_environment(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_LAKE", lake.root)
    assert "2024-01-01" in opening()._repr_html_()


def test_opening_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VIGIE_LAKE", raising=False)
    with pytest.raises(LakeError, match="vigie lab"):
        opening()
    with pytest.raises(LakeError, match="no succeeded run"):
        opening(str(tmp_path))
