"""Planted suspects are named with what they cost; their honest twins are not."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from detectors.base import EVIDENCE_COLUMNS, FINDING_COLUMNS, Detector, Inputs, finding_id
from detectors.deviation import DEVIATION, Deviation
from detectors.deviation.comparison import Comparison
from detectors.deviation.comparisons.measures import MEASURES
from detectors.deviation.judgement import Standing, fitted, judge
from detectors.deviation.methods.discovery import q_values
from features.catalogue import features_of
from tests.detectors.practices import END, START, World, honest, inputs_of, planted

HONEST = {"LAB-BUSY", "GP-RURAL", "HOSPITAL-1", "HOSPITAL-2"}


@pytest.fixture(scope="module")
def inputs(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return inputs_of(spark, tmp_path_factory.mktemp("deviation"), planted(honest(World())))


@pytest.fixture(scope="module")
def found(inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    result = Deviation().detect(inputs)
    frames = result.findings.toPandas(), result.evidence.toPandas()
    assert tuple(frames[0].columns) == FINDING_COLUMNS
    assert tuple(frames[1].columns) == EVIDENCE_COLUMNS
    result.release()
    return frames


def test_it_is_a_detector() -> None:
    assert isinstance(Deviation(), Detector)


@pytest.mark.parametrize("one", DEVIATION, ids=lambda one: one.name)
def test_comparisons_keep_the_protocol_and_read_what_exists(one: Comparison) -> None:
    assert isinstance(one, Comparison)
    if not one.shaped:
        assert set(one.columns) <= {f.name for f in features_of(one.subject)}


def test_names_are_told_once() -> None:
    assert len({one.name for one in DEVIATION}) == len(DEVIATION)


def test_at_most_five_of_a_small_group_stand_above_its_cut() -> None:
    for size, above in ((40, 5), (1000, 10)):
        effects = np.arange(float(size))
        assert (effects > Standing(effects).cut).sum() == above
    assert Standing(np.arange(4.0)).quantile(np.array([-1.0, 2.0, 9.0])).tolist() == [0, 0.5, 1]


def test_planted_suspects_are_named(found: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    named = set(zip(found[0]["detector"], found[0]["subject_id"], strict=True))
    assert named >= {
        ("deviation.paid_per_member", "GP-DEAR"),
        ("deviation.paid_per_line", "GP-DEAR"),
        ("deviation.lines_per_member", "GP-OFTEN"),
        ("deviation.weekend_share", "GP-OFTEN"),
    }


def test_honest_twins_and_ordinary_practices_are_not(
    found: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    providers = found[0][found[0]["subject_type"] == "provider"]
    assert set(providers["subject_id"]) == {"GP-DEAR", "GP-OFTEN"}


def test_scores_reasons_and_details(found: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    findings = found[0]
    assert findings["score"].between(0.15, 0.7).all()
    assert not findings["finding_id"].duplicated().any()
    dear = findings[findings["detector"] == "deviation.paid_per_line"].iloc[0]
    assert "expected from 47 peers (general_practice, individual); z " in dear["reason"]
    details = json.loads(dear["details"])
    assert details["peers"].pop("quantile") > 0.95
    assert details["peers"] == {"group": "general_practice, individual", "size": 47, "level": 2}
    assert details["q"] <= 0.05
    assert details["observed"] > details["threshold"] > details["upper_quartile"]


def test_overpayment_is_the_excess_and_evidence_covers_it_with_few_rows(
    found: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    findings, evidence = found
    for row in findings.itertuples():
        mine = evidence[evidence["finding_id"] == row.finding_id]
        assert len(mine) and (mine["role"] == "flagged").all()
        assert not mine["row_key"].duplicated().any()
        exposure = mine["amount"].sum()
        assert row.overpayment <= exposure
        excess = Decimal(str(json.loads(row.details)["excess"]))
        assert exposure - mine["amount"].min() < max(excess, Decimal("0.01"))


def test_evidence_is_of_the_subject(found: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    joined = found[1].merge(found[0], on="finding_id")
    providers = joined[joined["subject_type"] == "provider"]
    assert (providers["provider_id"] == providers["subject_id"]).all()
    assert providers["row_key"].str.fullmatch(r"\|C\d+\|1").all()


def test_ids_are_those_of_the_one_interface(
    spark: SparkSession, found: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    columns = ["finding_id", "detector", "subject_type", "subject_id"]
    rows = spark.createDataFrame(found[0][columns].to_dict("records"))
    whole = [F.col(c) for c in ("detector", "subject_type", "subject_id")]
    same = rows.where(F.col("finding_id") == finding_id(*whole, F.lit(START), F.lit(END)))
    assert same.count() == len(found[0])


def test_same_in_same_out(inputs: Inputs, found: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    again = Deviation().detect(inputs)
    order = ["finding_id"]
    findings = again.findings.toPandas().sort_values(order).reset_index(drop=True)
    assert findings.equals(found[0].sort_values(order).reset_index(drop=True))
    again.release()


def test_a_sample_of_peers_scores_everyone(inputs: Inputs) -> None:
    # Fewer subjects admitted than there are: norms from a sample, all scored in Spark.
    result = Deviation(subjects=("provider",), most=80).detect(inputs)
    named = {row.subject_id for row in result.findings.collect()}
    assert {"GP-DEAR", "GP-OFTEN"} <= named
    assert not named & HONEST
    result.release()


def test_without_profiles_every_measure_says_why(spark: SparkSession, inputs: Inputs) -> None:
    bare = Inputs(spark, inputs.snapshot, START, END)
    result = Deviation().detect(bare)
    assert result.findings.count() == result.evidence.count() == 0
    assert set(result.not_run) == {f"deviation.{one.name}" for one in DEVIATION}


def test_empty_profiles_give_nothing(inputs: Inputs) -> None:
    empty = {name: frame.limit(0) for name, frame in inputs.profiles.items()}
    result = Deviation().detect(Inputs(inputs.spark, inputs.snapshot, START, END, profiles=empty))
    assert result.findings.count() == result.evidence.count() == 0


def test_who_does_not_stand_apart_by_enough_is_tested_but_no_candidate() -> None:
    """Certain but small differences do not thin out the correction of what may be named."""
    (measure,) = (m for m in MEASURES if m.name == "impossible_hours")
    draw = np.random.default_rng(2)
    hours = np.concatenate([draw.uniform(2.9, 3.1, 90), np.full(8, 15.9), [17.0]])
    frame = pd.DataFrame({"provider_id": [f"P{n:02}" for n in range(99)], "specialty": "gp",
        "provider_type": "individual", "region": "n", "main_claim_type": "professional",
        "members": 100, "max_daily_hours": hours, "work_days": 200,
        "long_days_excess": 10.0})  # fmt: skip
    rows = judge(frame, "provider_id", (measure,), fitted(frame, (measure,)))
    assert rows["subject_id"].dropna().tolist() == ["P98"]
    assert rows["tested"].sum() == 99


def test_few_of_a_clean_population_are_named() -> None:
    """Twenty populations of 400 honest providers: chance findings stay rare."""
    measures = [m for m in MEASURES if m.name in ("paid_per_member", "lines_per_member")]
    flagged = 0
    for seed in range(20):
        draw = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {
                "provider_id": [f"P{n:03}" for n in range(400)],
                "specialty": draw.choice(["gp", "dentist"], 400),
                "provider_type": "individual",
                "region": draw.choice(["n", "s"], 400),
                "main_claim_type": "professional",
                "members": draw.integers(20, 400, 400),
                "paid_per_member": draw.lognormal(4, 0.5, 400),
                "lines_per_member": draw.lognormal(1, 0.4, 400),
                "paid": 1000.0,
            }
        )
        rows = judge(frame, "provider_id", measures, fitted(frame, measures))
        tested = int(rows["tested"].sum())
        assert tested == 800
        rows = rows[rows["subject_id"].notna()]
        q = q_values(rows["p"].to_numpy(dtype=np.float64), tested)
        flagged += int((q <= 0.05).sum())
    assert flagged <= 0.05 * 20
