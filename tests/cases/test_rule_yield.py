"""What the rules of a lake found is counted by the latest run, and who never fired over all."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cases.rule_printing import print_coverage, rule_rows
from cases.rule_yield import Found, rule_yield
from claims.errors import LakeError
from claims.lake import Lake
from claims.runs import Run, recorded
from detectors.rulebook.coverage import Covered
from jobs.cli import door
from tests.cases.lakes import write_rows

RULES = tuple(
    Covered(name, "timing", "line", "line" if status != "missing" else "", status, True, False)  # type: ignore[arg-type]
    for name, status in (
        ("early", "active"), ("late", "active"), ("trial", "shadow"), ("quiet", "active"),
        ("blocked", "active"), ("idea", "draft"), ("gone", "missing"),
    )
)  # fmt: skip


def finding(rule: str, number: int, money: str | None = "10.00") -> dict[str, Any]:
    return {
        "finding_id": f"{rule}-{number}",
        "detector": f"rules.timing.{rule}" if "." not in rule else rule,
        "detector_version": "1",
        "subject_type": "provider",
        "subject_id": f"P{number}",
        "score": 0.5,
        "overpayment": money,
        "reason": "why",
    }


def run(
    lake: Lake,
    run_id: str,
    tables: Mapping[str, list[dict[str, Any]]],
    status: str = "succeeded",
    only: str | None = None,
) -> None:
    made = Run(lake, "run", run_id=run_id, period=(date(2024, 1, 1), date(2024, 12, 31)))
    made.parameters["only"] = only
    made.not_run = {"rules.timing.blocked": "table cards was not loaded", "forest.member": "small"}
    with recorded(made):
        for table, rows in tables.items():
            write_rows(lake, table, run_id, rows)
    if status != "succeeded":
        made.record(status)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(str(tmp_path / "lake"))
    run(made, "a", {"findings": [finding("early", 1)]})
    run(
        made,
        "b",
        {
            "findings": [
                finding("late", 1), finding("late", 2, "0.05"), finding("late", 3, None),
                finding("forest.member", 1),
            ],
            "shadow_findings": [finding("trial", 1, "7.00"), finding("elsewhere", 1)],
        },
    )  # fmt: skip
    run(made, "c", {"findings": [finding("quiet", 1)]}, status="failed")
    run(made, "d", {"findings": [finding("forest.member", 2)]}, only="forest")
    return made


def test_the_latest_succeeded_run_of_the_rules_is_counted(lake: Lake) -> None:
    found = rule_yield(lake)
    assert (found.run["run_id"], found.succeeded) == ("b", 2)
    assert found.found == {
        "rules.timing.late": Found(3, Decimal("10.05")),
        "rules.timing.trial": Found(0, Decimal(0), 1, Decimal("7.00")),
        "rules.timing.elsewhere": Found(0, Decimal(0), 1, Decimal("10.00")),
    }
    assert found.fired == {f"rules.timing.{n}" for n in ("early", "late", "trial", "elsewhere")}
    assert found.not_run == {"rules.timing.blocked": "table cards was not loaded"}


def test_a_lake_from_before_shadow_is_read_too(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    run(lake, "a", {"findings": [finding("early", 1)]})
    assert rule_yield(lake).found == {"rules.timing.early": Found(1, Decimal("10.00"))}


def test_a_lake_without_a_run_of_the_rules_is_refused(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    with pytest.raises(LakeError, match="vigie run"):
        rule_yield(lake)
    run(lake, "a", {"findings": []}, only="deviation")
    with pytest.raises(LakeError, match="no succeeded run of the rules"):
        rule_yield(lake)


def test_rows_join_the_catalogue_with_what_was_found(lake: Lake) -> None:
    rows = {row["name"].removeprefix("rules.timing."): row for row in rule_rows(RULES, None)}
    assert "findings" not in rows["late"], "nothing is said of runs where no lake was asked"
    rows = {
        row["name"].removeprefix("rules.timing."): row for row in rule_rows(RULES, rule_yield(lake))
    }
    assert (rows["late"]["findings"], rows["late"]["overpayment"]) == (3, "10.05")
    assert (rows["trial"]["shadow_findings"], rows["trial"]["shadow_overpayment"]) == (1, "7.00")
    assert (rows["early"]["findings"], rows["early"]["ever_fired"]) == (0, True)
    assert rows["blocked"]["not_run"] == "table cards was not loaded"
    assert [name for name, row in rows.items() if not row["ever_fired"]] == [
        "quiet", "blocked", "idea", "gone",
    ]  # fmt: skip
    assert rows["elsewhere"]["remark"] == "in the lake's runs, not in the library at hand"


def test_the_table_tells_who_is_silent_and_why(lake: Lake) -> None:
    out = StringIO()
    print_coverage(RULES, rule_yield(lake), "table", out)
    text = " ".join(out.getvalue().split())
    assert "Never fired in 2 succeeded runs of the rules (1): timing.quiet" in text
    assert "Not run, because table cards was not loaded (1): timing.blocked" in text
    assert "Missing: rules.timing.gone" in text
    assert "6 of 7" in text
    assert text.index("rules.timing.elsewhere") > text.index("rules.timing.late"), "dearest first"


def test_the_command_writes_rows_for_programs(lake: Lake) -> None:
    def told(format: str) -> str:
        arguments = ["rules", "coverage", "--lake", lake.uri, "--format", format]
        done = CliRunner().invoke(door, arguments)
        assert done.exit_code == 0, done.output
        return done.output

    rows = json.loads(told("json"))
    assert len([row for row in rows if row["listed"]]) == 288
    assert {row["name"] for row in rows if row["remark"].startswith("in the lake's runs")} == {
        "rules.timing.early", "rules.timing.late", "rules.timing.trial", "rules.timing.elsewhere",
        "rules.timing.blocked",
    }  # fmt: skip
    assert [row["name"] for row in csv.DictReader(StringIO(told("csv")))] == [
        row["name"] for row in rows
    ]
