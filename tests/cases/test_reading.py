"""The queue and a case's file are read without Spark, from succeeded runs only."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest

from cases.printing import Format, print_case_file, print_cases
from cases.reading import case_file, top_cases
from claims.errors import LakeError
from claims.lake import Lake
from claims.runs import Snapshot
from tests.cases.lakes import case_row, write_run

DAY = "2024-03-01"


@pytest.fixture
def snapshot(lake_of: Callable[..., Snapshot]) -> Snapshot:
    lines = [
        {
            "claim_id": f"C{n}",
            "person_id": f"M{n}",
            "claim_line_start_date": DAY,
            "paid_amount": f"{n}.50",
        }
        for n in range(6)
    ]
    return lake_of(
        claim_lines=lines,
        members=[{"person_id": "M1"}],
        contributions=[{"employer_id": "E1", "period_start_date": DAY}],
    )


def finish(snapshot: Snapshot, run_id: str = "r1", status: str = "succeeded") -> Lake:
    finding = {
        "finding_id": "f1",
        "detector": "rules.units.day",
        "detector_version": "1",
        "subject_type": "provider",
        "subject_id": "P1",
        "score": 0.9,
        "overpayment": "3.00",
        "reason": "Too many [bold]units[/bold]",
        "details": "{}",
    }
    named = {"finding_id": "f1", "table_name": "claim_lines", "role": "flagged"}
    write_run(
        snapshot,
        run_id,
        status,
        cases=[case_row(2, "member", "M1"), case_row(1, "provider", "P[1]", summary=run_id)],
        case_contributions=[
            {
                "case_id": "case-P[1]",
                "detector": "rules.units.day",
                "finding_id": "f1",
                "points": 2.5,
            },
            {"case_id": "case-P[1]", "detector": "prior", "points": -3.5},
        ],
        findings=[finding, {**finding, "finding_id": "f2"}],
        evidence=[
            {**named, "row_key": "|C2|1", "amount": "2.50", "person_id": "M2"},
            {**named, "row_key": "|C4|1", "amount": "4.50", "person_id": "M4"},
            {**named, "row_key": "|C5|1", "person_id": "M5", "role": "context"},
            {**named, "row_key": f"E1|{DAY}", "table_name": "contributions"},
            {**named, "row_key": "|C3|1", "finding_id": "f2", "person_id": "M3"},
        ],
    )
    return snapshot.lake


def test_queue_is_the_head_of_the_latest_succeeded_run(snapshot: Snapshot) -> None:
    with pytest.raises(LakeError, match="vigie run"):
        top_cases(snapshot.lake, 10)
    lake = finish(snapshot, "r1")
    finish(snapshot, "r2")
    finish(snapshot, "r3", "failed")
    rows = top_cases(lake, 10)
    assert [(r["rank"], r["subject_id"], r["summary"]) for r in rows] == [
        (1, "P[1]", "r2"),
        (2, "M1", "Why M1"),
    ]
    assert len(top_cases(lake, 1)) == 1
    assert top_cases(lake, 1, "r1")[0]["summary"] == "r1"
    with pytest.raises(LakeError, match="no succeeded run r3"):
        top_cases(lake, 1, "r3")


def test_a_run_that_found_nothing_has_an_empty_queue(snapshot: Snapshot) -> None:
    finish(snapshot, "r1")
    write_run(snapshot, "r2")
    assert top_cases(snapshot.lake, 5) == []


def test_case_file_goes_down_to_the_rows_as_the_run_read_them(
    snapshot: Snapshot, lake_of: Callable[..., Snapshot]
) -> None:
    lake = finish(snapshot)
    lake_of(claim_lines=[{"claim_id": "new", "claim_line_start_date": DAY, "paid_amount": "1"}])
    file = case_file(lake, "case-P")
    assert [(c["detector"], c["points"]) for c in file.contributions] == [
        ("prior", -3.5),
        ("rules.units.day", 2.5),
    ]
    assert file.contributions[1]["reason"] == "Too many [bold]units[/bold]"
    assert [e["row_key"] for e in file.evidence] == ["|C4|1", "|C2|1", f"E1|{DAY}", "|C5|1"]
    assert file.evidence_rows == 4
    assert [(r["row_key"], r["paid_amount"]) for r in file.rows["claim_lines"]] == [
        ("|C2|1", Decimal("2.50")),
        ("|C4|1", Decimal("4.50")),
        ("|C5|1", Decimal("5.50")),
    ]
    assert [r["employer_id"] for r in file.rows["contributions"]] == ["E1"]
    short = case_file(lake, "case-P[1]", evidence_limit=1)
    assert (len(short.evidence), short.evidence_rows) == (1, 4)
    assert [r["claim_id"] for r in short.rows["claim_lines"]] == ["C4"]


@pytest.mark.parametrize(
    ("asked", "text"), [("nope", "no case nope"), ("case-", "several"), ("", "several")]
)
def test_an_unknown_or_unclear_case_is_said(snapshot: Snapshot, asked: str, text: str) -> None:
    with pytest.raises(LakeError, match=text):
        case_file(finish(snapshot), asked)


def test_cases_are_printed_as_they_are_in_every_format(snapshot: Snapshot) -> None:
    lake = finish(snapshot)
    rows, file = top_cases(lake, 10), case_file(lake, "case-P")

    def printed(format: Format) -> tuple[str, str]:
        queue, one = io.StringIO(), io.StringIO()
        print_cases(rows, format, queue)
        print_case_file(file, format, one)
        return queue.getvalue(), one.getvalue()

    table, one = printed("table")
    for text in ("provider P[1]", "1,234.50", "Why M1", "expected recovery"):
        assert text in table
    for text in ("[bold]units[/bold]", "+2.500", "4 of 4 rows", "(context)"):
        assert text in one
    queue, one = (json.loads(text) for text in printed("json"))
    assert queue[0]["exposure"] == 1234.5
    assert set(one) == {"run_id", "case", "contributions", "evidence", "evidence_rows", "rows"}
    listed, evidence = (list(csv.DictReader(io.StringIO(text))) for text in printed("csv"))
    assert [row["exposure"] for row in listed] == ["1234.50", "1234.50"]
    assert evidence[0]["amount"] == "4.50"


def test_empty_queue_prints_in_every_format() -> None:
    out = io.StringIO()
    print_cases([], "table", out)
    print_cases([], "csv", out)
    print_cases([], "json", out)
    assert "No case" in out.getvalue()
    assert out.getvalue().endswith("[]\n")


def test_reading_starts_no_jvm(snapshot: Snapshot) -> None:
    lake = finish(snapshot)
    code = (
        "import sys; from pyspark import SparkContext; from cases.reading import *; "
        "case_file(Lake(sys.argv[1]), 'case-P'); assert SparkContext._gateway is None"
    )
    subprocess.run([sys.executable, "-c", code, lake.root], check=True)
