"""Whom decisions confirmed: subjects themselves, and of a ring its core."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from cases.decisions import Identity, open_store
from cases.fusion import case_id
from cases.learning.confirmed import confirmed_subjects
from claims.lake import Lake
from claims.runs import Run, recorded
from tests.cases.findings import finding
from tests.cases.lakes import case_row, write_rows

RING = {
    "subjects": [
        {"subject_type": "provider", "subject_id": "P7", "role": "core"},
        {"subject_type": "member", "subject_id": "M1", "role": "core"},
        {"subject_type": "member", "subject_id": "M2", "role": "edge"},
        {"subject_type": "account", "subject_id": "A1", "role": "shared"},
    ]
}


def test_confirmed_are_subjects_and_the_core_of_rings_as_the_store_stood(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    subjects = [("provider", "P1"), ("provider", "P2"), ("group", "g1"), ("group", "g2")]
    ids = {one: case_id("group" if one[0] == "g" else "provider", one) for _, one in subjects}
    run = Run(lake, "run", run_id="r1", period=(date(2024, 1, 1), date(2024, 12, 31)), seed=1)
    with recorded(run):
        cases = [
            case_row(n + 1, kind, one, case_id=ids[one], score=0.5)
            for n, (kind, one) in enumerate(subjects)
        ]
        findings = [
            finding(
                f"f-{one}", "collusion.x", 0.6, subject_type=kind, subject_id=one,
                details=json.dumps(RING if kind == "group" else {}),
            )
            for kind, one in subjects
        ]  # fmt: skip
        write_rows(lake, "cases", "r1", cases)
        write_rows(lake, "findings", "r1", findings)
    store = open_store(lake=lake, identity=Identity("ann"))
    assert confirmed_subjects(lake, store) == ()
    store.decide(ids["P1"], "substantiated", seen=0, run_id="r1")
    store.decide(ids["P2"], "unsubstantiated", seen=0, run_id="r1")
    before = store.pin().last_act
    store.decide(ids["g1"], "substantiated", seen=0, run_id="r1")
    store.decide(ids["g2"], "education", seen=0, run_id="r1")
    assert confirmed_subjects(lake, store) == (
        ("member", "M1"), ("provider", "P1"), ("provider", "P7"),
    )  # fmt: skip
    assert confirmed_subjects(lake, store, before) == (("provider", "P1"),)
