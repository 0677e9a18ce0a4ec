"""The forest isolates what is costly, names why, and scores as published."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from scipy.io import loadmat
from sklearn.metrics import roc_auc_score

from detectors.base import EVIDENCE_COLUMNS, FINDING_COLUMNS, Detector, Inputs
from detectors.forest import Forest
from detectors.forest_model import Calibration, anomaly, fit, forest_features, grow
from features.catalogue import Subject
from tests.detectors.practices import END, START, World, honest, inputs_of, planted

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "anomaly"
HONEST = {"LAB-BUSY", "GP-RURAL", "HOSPITAL-1", "HOSPITAL-2"}
FOREST = Forest(own=40, tail=0.05, subjects=("provider",))


@pytest.fixture(scope="module")
def inputs(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return inputs_of(spark, tmp_path_factory.mktemp("forest"), planted(honest(World())))


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


@pytest.mark.parametrize("subject", ["provider", "member", "employer"])
def test_no_feature_restates_size(subject: Subject) -> None:
    assert not any(f.total or f.unit == "persons" for f in forest_features(subject))


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
    result = Forest().detect(Inputs(inputs.spark, inputs.snapshot, START, END, profiles=empty))
    assert result.findings.count() == result.evidence.count() == 0
    assert result.not_run == {
        "forest.providers": "0 providers; a forest needs 200",
        "forest.members": "0 members; a forest needs 200",
        "forest.employers": "no employer_profiles in this run",
    }


def test_calibration_orders_the_top_without_ties() -> None:
    scores = np.random.default_rng(0).normal(0.45, 0.05, 500)
    tails = Calibration.of(scores).tail(np.array([0.40, 0.45, 0.55, 0.70, 0.7001, 0.99]))
    assert (np.diff(tails) < 0).all()
    assert 0.3 < tails[1] < 0.7


def test_the_harmless_side_isolates_nobody(inputs: Inputs) -> None:
    frame = inputs.profiles["provider_profiles"].toPandas().sort_values("provider_id")
    frame = frame.reset_index(drop=True)
    cheap = frame[frame["provider_id"] == "GP00"].assign(
        provider_id="CHEAP", paid_per_member=0.5, paid_per_line=0.2, paid_per_visit=0.2
    )
    whole = pd.concat([frame, cheap], ignore_index=True)
    model = fit(whole, "provider", trees=50, rows=256, own=40, seed=0)
    scores = model.score(whole)["anomaly"]
    assert scores.iloc[-1] <= scores[whole["provider_id"] == "GP00"].iloc[0]


@pytest.mark.parametrize("name", ["cardio"])
def test_roc_auc_is_the_published_one(name: str) -> None:
    """PyOD's benchmark: mean over ten splits, 60 % to fit and 40 % to score."""
    if not DATA.exists():
        pytest.skip(f"no public anomaly sets at {DATA}")
    with (DATA / "published_roc.csv").open(encoding="utf-8") as lines:
        published = {row["Data"]: float(row["IForest"]) for row in csv.DictReader(lines)}
    data = loadmat(DATA / f"{name}.mat")
    rows, labels = np.asarray(data["X"], dtype=np.float64), data["y"].ravel()
    reached = []
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(len(rows))
        cut = int(0.6 * len(rows))
        forest = grow(rows[order[:cut]], trees=100, sample=256, seed=seed)
        test = order[cut:]
        reached.append(roc_auc_score(labels[test], anomaly(forest, rows[test])))
    assert np.mean(reached) == pytest.approx(published[name], abs=0.03)
