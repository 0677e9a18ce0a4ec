"""Intervals, weights, calibrations and the learned order against known answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from cases.learning.calibration import Calibration, calibrate, reliability_of
from cases.learning.control import arms
from cases.learning.precision import interval, with_precision
from cases.learning.ranker import compare, fit, predict
from cases.learning.weights import LEAST, MOST, learn_weights

PRIOR = -3.891820298
KINDS = ("rules.a.good", "rules.b.bad", "forest.x", "deviation.y")


def made(n: int, truth: dict[str, float], seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Points of ``n`` cases and decisions that follow the weights given."""
    draw = np.random.default_rng(seed)
    points = draw.uniform(0, 4, (n, len(KINDS))) * (draw.random((n, len(KINDS))) < 0.6)
    weights = np.array([truth[kind] for kind in KINDS])
    success = (draw.random(n) < expit(PRIOR + points @ weights)).astype(int)
    names = [f"c{i:05}" for i in range(n)]
    long = pd.DataFrame(
        {
            "case_id": np.repeat(names, len(KINDS)),
            "detector": list(KINDS) * n,
            "points": points.ravel(),
        }
    )
    return long[long["points"] > 0], pd.DataFrame({"case_id": names, "success": success})


def test_intervals_are_jeffreys() -> None:
    # Brown, Cai and DasGupta (2001), table 5: limits of the Jeffreys interval for n = 7.
    for successes, low, high in ((0, 0.0, 0.292), (1, 0.016, 0.501), (2, 0.065, 0.648)):
        found = interval(successes, 7)
        assert found == pytest.approx((low, high), abs=0.001 + 0.02 * (successes == 0))
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(5, 5)[1] == 1.0
    told = with_precision(pd.DataFrame({"decided": [4, 0], "substantiated": [1, 0]}))
    assert told["precision"].tolist()[0] == 0.25
    assert np.isnan(told["precision"].tolist()[1])


