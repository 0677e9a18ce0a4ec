"""Rules tried on the past: hits, money, overlap, decisions, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cases.backtest import backtest
from cases.fusion import case_id
from claims.errors import LakeError
from claims.lake import Lake
from claims.runs import Snapshot
from detectors.rulebook.catalogue import chosen_rules
from detectors.rulebook.problems import RuleError
from jobs.backtest_rules import refuse_empty
from tests.cases.lakes import write_rows, write_run

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
VISIT = {"claim_line_start_date": "2025-04-02", "procedure_code": "X", "paid_amount": "80"}
LINES = [
    # Two services of the dead, one of them paid twice; a living twin; and one before the period.
    {**VISIT, "claim_id": "A", "person_id": "DEAD"},
    {**VISIT, "claim_id": "B", "person_id": "DEAD"},
    {**VISIT, "claim_id": "C", "person_id": "DEAD", "billing_provider_id": "P2",
     "paid_amount": "30", "procedure_code": "Y"},
    {**VISIT, "claim_id": "D", "person_id": "ALIVE", "billing_provider_id": "P3"},
    {**VISIT, "claim_id": "E", "person_id": "DEAD", "claim_line_start_date": "2024-06-02"},
]  # fmt: skip


@pytest.fixture
def snapshot(lake_of: Callable[..., Snapshot]) -> Snapshot:
    return lake_of(
        claim_lines=LINES,
        members=[{"person_id": "DEAD", "death_date": "2024-05-01"}, {"person_id": "ALIVE"}],
        providers=[{"provider_id": p, "provider_type": "individual"} for p in ("P1", "P2", "P3")],
    )


def test_hits_money_overlap_and_decisions(spark: SparkSession, snapshot: Snapshot) -> None:
    lake = snapshot.lake
    outcomes = {
        case_id("provider", "P1"): "substantiated",
        case_id("provider", "P2"): "unsubstantiated",
    }
    rules = chosen_rules(["service_after_death", "exact_duplicate_line", "sex_conflict"])
    before = sorted(path.name for path in Path(lake.root).iterdir())
    dead, double, absent = backtest(spark, lake, rules, YEAR, outcomes)
    assert sorted(path.name for path in Path(lake.root).iterdir()) == before

    assert (dead.subjects, dead.rows, dead.paid) == (2, 3, Decimal("190.00"))
    assert dead.overpayment == Decimal("190.00")
    assert (dead.confirmed, dead.refuted) == (1, 1)
    assert dead.shared == {double.rule: 1}
    assert (double.subjects, double.rows, double.paid) == (1, 1, Decimal("80.00"))
    assert double.shared == {dead.rule: 1}
    assert (double.confirmed, double.refuted) == (1, 0)
    assert "procedures" in absent.not_run
    assert absent.rows == 0


def test_the_whole_period_is_the_callers(spark: SparkSession, snapshot: Snapshot) -> None:
    rules = chosen_rules(["rules.eligibility.service_after_death"])
    (found,) = backtest(spark, snapshot.lake, rules, (date(2024, 1, 1), date(2024, 12, 31)), {})
    assert (found.rows, found.overpayment, found.shared) == (1, Decimal("80.00"), {})


def test_rules_of_the_latest_run_overlap_those_in_shadow_too(
    spark: SparkSession, snapshot: Snapshot
) -> None:
    lake = snapshot.lake
    write_run(snapshot, "night")
    for prefix, detector in (("", "rules.x.old"), ("shadow_", "rules.x.trial"), ("", "forest.y")):
        finding = {
            "finding_id": detector,
            "detector": detector,
            "detector_version": "1",
            "subject_type": "provider",
            "subject_id": "P1",
            "score": 0.5,
            "reason": "why",
        }
        row = {"finding_id": detector, "table_name": "claim_lines", "row_key": "|E|1",
               "amount": "80.00", "role": "flagged"}  # fmt: skip
        write_rows(lake, f"{prefix}findings", "night", [finding])
        write_rows(lake, f"{prefix}evidence", "night", [row])
    rules = chosen_rules(["service_after_death"])
    (found,) = backtest(spark, lake, rules, (date(2024, 1, 1), date(2024, 12, 31)), {})
    assert found.shared == {"rules.x.old": 1, "rules.x.trial": 1}


def test_unknown_rules_are_all_named() -> None:
    with pytest.raises(RuleError, match=r"(?s)nonsense.*twaddle"):
        chosen_rules(["nonsense", "service_after_death", "twaddle"])


def test_a_period_without_data_is_refused_with_the_days_there_are(tmp_path: Path) -> None:
    data, lake = (date(2023, 1, 1), date(2024, 12, 31)), Lake(str(tmp_path))
    for period in ((date(2030, 1, 1), date(2030, 12, 31)), (date(2020, 1, 1), date(2022, 12, 31))):
        with pytest.raises(LakeError, match=r"nothing is dated .* days from 2023-01-01 to 2024-12"):
            refuse_empty(lake, period, data)
    refuse_empty(lake, (date(2024, 12, 31), date(2030, 12, 31)), data)
