"""Points, money, order and summary of cases: known answers by hand."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from cases.fusion import case_id
from cases.policy import Policy, PolicyError
from cases.ranking import CASE_COLUMNS, CONTRIBUTION_COLUMNS, rank
from claims.model.results import CASE_CONTRIBUTIONS, CASES
from tests.cases.findings import evidence, finding, frames, ranked

LOGIT_HALF = 3.891820298  # logit(0.5) - logit(0.02)


def test_a_finding_alone_leaves_the_case_at_its_score(spark: SparkSession) -> None:
    (case,), points = ranked(spark, [finding("a", "forest.providers", 0.5)])
    assert case.suspicion == pytest.approx(0.5, abs=1e-8)
    assert points == {None: -3.891820298, "a": LOGIT_HALF}
    assert (case.families, case.rank, case.selection) == (1, 1, "ranked")
    assert case.case_id == case_id("provider", "P1")


def test_groups_halve_within_a_family_and_families_add_in_full(spark: SparkSession) -> None:
    (case,), points = ranked(
        spark,
        [
            finding("r1", "rules.timeline.overlap", 0.5),
            finding("r2", "rules.timeline.twice", 0.4),
            finding("r3", "rules.units.day", 0.5),
            finding("r4", "rules.death.after", 0.02),
            finding("d1", "deviation.paid", 0.5),
            finding("d2", "deviation.mix", 0.5),
            finding("d3", "deviation.mix", 0.5),
            finding("c1", "collusion.account", 0.01),
        ],
    )
    assert points["r1"] == points["d1"] == LOGIT_HALF
    assert points["r3"] == points["d2"] == pytest.approx(LOGIT_HALF / 2, abs=1e-9)
    assert points["r2"] == points["d3"] == 0, "a stronger finding of the group counted"
    assert points["r4"] == points["c1"] == 0, "no more than the prior"
    assert case.families == 2
    assert case.score == pytest.approx(math.fsum(points.values()), abs=1e-9)
    assert case.suspicion == pytest.approx(1 / (1 + math.exp(-case.score)), abs=1e-9)


def test_certainty_is_taken_at_the_ceiling_and_no_number_at_nothing(spark: SparkSession) -> None:
    cases, _ = ranked(
        spark,
        [
            finding("a", "rules.death.after", 1.0),
            finding("b", "deviation.paid", float("nan"), subject_id="P2"),
        ],
    )
    assert [round(c.suspicion, 6) for c in cases] == [0.999, 0.02]


def test_weights_temper_a_family(spark: SparkSession) -> None:
    policy = Policy(prior=0.5, family_weights={"forest": 0.5})
    _, points = ranked(spark, [finding("a", "forest.providers", 0.9)], policy=policy)
    assert points["a"] == pytest.approx(math.log(9) / 2, abs=1e-9)


def test_one_row_counts_once_in_a_case(spark: SparkSession) -> None:
    """Two findings of 10.00 and 4.00 on one line of 10.00 are worth 10.00, not 14.00."""
    findings = [
        finding("a", "rules.duplicate.exact", 0.5, overpayment=Decimal("10.00")),
        finding("b", "rules.units.day", 0.5, overpayment=Decimal("4.00")),
    ]
    rows = [
        evidence("a", "|C1|1", "10.00"),
        evidence("b", "|C1|1", "10.00"),
        evidence("b", "|C1|1", "9.00"),
        evidence("b", "|C2|1", "70.00", role="context"),
    ]
    (case,), _ = ranked(spark, findings, rows)
    assert (case.exposure, case.overpayment) == (Decimal("10.00"), Decimal("10.00"))


def test_remainders_are_cents_that_add_up(spark: SparkSession) -> None:
    """A cent less than 1.00 over three lines of 1.00: 33, 33 and 33, and none is lost."""
    findings = [finding("a", "deviation.paid", 0.5, overpayment=Decimal("1.00"))]
    rows = [evidence("a", f"|C{n}|1", "1.00") for n in range(3)]
    rivals = [
        finding(
            f"x{n}",
            "rules.death.after",
            0.9,
            subject_type="member",
            subject_id=f"M{n}",
            overpayment=Decimal("1.00"),
        )
        for n in range(2)
    ]
    theirs = [evidence(f"x{n}", f"|C{n}|1", "1.00") for n in range(2)]
    cases, _ = ranked(spark, [*findings, *rivals], [*rows, *theirs])
    provider = next(c for c in cases if c.subject_type == "provider")
    # 33, 33, 34: the last line is all that two more suspect members leave to the provider.
    assert provider.overpayment == Decimal("1.00")
    assert provider.expected_recovery == Decimal("0.17")
    assert [c.expected_recovery for c in cases[:2]] == [Decimal("0.90"), Decimal("0.90")]


def test_a_lead_takes_no_money_from_a_weaker_case_that_claims_it(spark: SparkSession) -> None:
    findings = [
        finding(
            "lead",
            "collusion.shared",
            0.8,
            subject_type="group",
            subject_id="G1",
            overpayment=Decimal("0.00"),
        ),
        finding("claim", "rules.units.day", 0.5, overpayment=Decimal("6.00")),
    ]
    rows = [evidence("lead", "|C1|1", "8.00"), evidence("claim", "|C1|1", "8.00")]
    cases, _ = ranked(spark, findings, rows)
    assert [(c.subject_id, c.expected_recovery) for c in cases] == [
        ("P1", Decimal("3.00")),
        ("G1", Decimal("0.00")),
    ]
    assert cases[1].exposure == Decimal("8.00")


def test_a_contribution_not_paid_is_owed_beyond_its_rows(spark: SparkSession) -> None:
    employer = {"subject_type": "employer", "subject_id": "E1"}
    unpaid = {"table_name": "contributions"}
    (case, paid), _ = ranked(
        spark,
        [
            finding("a", "rules.contributions.gap", 0.5, overpayment=Decimal("9.01"), **employer),
            finding("b", "rules.units.day", 0.5, overpayment=Decimal("9.01")),
        ],
        [
            evidence("a", "E1|2024-01-01", None, **unpaid),
            evidence("a", "E1|2024-02-01", "1.00", **unpaid),
            evidence("b", "|C1|1", "1.00"),
        ],
    )
    assert (case.subject_id, case.overpayment) == ("E1", Decimal("9.01"))
    assert paid.overpayment == Decimal("1.00"), "no payment is undue beyond what was paid"


def test_order_is_total_and_capacity_marks_the_cut(spark: SparkSession) -> None:
    names = ["P2", "P10", "P1"]
    findings = [finding(f"f{n}", "deviation.paid", 0.5, subject_id=n) for n in names]
    findings += [finding("m", "deviation.paid", 0.5, subject_type="member", subject_id="P9")]
    cases, _ = ranked(spark, findings, policy=Policy(capacity_hours=17, hours_per_case=8))
    assert [(c.rank, c.subject_id) for c in cases] == [(1, "P9"), (2, "P1"), (3, "P10"), (4, "P2")]
    assert [c.within_capacity for c in cases] == [True, True, False, False]


def test_summary_says_why_on_one_line(spark: SparkSession) -> None:
    findings = [
        finding("a", "rules.units.day", 0.9, reason="Billed 30 hours\nin one day."),
        finding("b", "deviation.paid", 0.5, reason="Paid 4 times its peers"),
        finding("c", "rules.units.week", 0.5),
        finding("d", "forest.providers", 0.3, subject_id="P2", reason="x" * 500),
        finding("e", "deviation.paid", 0.2, subject_id="P2"),
    ]
    cases, _ = ranked(spark, findings)
    long, short = sorted((c.summary for c in cases), key=len, reverse=True)
    assert short == "Billed 30 hours in one day; Paid 4 times its peers and 1 more finding"
    assert long.endswith("x… and 1 more finding")
    assert len(long) <= 240


def test_nothing_found_gives_empty_frames_of_the_models_types(spark: SparkSession) -> None:
    result = rank(*frames(spark, [], []))
    assert result.cases.collect() == result.contributions.collect() == []
    for frame, table in ((result.cases, CASES), (result.contributions, CASE_CONTRIBUTIONS)):
        types = {f.name: f.dataType.simpleString() for f in frame.schema.fields}
        assert types == {c.name: c.type for c in table.columns if c.name != "run_id"}
    assert tuple(result.cases.columns) == CASE_COLUMNS
    assert tuple(result.contributions.columns) == CONTRIBUTION_COLUMNS
    result.release()


@pytest.mark.parametrize(
    "policy",
    [
        Policy(prior=0),
        Policy(prior=1),
        Policy(ceiling=1),
        Policy(halving=2),
        Policy(hours_per_case=0),
        Policy(capacity_hours=-1),
        Policy(family_weights={"rules": -1}),
    ],
)
def test_a_policy_without_meaning_is_refused(policy: Policy) -> None:
    with pytest.raises(PolicyError, match="ranking policy"):
        policy.check()