@given(st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_an_interval_holds_its_share_and_shrinks_with_number(won: int, lost: int) -> None:
    low, high = interval(won, won + lost)
    assert 0 <= low <= high <= 1
    if won + lost:
        assert low <= won / (won + lost) <= high
        wider = interval(won * 4, (won + lost) * 4)
        assert wider[1] - wider[0] <= high - low


def test_weights_find_what_decisions_say_and_stay_put_where_they_say_nothing() -> None:
    truth = {"rules.a.good": 1.5, "rules.b.bad": 0.2, "forest.x": 1.0, "deviation.y": 1.0}
    found = learn_weights(*made(3000, truth), PRIOR)
    whole = {k: found.families[k.split(".")[0]] * found.detectors[k] for k in KINDS}
    for kind, weight in truth.items():
        assert whole[kind] == pytest.approx(weight, abs=0.15)
    assert abs(found.shift) < 0.3
    # The same evidence twenty times over moves a weight further from the judgement.
    points, labels = made(80, truth, seed=2)
    copies = range(20)
    many = learn_weights(
        pd.concat([points.assign(case_id=points["case_id"] + f"-{n}") for n in copies]),
        pd.concat([labels.assign(case_id=labels["case_id"] + f"-{n}") for n in copies]),
        PRIOR,
    )
    few = learn_weights(points, labels, PRIOR)
    bad = "rules.b.bad"
    moved = [abs(w.families["rules"] * w.detectors[bad] - 1) for w in (few, many)]
    assert 0 < moved[0] < moved[1]
    points, labels = made(3000, truth)
    none = learn_weights(points, labels.head(20), PRIOR)
    assert (none.families, none.detectors, none.decided) == ({}, {}, 0)


def test_weights_do_not_depend_on_the_order_of_rows_and_keep_their_bounds() -> None:
    truth = dict.fromkeys(KINDS, 0.0) | {"forest.x": 9.0}
    points, labels = made(800, truth)
    found = learn_weights(points, labels, PRIOR)
    again = learn_weights(
        points.sample(frac=1, random_state=3), labels.sample(frac=1, random_state=4), PRIOR
    )
    assert found == again
    for kind in KINDS:
        weight = found.families[kind.split(".")[0]] * found.detectors[kind]
        assert LEAST - 1e-6 <= weight <= MOST + 1e-6


def drawn(n: int, slope: float, shift: float) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(5)
    scores = draw.normal(0, 2, n)
    return scores, (draw.random(n) < expit(slope * scores + shift)).astype(float)


def test_few_decisions_leave_suspicion_a_judgement_and_say_so() -> None:
    found = calibrate(*drawn(99, 1, 0))
    assert found.method == "judgement"
    assert found.sentence.startswith("Suspicion is a judgement: 99 cases are decided, 100 with 20")
    assert found.probability(np.array([0.0])) == [0.5]
    assert calibrate(np.array([]), np.array([])).decided == 0
    against = calibrate(*drawn(400, -1, 0))
    assert (against.method, "do not follow" in against.sentence) == ("judgement", True)


@pytest.mark.parametrize(("n", "method"), [(600, "platt"), (4000, "isotonic")])
def test_a_calibrated_suspicion_is_what_was_observed(n: int, method: str) -> None:
    scores, success = drawn(n, 0.5, -1)
    found = calibrate(scores, success)
    assert found.method == method
    assert "is calibrated" in found.sentence
    at = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
    assert found.probability(at) == pytest.approx(expit(0.5 * at - 1), abs=0.08)
    assert (np.diff(found.probability(np.linspace(-9, 9, 200))) >= 0).all()
    assert 0 < found.probability(np.array([-20.0]))[0] < found.probability(np.array([20.0]))[0] < 1


def test_reliability_bins_hold_every_case_once() -> None:
    scores, success = drawn(503, 1, 0)
    predicted = Calibration().probability(scores)
    bins = reliability_of(predicted, success)
    assert bins["cases"].sum() == 503
    assert (bins["cases"] * bins["observed"]).sum() == pytest.approx(success.sum())
    assert (bins["predicted"].diff().dropna() > 0).all()
    assert (
        (bins["observed_low"] <= bins["observed"]) & (bins["observed"] <= bins["observed_high"])
    ).all()
    assert reliability_of(np.array([]), np.array([])).empty


def labels_and_features(n: int, told: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decisions that a feature tells (or none does), and a suspicion that tells little."""
    draw = np.random.default_rng(7)
    signal = draw.normal(size=n)
    success = (signal + draw.normal(0, 0.5, n) > 0).astype(int)
    index = pd.MultiIndex.from_arrays([["r"] * n, [f"c{i:04}" for i in range(n)]],
                                      names=["run_id", "case_id"])  # fmt: skip
    features = pd.DataFrame(
        {"signal": signal if told else draw.normal(size=n), "noise": draw.normal(size=n)}, index
    )
    labels = index.to_frame(index=False).assign(
        success=success, suspicion=0.5 + 0.1 * draw.normal(size=n)
    )
    return features, labels


def test_a_learned_order_wins_on_later_decisions_only_where_it_knows_more() -> None:
    features, labels = labels_and_features(600, told=True)
    verdict = compare(features, labels, 1)
    assert (verdict.trained, verdict.tested, verdict.wins) == (420, 180, True)
    assert "is ahead of" in verdict.sentence
    assert compare(features, labels, 1) == verdict
    blind = compare(*labels_and_features(600, told=False), 1)
    assert not blind.wins
    assert "not surely ahead" in blind.sentence
    few = compare(features, labels.head(299), 1)
    assert (few.wins, "299 cases are decided" in few.sentence) == (False, True)
    model = fit(features, labels, 1)
    assert (predict(model, features) == predict(fit(features, labels, 1), features)).all()
    silent = features.assign(never_known=float("nan"), alike=1.0)
    assert compare(silent, labels, 1) == verdict
    untold = compare(silent[["never_known", "alike"]], labels, 1)
    assert (untold.wins, "no feature differs" in untold.sentence) == (False, True)
    shuffled = features[["noise", "signal"]].assign(later=1.0)
    assert (predict(model, shuffled) == predict(model, features)).all()


def test_arms_are_told_apart_and_the_lift_is_over_chance() -> None:
    rows = [("ranked", True, 1)] * 8 + [("ranked", True, 0)] * 2 + [("random", True, 1)] * 2
    rows += [("random", True, 0)] * 8 + [("ranked", False, 0)] * 5
    found = arms(pd.DataFrame(rows, columns=["selection", "within_capacity", "success"]))
    assert found["arm"].tolist() == ["ranked", "random"]
    assert found["decided"].tolist() == [10, 10]
    assert found["lift"].tolist() == pytest.approx([4.0, 1.0])
    nobody = arms(pd.DataFrame(rows[:3], columns=["selection", "within_capacity", "success"]))
    assert nobody["lift"].isna().all()
