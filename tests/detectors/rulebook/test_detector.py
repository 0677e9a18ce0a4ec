"""The rule library on a small lake: right rows, right money, isolation, and no scan a rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pyspark.sql import DataFrame, SparkSession

from claims.buckets import BucketProgram, run_in_buckets
from claims.runs import Snapshot
from detectors.base import EVIDENCE_COLUMNS, FINDING_COLUMNS, Detector, Inputs
from detectors.rulebook import Rulebook, distributed
from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.code_sets import at_hand
from detectors.rulebook.detector import with_shapes
from detectors.rulebook.plan import plan

START, END = date(2025, 1, 1), date(2025, 12, 31)


def line(claim: str, person: str, day: str, paid: str, **more: str) -> dict[str, str]:
    return {
        "claim_id": claim,
        "person_id": person,
        "claim_line_start_date": day,
        "paid_amount": paid,
        **more,
    }


PLANTED = [
    # Dead since March; the service of April and the void one of May.
    line("DEAD", "M1", "2025-04-02", "80", billing_provider_id="P1"),
    line("DEAD-V", "M1", "2025-05-02", "80", billing_provider_id="P1"),
    line("DEAD-VV", "M1", "2025-05-02", "-80", billing_provider_id="P1",
         adjustment_type="void", original_claim_id="DEAD-V"),
    line("ALIVE", "M2", "2025-04-02", "80", billing_provider_id="P1"),
    # Paid twice, once before the period; and a pair before the period only.
    line("D1", "M3", "2025-02-01", "60", billing_provider_id="P2", procedure_code="X"),
    line("D2", "M3", "2025-02-01", "60", billing_provider_id="P2", procedure_code="X"),
    line("D3", "M3", "2025-02-01", "60", billing_provider_id="P2", procedure_code="X",
         procedure_modifier_1="76"),
    line("O1", "M3", "2024-02-01", "60", billing_provider_id="P2", procedure_code="X"),
    line("O2", "M3", "2024-02-01", "60", billing_provider_id="P2", procedure_code="X"),
    # One national number, two buckets.
    line("N1", "M4", "2025-03-01", "30", billing_provider_id="P3"),
    line("N2", "M5", "2025-03-09", "45", billing_provider_id="P3"),
    # Forty persons in one day, forty minutes each.
    *[
        line(f"F{n}", f"Q{n}", "2025-06-02", "40", billing_provider_id="P4",
             rendering_provider_id="R4", procedure_code="LONG")
        for n in range(40)
    ],
    *[
        line(f"H{n}", f"Q{n}", "2025-06-03", "40", billing_provider_id="P4",
             rendering_provider_id="R5", procedure_code="LONG")
        for n in range(20)
    ],
]  # fmt: skip
MEMBERS = [
    {"person_id": "M1", "death_date": "2025-03-01"},
    {"person_id": "M4", "national_id": "N123"},
    {"person_id": "M5", "national_id": "N123"},
    *[{"person_id": f"Q{n}"} for n in range(40)],
    {"person_id": "M2"},
    {"person_id": "M3"},
]
PROVIDERS = [
    *[{"provider_id": f"P{n}", "provider_type": "organisation"} for n in range(1, 5)],
    {"provider_id": "R4", "provider_type": "individual"},
    {"provider_id": "R5", "provider_type": "individual"},
]


@pytest.fixture
def inputs(spark: SparkSession, lake_of: Callable[..., Snapshot]) -> Inputs:
    snapshot = lake_of(
        claim_lines=PLANTED,
        members=MEMBERS,
        providers=PROVIDERS,
        procedures=[{"procedure_code": "LONG", "typical_minutes": "40"}],
        employments=[
            {"person_id": f"Q{n}", "employer_id": employer, "start_date": "2024-01-01"}
            for n in range(20)
            for employer in ("E1", "E2")
        ],
        contributions=[
            {
                "employer_id": employer,
                "period_start_date": "2025-02-01",
                "period_end_date": "2025-02-28",
                "declared_headcount": heads,
            }
            for employer, heads in (("E1", "5"), ("E2", "20"))
        ],
    )
    return Inputs(spark, snapshot, START, END)


def test_planted_rows_are_found_and_honest_twins_are_not(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = []

    def counted(spark: SparkSession, snapshot: Snapshot, program: BucketProgram) -> DataFrame:
        passes.append(1)
        return run_in_buckets(spark, snapshot, program)

    monkeypatch.setattr(distributed, "run_in_buckets", counted)
    book = Rulebook()
    assert isinstance(book, Detector)
    found = book.detect(inputs)
    assert tuple(found.findings.columns) == FINDING_COLUMNS
    assert tuple(found.evidence.columns) == EVIDENCE_COLUMNS
    findings = {(r.detector, r.subject_id): r for r in found.findings.collect()}
    evidence: dict[str, dict[str, str]] = {}
    for row in found.evidence.collect():
        evidence.setdefault(row.finding_id, {})[row.row_key] = row.role
    found.release()

    assert not found.failures
    # However many rules there are: one pass to decide, one to name the rows of merged subjects.
    assert len(passes) == 2

    def rows(rule: str, subject: str) -> dict[str, str]:
        return evidence[findings[rule, subject].finding_id]

    dead = findings["rules.eligibility.service_after_death", "P1"]
    assert rows(dead.detector, "P1") == {"|DEAD|1": "flagged"}
    assert dead.overpayment == Decimal("80.00")
    assert dead.reason == "Service on 2025-04-02, member died on 2025-03-01"
    details = json.loads(dead.details)
    assert details["rule"] == dead.detector
    assert details["values"] == {
        "claim_line_start_date": "2025-04-02",
        "member.death_date": "2025-03-01",
    }
    assert dead.score == 0.95

    double = rows("rules.duplicates.exact_duplicate_line", "P2")
    assert double == {"|D2|1": "flagged", "|D1|1": "context"}

    shared = findings["rules.eligibility.national_id_shared", "M5"]
    assert rows(shared.detector, "M5") == {"|N2|1": "flagged"}
    assert shared.overpayment == Decimal("45.00")
    assert ("rules.eligibility.national_id_shared", "M4") not in findings

    day = findings["rules.timing.impossible_day", "R4"]
    assert len(rows(day.detector, "R4")) == 40
    assert day.overpayment == Decimal("640.00")
    assert day.reason.startswith("40 lines, 1,600.00 paid: 1,600 minutes on 2025-06-02")
    staff = findings["rules.employers.employees_not_in_declared_headcount", "E1"]
    assert rows(staff.detector, "E1") == {"E1|2025-02-01": "flagged"}
    assert staff.reason.startswith("20 employees known on 2025-02-01, 5 declared")
    assert staff.overpayment == Decimal("11351.34")
    assert not [key for key in findings if key[1] in ("R5", "E2")]
    assert not [key for key in findings if key[0].endswith("death") and key[1] != "P1"]
    assert "eligibility" in found.not_run["rules.eligibility.service_without_coverage"]
    assert "rules.provider_status.excluded_provider_paid" in found.not_run


def test_twice_the_rules_add_no_scan_and_no_shuffle(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules of all grains, and again with other parameters."""
    programs: list[BucketProgram] = []

    def kept(spark: SparkSession, snapshot: Snapshot, program: BucketProgram) -> DataFrame:
        programs.append(program)
        return run_in_buckets(spark, snapshot, program)

    monkeypatch.setattr(distributed, "run_in_buckets", kept)
    names = ("service_after_death", "exact_duplicate_line", "national_id_shared", "impossible_day")
    rules = [rule_show(name) for name in names]
    again = [replace(rule, id=f"{rule.id}_again", weight="0.31") for rule in rules]
    costs = []
    for library in (rules, [*rules, *again]):
        programs.clear()
        plans = with_shapes([plan(rule, START, END) for rule in library])
        evaluation = distributed.Evaluation(inputs, plans, at_hand([]))
        hits = evaluation.hits()
        assert hits is not None
        steps = hits._jdf.queryExecution().executedPlan().toString()
        found = {row.rule for row in hits.select("rule").distinct().collect()}
        evaluation.release()
        assert found == {rule.name for rule in library}
        costs.append(
            ([p.tables for p in programs], steps.count("Exchange"), steps.count("MapInArrow"))
        )
    assert costs[0] == costs[1]
    assert costs[0][2] > 0


