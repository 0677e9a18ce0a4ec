"""Decided cases leave the queue, come back with new evidence alone, and say what is new."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.decisions import Identity, Store, open_store
from cases.decisions.news import new_evidence
from cases.fusion import case_id
from cases.standing import standings, worklist
from claims.lake import Lake
from claims.runs import now
from tests.cases.decisions.stores import add_run
from tests.cases.findings import evidence, finding
from tests.cases.lakes import case_row

TOMORROW = now().date() + timedelta(days=1)
SUBJECTS = ("A", "B", "C", "D")
CASE = {subject: case_id("provider", subject) for subject in SUBJECTS}


def night(lake: Lake, run_id: str, found: dict[str, dict[str, list[str]]]) -> None:
    """A run in which detectors flagged claim lines of 10.00 each: by subject and detector."""
    findings: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for subject, detectors in found.items():
        for detector, keys in detectors.items():
            name = f"{run_id}-{subject}-{detector}"
            findings.append(finding(name, detector, 0.5, subject_id=subject))
            rows += [evidence(name, key, "10.00") for key in keys]
    cases = [
        case_row(n, "provider", subject, case_id=CASE[subject])
        for n, subject in enumerate(SUBJECTS, 1)
    ]
    add_run(lake, run_id, cases=cases, findings=findings, evidence=rows)


FIRST = {s: {"rules.x.y": ["k1", "k2"]} for s in SUBJECTS}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(str(tmp_path / "lake"))
    night(made, "r1", FIRST)
    return made


@pytest.fixture
def store(lake: Lake) -> Store:
    return open_store(lake=lake, identity=Identity("ann"))


def test_a_decided_case_comes_back_with_new_evidence_and_says_what_is_new(
    lake: Lake, store: Store
) -> None:
    for subject in "ABC":
        store.decide(CASE[subject], "unsubstantiated", seen=0, run_id="r1")
    assert [row["subject_id"] for row in worklist(lake, store, 10).rows] == ["D"]
    second = {
        "A": {"rules.x.y": ["k2", "k1"]},
        "B": {"rules.x.y": ["k2", "k3", "k4"]},
        "C": {"rules.x.y": ["k1"], "forest.provider": ["k1"]},
        "D": {},
    }
    night(lake, "r2", second)
    listed = worklist(lake, store, 10)
    assert [row["subject_id"] for row in listed.rows] == ["B", "C", "D"]
    assert listed.hidden == {"decided": 1}
    assert [row["news"] for row in listed.rows] == [
        "New since the decision: 2 claim lines worth 20.00.",
        "New since the decision: found for the first time by forest.provider.",
        None,
    ]
    assert [row["subject_id"] for row in worklist(lake, store, 9, everything=True).rows] == [
        *SUBJECTS
    ]
    assert [row["subject_id"] for row in worklist(lake, store, 1).rows] == ["B"]
    assert new_evidence(lake, CASE["A"], "r1", "r2") is None
    found = new_evidence(lake, CASE["B"], "r1", "r2")
    assert found
    assert (found.findings, found.rows, found.amount) == (0, 2, Decimal("20.00"))
    # Back and decided on what is new, it leaves again.
    store.reopen(CASE["B"], found.sentence, seen=1)
    store.decide(CASE["B"], "substantiated", seen=2, run_id="r2")
    assert not standings(lake, store)[CASE["B"]].in_queue


def test_rows_only_named_and_suppressed_detectors_are_no_news(lake: Lake, store: Store) -> None:
    store.decide(CASE["A"], "education", seen=0, run_id="r1")
    store.suppress(CASE["A"], TOMORROW, "known practice", seen=1, detector="forest.provider")
    night(lake, "r2", {"A": {"rules.x.y": ["k1"], "forest.provider": ["k9"]}})
    assert standings(lake, store)[CASE["A"]].news is None
    assert standings(lake, store, on=TOMORROW)[CASE["A"]].news is not None
    more = [evidence("f", key, "5.00", role=role) for key, role in
            (("k1", "flagged"), ("k5", "context"))]  # fmt: skip
    add_run(lake, "r3", findings=[finding("f", "rules.x.y", 0.5, subject_id="A")], evidence=more)
    assert new_evidence(lake, CASE["A"], "r1", "r3") is None


def test_paused_cases_are_left_out_and_counted(lake: Lake, store: Store) -> None:
    store.snooze(CASE["A"], TOMORROW, "records asked for", seen=0)
    store.suppress(CASE["B"], TOMORROW, "in court", seen=0)
    store.take(CASE["C"], seen=0)
    listed = worklist(lake, store, 10)
    assert listed.hidden == {"snoozed": 1, "suppressed": 1}
    assert [(r["subject_id"], r["status"], r["assignee"]) for r in listed.rows] == [
        ("C", "assigned", "ann"), ("D", "open", None),
    ]  # fmt: skip


def test_a_decision_without_a_run_is_of_the_run_that_was_the_latest(
    lake: Lake, store: Store
) -> None:
    store.decide(CASE["A"], "education", seen=0)
    night(lake, "r2", FIRST)
    assert standings(lake, store)[CASE["A"]].news is None
    night(lake, "r3", {"A": {"rules.x.y": ["k1", "k2", "k3"]}})
    assert standings(lake, store)[CASE["A"]].in_queue


def test_evidence_cannot_be_compared_with_a_run_that_is_gone(lake: Lake, store: Store) -> None:
    store.decide(CASE["A"], "education", seen=0, run_id="long-gone")
    news = standings(lake, store)[CASE["A"]].news
    assert news
    assert news.sentence.startswith("The decided run is gone; found now: 2 claim lines worth 20.00")
