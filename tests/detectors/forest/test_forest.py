"""The forest isolates what is costly, names why, and says how sure that is."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from detectors.base import EVIDENCE_COLUMNS, FINDING_COLUMNS, Detector, Inputs
from detectors.forest import Forest
from detectors.forest.kinds import Judged, kind_of
from detectors.forest.model import Sample, Settings
from tests.detectors.practices import World, honest, inputs_of, planted

HONEST = {"LAB-BUSY", "GP-RURAL", "HOSPITAL-1", "HOSPITAL-2"}
FOREST = Forest(own=40, tail=0.05, claim_tail=0.01, subjects=("provider", "claim"))


@pytest.fixture(scope="module")
def inputs(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    world = planted(honest(World()))
    lines = world.tables["claim_lines"]
    person = next(line["person_id"] for line in lines if line["billing_provider_id"] == "GP00")
    odd = {
        "person_id": person,
        "billing_provider_id": "GP00",
        "claim_line_start_date": date(2024, 6, 2),
        "procedure_code": "V3",
    }
    # Far above what the code is usually paid; and, dear as it is, the hospital's usual price.
    lines.append({**odd, "claim_id": "C-PRICE", "paid_amount": 900})
    twin = {"billing_provider_id": "HOSPITAL-1", "claim_id": "C-TWIN", "paid_amount": 300}
    lines.append({**odd, **twin})
    return inputs_of(spark, tmp_path_factory.mktemp("forest"), world)


@pytest.fixture(scope="module")
def found(inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    result = FOREST.detect(inputs)
    frames = result.findings.toPandas(), result.evidence.toPandas()
    assert tuple(frames[0].columns) == FINDING_COLUMNS
    assert tuple(frames[1].columns) == EVIDENCE_COLUMNS
    result.release()
    return frames


def test_it_is_a_detector() -> None:
    assert isinstance(Forest(), Detector)


@pytest.mark.parametrize("subject", ["provider", "member", "employer", "claim"])
def test_no_feature_restates_size(subject: Judged) -> None:
    features = kind_of(subject).features
    assert len(features) >= 10
    assert not any(f.total or f.unit == "persons" for f in features)


def test_planted_suspects_stand_apart_and_honest_twins_do_not(
    found: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    named = set(found[0]["subject_id"])
    assert {"GP-DEAR", "GP-OFTEN"} <= named
    assert not named & HONEST


def test_what_drove_a_score_is_named_in_words(found: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    dear = found[0].set_index("subject_id").loc["GP-DEAR"]
    drivers = {driver["feature"] for driver in json.loads(dear["details"])["drivers"]}
    assert drivers & {"paid_per_member", "paid_per_line", "paid_per_visit"}
    assert "× peers" in dear["reason"]
    assert dear["overpayment"] > 0


def test_a_finding_says_how_sure_it_is(found: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    for row in found[0].itertuples():
        details = json.loads(row.details)
        assert details["seeds"] == 3
        assert details["stable"] == (details["seeds_agreeing"] == 3)
        assert details["stable"] == ("unstable" not in row.reason)
        assert 0.5 < details["rank_correlation"] <= 1
        assert details["calibrated"] == pytest.approx(1 - details["tail"], abs=1e-6)
        assert details["path"] < details["expected_path"]
        parts = [driver["part"] for driver in details["drivers"]]
        assert parts == sorted(parts, reverse=True)
        assert min(parts) > 0
        assert details["explained"] >= 0.5
        assert sum(parts) <= details["explained"] + 1e-6 <= 1.0001


def test_a_claim_of_odd_price_is_named_with_its_line_and_its_twin_is_not(
    found: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    claims = found[0][found[0]["subject_type"] == "claim"].set_index("subject_id")
    assert "|C-TWIN" not in claims.index
    odd = claims.loc["|C-PRICE"]
    assert "paid for the same codes and units" in odd["reason"]
    assert 850 < json.loads(odd["details"])["excess"] < 890
    assert float(odd["overpayment"]) == pytest.approx(
        json.loads(odd["details"])["excess"] / 4, abs=0.01
    )
    rows = found[1][found[1]["finding_id"] == odd["finding_id"]]
    assert rows["row_key"].tolist() == ["|C-PRICE|1"]


def test_scores_and_money_stay_within_bounds(found: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    findings, evidence = found
    exposure = evidence.groupby("finding_id")["amount"].sum()
    assert findings["score"].between(0.15, 0.7).all()
    assert findings["reason"].str.len().gt(0).all()
    assert all(row.overpayment <= exposure.get(row.finding_id, 0) for row in findings.itertuples())


def test_same_in_same_out(inputs: Inputs, found: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    again = FOREST.detect(inputs)
    findings = again.findings.toPandas().sort_values("finding_id").reset_index(drop=True)
    assert findings.equals(found[0].sort_values("finding_id").reset_index(drop=True))
    again.release()


def test_too_few_subjects_or_none_are_said_to_be_too_few(inputs: Inputs) -> None:
    empty = {name: frame.limit(0) for name, frame in inputs.profiles.items()}
    last = date(2025, 1, 1)
    result = Forest().detect(Inputs(inputs.spark, inputs.snapshot, last, last, profiles=empty))
    assert result.findings.count() == result.evidence.count() == 0
    assert result.not_run == {
        "forest.providers": "0 providers to judge; a forest needs 200",
        "forest.members": "0 members to judge; a forest needs 200",
        "forest.employers": "no employer_profiles in this run",
        "forest.claims": "0 claims to judge; a forest needs 200",
    }


def test_the_harmless_side_isolates_nobody(inputs: Inputs) -> None:
    frame = inputs.profiles["provider_profiles"].toPandas().sort_values("provider_id")
    frame = frame.reset_index(drop=True)
    cheap = frame[frame["provider_id"] == "GP00"].assign(
        provider_id="CHEAP", paid_per_member=0.5, paid_per_line=0.2, paid_per_visit=0.2
    )
    whole = pd.concat([frame, cheap], ignore_index=True)
    sample = Sample.of(whole, kind_of("provider"), own=40)
    scores = sample.forests(Settings(50, 256, 40), 0).score(whole)["anomaly"]
    assert scores.iloc[-1] <= scores[whole["provider_id"] == "GP00"].iloc[0]