def test_a_rule_that_breaks_on_data_stops_no_other(inputs: Inputs) -> None:
    sound = rule_show("service_after_death")
    broken = replace(
        sound, id="broken", where="cast(claim_id as integer) > 0", reason="never", params={}
    )
    found = Rulebook(rules=(broken, sound)).detect(inputs)
    findings = found.findings.collect()
    found.release()
    assert [row.detector for row in findings] == [sound.name]
    assert set(found.failures) == {broken.name}
    assert "DEAD" not in found.failures[broken.name]


def test_a_rule_in_shadow_is_counted_apart(inputs: Inputs) -> None:
    shadow = replace(rule_show("service_after_death"), status="shadow")
    draft = replace(rule_show("national_id_shared"), status="draft")
    active = rule_show("exact_duplicate_line")
    found = Rulebook(rules=(shadow, draft, active)).detect(inputs)
    assert found.trial is not None
    frames = (found.findings, found.trial[0])
    counting, on_trial = ([row.detector for row in frame.collect()] for frame in frames)
    rows = {row.row_key for row in found.evidence.collect()}
    rows_on_trial = {row.row_key for row in found.trial[1].collect()}
    found.release()
    assert (counting, on_trial) == ([active.name], [shadow.name])
    assert (rows, rows_on_trial) == ({"|D1|1", "|D2|1"}, {"|DEAD|1"})
    assert not found.not_run


def test_a_version_changes_with_the_meaning_only() -> None:
    rule = rule_show("service_after_death")
    assert replace(rule, title="Other words").version == rule.version
    assert rule.with_params({"grace_days": 5}).version != rule.version


@pytest.mark.parametrize(
    ("seen", "firms", "speaks"), [(10, 5, False), (10, 4, True), (30, 5, True)]
)
def test_an_absence_that_is_the_rule_is_no_suspicion(
    seen: int, firms: int, speaks: bool, lake_of: Callable[..., Snapshot], spark: SparkSession
) -> None:
    trips = [
        line(f"T{n}", f"M{n}", "2025-05-09", "80", claim_type="transport",
             billing_provider_id=f"P{n % firms}")
        for n in range(40)
    ]  # fmt: skip
    visits = [line(f"C{n}", f"M{n}", "2025-05-09", "20") for n in range(seen)]
    rule = rule_show("transport_without_care")
    snapshot = lake_of(claim_lines=[*trips, *visits])
    found = Rulebook(rules=(rule,)).detect(Inputs(spark, snapshot, START, END))
    subjects = {row.subject_id for row in found.findings.collect()}
    found.release()
    assert subjects == ({f"P{n}" for n in range(firms)} if speaks else set())
    if not speaks:
        assert found.not_run[rule.name].startswith("30 of the 40 rows")
