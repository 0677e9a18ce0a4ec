"""Drift against the last load, and reports that hold counts only and are safe to open."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from rich.console import Console

from claims.lake import Lake
from claims.rejections import Rejection
from claims.runs import Run, recorded
from claims.storage import write_result
from expectations.checks import find
from expectations.drift import observe, quarantined
from expectations.history import measures_of
from expectations.page import write_page
from expectations.report import CHECKS_DDL, Measures, Report
from expectations.terminal import render
from tests.expectations.conftest import AS_OF

BEFORE = Measures(1000, {"a": 0.1, "b": 0.5}, 500.0, "2024-02-01")


@pytest.mark.parametrize(
    ("name", "now", "value"),
    [
        ("rows_kept", {"rows": 400}, 0.6),
        ("rows_kept", {"rows": 2000}, 0.0),
        ("rows_drift", {"rows": 1300}, 0.3),
        ("null_share_drift", {"null_shares": {"a": 0.1, "b": 0.2}}, 0.3),
        ("null_share_drift", {"null_shares": {"a": 0.1}}, 0.5),
        ("money_drift", {"money_per_day": 750.0}, 0.5),
        ("newest_kept", {"newest": "2024-01-20"}, 12.0),
        ("newest_kept", {"newest": "2024-03-20"}, 0.0),
        ("newest_age", {"newest": "2024-01-31"}, 28.0),
        ("has_rows", {"rows": 0}, 1.0),
    ],
)
def test_a_load_is_measured_against_the_last(
    name: str, now: dict[str, object], value: float
) -> None:
    found = observe(name, replace(BEFORE, **now), BEFORE, AS_OF)  # type: ignore[arg-type]
    assert found.value == pytest.approx(value)


def test_a_load_that_refused_most_rows_is_critical() -> None:
    assert quarantined(None).value is None
    assert quarantined({"in": 0, "quarantined": 0}).value == 0
    found = quarantined({"in": 10, "quarantined": 6})
    assert (found.value, found.failing) == (0.6, 6)
    assert find("members.none_quarantined").severity == "warning"
    most = find("members.most_accepted")
    assert (most.severity, most.tolerance) == ("critical", 0.5)


def test_drift_does_not_run_without_an_earlier_load() -> None:
    found = observe("rows_kept", BEFORE, None, date(2024, 3, 1))
    assert (found.value, found.reason) == (None, "no earlier load to compare with")


def test_columns_that_drifted_are_named() -> None:
    found = observe(
        "null_share_drift", replace(BEFORE, null_shares={"a": 0.9, "b": 0.5}), BEFORE, AS_OF
    )
    assert (found.failing, found.reason) == (1, "a")


def test_drift_of_a_real_load_is_on_the_report(dirty_report: Report) -> None:
    names = {result.full_name for result in dirty_report.warnings}
    assert {"claim_lines.rows_drift", "members.rows_drift"} <= names
    assert "claim_lines.rows_kept" not in names


def test_a_page_is_escaped_and_asks_the_network_for_nothing(
    clean_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first, *others = clean_report.results
    hostile = replace(first, status="fail", reason="<script>alert(1)</script>", share=1.0)
    page = write_page(replace(clean_report, results=(hostile, *others)), Path("report"))
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    documents = list((tmp_path / "report" / "data_docs").rglob("*.html"))
    assert documents
    for document in documents:
        content = document.read_text(encoding="utf-8")
        assert 'src="http' not in content
        assert 'stylesheet" href="http' not in content


def test_a_report_holds_counts_and_no_values(dirty_report: Report, tmp_path: Path) -> None:
    write_page(dirty_report, tmp_path)
    texts = [dirty_report.to_json(), str(dirty_report.to_rows())]
    texts += [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")]
    for value in ("NOBODY", "75011", "1850-01-01", "J 20", "surgery"):
        assert not any(value in text for text in texts), value


def test_the_terminal_shows_failures_with_their_meaning(
    dirty_report: Report, clean_report: Report
) -> None:
    console = Console(width=80, record=True)
    console.print(render(dirty_report))
    text = console.export_text()
    assert "Rows repeat the key" in text
    assert all(result.full_name in text for result in dirty_report.warnings), "names are not cut"
    assert "1 critical" in text
    console.print(render(clean_report))
    assert "0 warnings, 0 critical" in console.export_text()


def test_json_is_complete(dirty_report: Report) -> None:
    decoded = json.loads(dirty_report.to_json())
    assert len(decoded["results"]) == len(dirty_report.results)
    assert decoded["measures"]["claim_lines"]["rows"] == 23


def test_measures_come_back_from_the_lake(
    spark: SparkSession, clean_report: Report, dirty_report: Report, tmp_path: Path
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    assert measures_of(lake) == {}
    for report in (clean_report, dirty_report):
        with recorded(Run(lake, "check", parameters={"loads": ["a load"]})) as run:
            write_result(
                spark.createDataFrame(report.to_rows(), CHECKS_DDL), lake, "checks", run.run_id
            )
    # The second run failed critically, so the first stays what loads are compared with.
    assert measures_of(lake, loads=["another load"]) == clean_report.measures
    assert measures_of(lake, loads=["a load"]) == {}


def test_a_load_meant_to_be_unlike_the_last_starts_anew(
    spark: SparkSession, clean_report: Report, tmp_path: Path
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    with recorded(Run(lake, "check", parameters={"loads": ["the first"]})) as run:
        rows = spark.createDataFrame(clean_report.to_rows(), CHECKS_DDL)
        write_result(rows, lake, "checks", run.run_id)
    account = {"members": {"in": 1, "loaded": 1, "quarantined": 0, "version": 0}}
    with recorded(Run(lake, "load", rows=account, parameters={"new_baseline": True})) as load:
        pass
    before = dict(clean_report.measures)
    assert measures_of(lake, loads=["another load"]) == before
    del before["members"]
    assert measures_of(lake, loads=["the first", load.run_id]) == before


def test_quarantine_is_told_by_reason(clean_report: Report, tmp_path: Path) -> None:
    refused = [Rejection("members", "birth_date: not a date", 1234)]
    report = replace(clean_report, rejections=refused)
    console = Console(width=80, record=True)
    console.print(render(report))
    assert "quarantined from members: 1,234 × birth_date: not a date" in console.export_text()
    assert json.loads(report.to_json())["rejections"] == [refused[0]._asdict()]
    page = write_page(report, tmp_path).read_text(encoding="utf-8")
    assert "birth_date: not a date" in page
