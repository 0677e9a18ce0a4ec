"""What decisions say to a ranking: claims, settled cases, muted findings, chance, and order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from cases.experience import Experience
from cases.fusion import case_id
from cases.policy import Policy
from cases.ranking import rank
from tests.cases.findings import evidence, finding, frames, ranked

SUBJECTS = [f"P{n}" for n in range(1, 9)]
CASE = {subject: case_id("provider", subject) for subject in SUBJECTS}


def queue(
    spark: SparkSession, experience: Experience, policy: Policy | None = None, seed: int = 0
) -> dict[str, Any]:
    """Eight providers, each with a finding of 100 a rank less than the one before."""
    findings = [
        finding(f"f{n}", "rules.a.x", 0.5, subject_id=subject, overpayment=Decimal(100 * (9 - n)))
        for n, subject in enumerate(SUBJECTS, start=1)
    ]
    rows = [evidence(f"f{n}", f"k{n}", "900.00") for n in range(1, 9)]
    result = rank(*frames(spark, findings, rows), policy, experience, seed)
    found = {row.subject_id: row for row in result.cases.orderBy("rank").collect()}
    result.release()
    return found


def test_a_detectors_claims_are_taken_at_what_was_confirmed_of_them(spark: SparkSession) -> None:
    findings = [
        finding("a", "rules.a.x", 0.5, overpayment=Decimal("100.00")),
        finding("b", "rules.b.y", 0.5, subject_id="P2", overpayment=Decimal("150.00")),
        finding("c", "rules.a.x", 0.5, subject_id="P3", overpayment=Decimal("90.00")),
    ]
    rows = [evidence("a", "k1", "400.00"), evidence("b", "k2", "400.00")]
    rows += [evidence("c", "k3", "120.00")]
    by_judgement, _ = ranked(spark, findings, rows)
    assert [case.subject_id for case in by_judgement] == ["P2", "P1", "P3"]
    learned, _ = ranked(spark, findings, rows, Policy(money_factors={"rules.a.x": 2.5}))
    assert [(case.subject_id, case.overpayment) for case in learned] == [
        ("P1", Decimal("250.00")),
        ("P2", Decimal("150.00")),
        ("P3", Decimal("120.00")),  # never more than its rows were paid
    ]


def test_settled_cases_keep_their_rank_and_take_no_capacity(spark: SparkSession) -> None:
    policy = Policy(capacity_hours=16, control_share=0)
    found = queue(spark, Experience(settled=frozenset({CASE["P1"]})), policy)
    assert [subject for subject, row in found.items() if row.within_capacity] == ["P2", "P3"]
    assert found["P1"].rank == 1


def test_a_suppressed_finding_gives_no_points_and_no_money(spark: SparkSession) -> None:
    found = queue(spark, Experience(muted=frozenset({(CASE["P1"], "rules.a.x")})))
    assert list(found)[-1] == "P1"
    assert found["P1"].expected_recovery == 0
    assert found["P1"].suspicion < found["P2"].suspicion


def test_a_calibrated_suspicion_is_the_calibrations(spark: SparkSession) -> None:
    found = queue(spark, Experience(suspicion=lambda score: F.lit(0.25) + score * 0))
    assert {row.suspicion for row in found.values()} == {0.25}
    assert found["P1"].expected_recovery == Decimal("200.00")


def test_the_learned_order_counts_where_it_has_a_say(spark: SparkSession) -> None:
    found = queue(spark, Experience(learned={CASE["P8"]: 1.0, CASE["P1"]: 0.0}))
    assert found["P8"].suspicion == 1.0
    assert list(found)[-1] == "P1"
    assert found["P2"].suspicion == found["P3"].suspicion


def test_a_seed_draws_the_control_among_all_that_are_to_be_worked_on(spark: SparkSession) -> None:
    policy = Policy(capacity_hours=16, control_share=0.5)
    settled = Experience(settled=frozenset({CASE["P1"]}))
    drawn = set()
    for seed in range(3):
        found = queue(spark, settled, policy, seed)
        (chosen,) = [subject for subject, row in found.items() if row.selection == "random"]
        assert found[chosen].within_capacity
        assert sum(row.within_capacity for row in found.values()) == 2
        assert chosen != "P1"
        drawn.add(chosen)
        again = queue(spark, settled, policy, seed)
        assert [(s, r.selection) for s, r in again.items()] == [
            (s, r.selection) for s, r in found.items()
        ]
    assert len(drawn) > 1
