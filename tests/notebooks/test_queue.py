from __future__ import annotations

import importlib.metadata
import re
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from cases.decisions import Store
from cases.workbench import Queue, opening, queue
from claims.errors import LakeError, VigieError
from claims.lake import Lake
from tests.notebooks.result_lake import CAPACITY, PROVIDERS

# The function of this name stands before the module.
OPENING = sys.modules["cases.workbench.opening"]


def test_the_queue_holds_every_case_of_the_last_succeeded_run_in_rank_order(cases: Queue) -> None:
    frame = cases.frame()
    assert list(frame["rank"]) == list(range(1, PROVIDERS + 1))
    assert set(frame["region"]) == {"region 1", "region 2"}
    assert set(frame["status"]) == {"open"}
    assert list(frame["expected_recovery"]) == sorted(frame["expected_recovery"], reverse=True)
    assert "rules" in frame["families"][0]


def test_the_report_draws_the_capacity_cut_after_the_last_case_within_it(cases: Queue) -> None:
    report = cases._repr_html_()
    before, after = report.split('class="cut"')
    assert before.count('scope="row"') == CAPACITY
    assert after.count('scope="row"') == PROVIDERS - CAPACITY
    assert after.startswith('><td colspan="9">Your 72 hours reach here: 9 cases, ')
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


def test_cases_are_grouped_with_their_money(cases: Queue) -> None:
    frame = cases.frame()
    for what in ("scheme", "region", "subject_type"):
        grouped = cases.by(what)
        assert grouped["cases"].sum() == PROVIDERS
        assert grouped["within_capacity"].sum() == CAPACITY
        assert grouped["expected_recovery"].sum() == pytest.approx(frame["expected_recovery"].sum())
        money = list(grouped["expected_recovery"])
        assert money == sorted(money, reverse=True)
    with pytest.raises(LakeError, match="scheme, region"):
        cases.by("name")


def test_the_scheme_is_the_group_that_weighs_most(cases: Queue) -> None:
    for row in cases.rows:
        counted = [reason for reason in cases.open(row["case_id"]).reasons if reason["points"] > 0]
        strongest = max(counted, key=lambda reason: reason["points"])["detector"].split(".")
        wanted = strongest[1] if strongest[0] == "rules" else f"{strongest[1]} ({strongest[0]})"
        assert row["scheme"] == wanted.replace("_", " ")


def test_what_is_decided_or_put_off_leaves_the_queue_and_is_counted(
    cases: Queue, store: Store
) -> None:
    first, second, third = (cases.open(rank) for rank in (1, 2, 3))
    first.decide("unsubstantiated", minutes=30)
    second.snooze(date.today() + timedelta(days=7), "waits for records")
    third.take()
    left = cases.fresh()
    assert len(left) == PROVIDERS - 2
    assert left.hidden_words == "1 decided, 1 snoozed"
    assert left.rows[0]["assignee"] == "ann"
    assert left.rows[0]["status"] == "assigned"
    assert "9 cases (7 still to do)" in left.cut
    page = left._repr_html_()
    assert "Not shown: 1 decided, 1 snoozed" in page
    assert page.split('class="cut"')[0].count('scope="row"') == CAPACITY - 2
    everything = queue(cases.lake, store=store, everything=True)
    assert len(everything) == PROVIDERS


def test_opening_names_who_works_and_old_runs(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIGIE_DECISIONS", f"sqlite:///{tmp_path / 'acts.db'}")
    opened = opening(lake.root)
    assert opened.store is not None
    assert opened.store.identity.name in opened._repr_html_()
    monkeypatch.setattr(OPENING, "code_version", lambda: "9.9")
    assert any("this is 9.9" in text for text in opened.missing())


def test_a_store_that_does_not_open_is_said_and_the_queue_still_shows(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIGIE_DECISIONS", f"sqlite:///{tmp_path / 'nowhere' / 'acts.db'}")
    assert any("Nothing can be decided" in text for text in opening(lake.root).missing())
    shown = queue(lake)
    assert len(shown) == PROVIDERS
    with pytest.raises(VigieError, match="VIGIE_DECISIONS"):
        shown.open(1).take()


def test_old_libraries_are_named(monkeypatch: pytest.MonkeyPatch, lake: Lake) -> None:
    real = importlib.metadata.version
    monkeypatch.setattr(OPENING, "version", lambda name: "2.0" if name == "altair" else real(name))
    assert any(text.startswith("altair is 2.0, >=6") for text in opening(lake.root).missing())
