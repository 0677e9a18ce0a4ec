"""From a lake and its decisions to what a ranking is told, and to the figures of yield."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cases import yields
from cases.decisions import DecisionError, Identity, Pin, Store, open_store
from cases.fusion import case_id
from cases.learning import learning, reliability
from cases.learning.features import case_features
from cases.learning.labels import labelled
from cases.policy import Policy
from claims.lake import Lake
from claims.runs import Run, now, recorded
from tests.cases.findings import evidence, finding
from tests.cases.lakes import case_row, write_rows

SUBJECTS = [f"P{n:02}" for n in range(60)]
CASE = {subject: case_id("provider", subject) for subject in SUBJECTS}
GOOD, BAD, TRIAL = "rules.a.good", "rules.b.bad", "rules.c.trial"


def night(lake: Lake, run_id: str, extra: str = "") -> None:
    """Even subjects are named by a good rule, odd ones by a bad one; a third by one in shadow."""
    cases: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    findings: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    trial: list[dict[str, Any]] = []
    for n, subject in enumerate(SUBJECTS):
        name, detector = f"{run_id}-{subject}", BAD if n % 2 else GOOD
        cases.append(
            case_row(
                n + 1, "provider", subject, case_id=CASE[subject], score=0.5,
                selection="random" if n >= 40 else "ranked",
            )
        )  # fmt: skip
        points.append({"case_id": CASE[subject], "detector": "prior", "points": -3.9})
        points.append(
            {"case_id": CASE[subject], "detector": detector, "finding_id": name, "points": 4.4}
        )
        findings.append(finding(name, detector, 0.6, subject_id=subject))
        rows.append(evidence(name, f"k{n}{extra}", "10.00"))
        if n % 3 == 0:
            trial.append(finding(f"{name}-t", TRIAL, 0.6, subject_id=subject))
    run = Run(lake, "run", run_id=run_id, period=(date(2024, 1, 1), date(2024, 12, 31)), seed=1)
    run.parameters = {
        "policy": {"family_weights": {}, "detector_weights": {BAD: 2.0}},
        "control": {"drawn": 20, "of": 200},
    }
    with recorded(run):
        for table, what in (
            ("cases", cases), ("case_contributions", points), ("findings", findings),
            ("evidence", rows), ("shadow_findings", trial),
        ):  # fmt: skip
            write_rows(lake, table, run_id, what)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake(str(tmp_path_factory.mktemp("learning") / "lake"))
    night(made, "r1")
    return made


@pytest.fixture(scope="module")
def store(lake: Lake) -> Store:
    """48 of 60 cases decided: all of the good rule's right, one in four of the bad one's."""
    store = open_store(lake=lake, identity=Identity("ann"))
    for n, subject in enumerate(SUBJECTS[:48]):
        right = n % 2 == 0 or n % 8 == 1
        store.decide(
            CASE[subject], "substantiated" if right else "unsubstantiated", seen=0, run_id="r1",
            amount_confirmed=Decimal(100) if right else None, minutes_spent=60,
            reasons=() if right else ["case_mix"],
        )  # fmt: skip
    store.decide(CASE["P48"], "referred", seen=0, run_id="r1")
    store.recover(CASE["P00"], Decimal("40.00"), date(2024, 3, 5))
    store.take(CASE["P57"], seen=0)
    store.suppress(CASE["P59"], now().date() + timedelta(days=9), "in court", seen=0)
    store.suppress(CASE["P58"], now().date() + timedelta(days=9), "checked", seen=0, detector=GOOD)
    return store


def test_labels_are_decisions_in_force_that_say_something(lake: Lake, store: Store) -> None:
    labels = labelled(lake, store)
    assert len(labels) == 48
    assert labels["success"].sum() == 24 + 6
    assert set(labels["run_id"]) == {"r1"}
    first = store.acts("decide")[9].act_id
    assert len(labelled(lake, store, upto=first)) == 10


def test_a_ranking_is_told_what_was_learned_and_from_which_acts(lake: Lake, store: Store) -> None:
    today = now().date()
    told = learning.learn(lake, store, "r1", Policy(), today, 1)
    # 49 decided, one suppressed; the case with a suppressed rule alone stays.
    assert len(told.experience.settled) == 50
    assert told.experience.muted == {(CASE["P58"], GOOD)}
    weight = {
        name: told.policy.family_weights["rules"] * told.policy.detector_weights[name]
        for name in (GOOD, BAD)
    }
    assert weight[BAD] < weight[GOOD]
    assert told.record["labelled"] == 48
    assert told.record["calibration"]["sentence"].startswith("Suspicion is a judgement: 48")
    assert told.experience.suspicion is None
    assert told.record["learned_order"]["used"] is False
    pin = Pin(told.record["last_act"], told.record["sha256"])
    assert pin == store.pin()
    # The run had doubled the bad rule's points: they are taken back to a weight of 1.
    points = learning.unit_points(lake, labelled(lake, store))
    assert set(points.set_index("detector")["points"].round(6)) == {4.4, 2.2}
    assert learning.learn(lake, store, "r1", Policy(), today, 1, pin).record == told.record
    with pytest.raises(DecisionError, match="not those that the run read"):
        learning.learn(lake, store, "r1", Policy(), today, 1, Pin(pin.last_act, "0" * 64))


def test_features_are_of_the_case_and_its_run(lake: Lake) -> None:
    found = case_features(lake, ["r1"]).loc[("r1", CASE["P01"])]
    told = {"score rules.b": 0.6, "score rules.a": 0.0, "findings rules": 1, "rows": 1,
            "exposure": 10.0, "is provider": 1}  # fmt: skip
    assert found[list(told)].to_dict() == told


def test_yield_is_counted_from_findings_to_money(lake: Lake, store: Store) -> None:
    funnel = yields.funnel(lake, store).set_index("stage")
    assert funnel["cases"].to_dict() == {
        "findings": 60, "cases": 60, "decided": 49, "substantiated": 30, "recovered": 1,
    }  # fmt: skip
    assert funnel["money"].tolist()[3:] == [3000.0, 40.0]
    rules = yields.precision(lake, store).set_index("name")
    assert rules.loc[GOOD, ["decided", "substantiated", "precision"]].tolist() == [24, 24, 1.0]
    assert rules.loc[BAD, ["decided", "substantiated", "precision"]].tolist() == [24, 6, 0.25]
    assert rules.loc[TRIAL, ["decided", "shadow"]].tolist() == [16, True]
    assert rules.loc[BAD, "low"] < 0.25 < rules.loc[BAD, "high"]
    assert yields.precision(lake, store, "family").set_index(["name", "shadow"]).loc[
        ("rules", False), "decided"
    ] == 48  # fmt: skip
    assert yields.precision(lake, store, "group")["name"].tolist()[:2] == ["rules.a", "rules.b"]
    hours = yields.money_per_hour(store)
    assert hours["hours"].sum() == 48.0
    assert hours["confirmed"].sum() == 3000.0
    assert hours.set_index("period").loc["2024-03", "recovered"] == 40.0
    (ann,) = yields.by_analyst(store).to_dict("records")
    assert (ann["decided"], ann["substantiated"], ann["minutes"]) == (48, 30, 2880)
    (reason,) = yields.false_positive_reasons(store).to_dict("records")
    assert reason == {"reason": "case_mix", "cases": 18, "share": 1.0}
    assert yields.ageing(lake, store)["case_id"].tolist() == [CASE["P57"]]


def test_the_control_arm_is_told_apart_and_weighs_what_it_stands_for(
    lake: Lake, store: Store
) -> None:
    arms = yields.lift(lake, store).set_index("arm")
    assert arms["decided"].to_dict() == {"ranked": 40, "random": 8}
    assert arms.loc["ranked", "substantiated"] == 25
    assert arms.loc["random", "substantiated"] == 5
    assert arms.loc["ranked", "lift"] == pytest.approx((25 / 40) / (5 / 8))
    (whole,) = yields.population_share(lake, store).to_dict("records")
    # 40 ranked weigh 1; 8 drawn beyond their reach weigh 200 / 20 each.
    assert whole["share"] == pytest.approx((25 + 10 * 5) / (40 + 80))
    assert whole["effective"] == pytest.approx(120**2 / (40 + 800))
    assert whole["low"] < whole["share"] < whole["high"]
    assert reliability(lake, store)["cases"].sum() == 48
