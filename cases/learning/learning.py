"""All that a run learns from the decisions so far, pinned to the acts it was learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import duckdb
import pandas as pd

from cases.decisions import DecisionError, Pin, Store
from cases.decisions.settings import LEARNED_ORDER
from cases.experience import Experience
from cases.learning.calibration import Calibration, calibrate
from cases.learning.features import INDEX, case_features
from cases.learning.labels import labelled
from cases.learning.ranker import Verdict, compare, fit, predict
from cases.learning.weights import Weights, learn_weights
from cases.policy import Policy
from cases.reading import attach_runs
from cases.standing import beside
from claims.lake import Lake
from claims.runs import runs

POINTS = """
select p.run_id, p.case_id, p.detector, sum(p.points) as points
from case_contributions p join labels l using (run_id, case_id)
where p.detector <> 'prior' group by all order by all
"""


@dataclass(frozen=True)
class Learned:
    """What decisions say to one ranking.

    Args:
        policy: the policy with learned weights.
        experience: what else the ranking takes into account.
        record: for the run's parameters: all that tells what was read and learned.
    """

    policy: Policy
    experience: Experience
    record: Mapping[str, Any]


def learn(
    lake: Lake, store: Store, run_id: str, policy: Policy, on: date, seed: int,
    pin: Pin | None = None,
) -> Learned:  # fmt: skip
    """What the decisions up to now, or up to a pin, say to the ranking of a run.

    Args:
        run_id: the run to be ranked; its findings and evidence are written.
        policy: the judgement that the weights are drawn towards.
        on: the day on which snoozes and suppressions are looked at.

    Raises:
        DecisionError: the store does not hold the acts that the pin names.
    """
    pinned = _pinned(store, pin)
    states = store.states(on=on, upto=pinned.last_act)
    standing = beside(lake, states.values(), run_id)
    settled = frozenset(case for case, s in standing.items() if not s.in_queue)
    muted = frozenset((s.case_id, name) for s in states.values() for name in s.suppressed_detectors)
    labels = labelled(lake, store, upto=pinned.last_act)
    weights, calibration = weigh_and_calibrate(lake, labels, policy)
    verdict, learned = _order(lake, store, labels, run_id, seed)
    told = Experience(
        settled,
        muted,
        None if calibration.method == "judgement" else calibration.column,
        learned,
    )
    record = {
        "store": store.url,
        "on": on,
        **asdict(pinned),
        "settled": len(settled),
        "muted": len(muted),
        "labelled": len(labels),
        "weights": asdict(weights),
        "calibration": {**asdict(calibration), "sentence": calibration.sentence},
        "learned_order": {**asdict(verdict), "used": bool(learned), "sentence": verdict.sentence},
    }
    weighted = replace(
        policy, family_weights=_times(policy.family_weights, weights.families),
        detector_weights=_times(policy.detector_weights, weights.detectors),
    )  # fmt: skip
    return Learned(weighted, told, record)


def weigh_and_calibrate(
    lake: Lake, labels: pd.DataFrame, policy: Policy
) -> tuple[Weights, Calibration]:
    """Weights from labelled cases, and the calibration of the scores that these weights give."""
    points = unit_points(lake, labels)
    weights = learn_weights(points, labels, policy.prior_points)
    factor = points["detector"].map(
        lambda name: (
            weights.families.get(name.split(".")[0], 1.0) * weights.detectors.get(name, 1.0)
        )
    )
    weighted = points.assign(points=points["points"] * factor.astype(float))
    scores = weighted.groupby("case_id")["points"].sum().reindex(labels["case_id"]).fillna(0.0)
    success = labels["success"].to_numpy(float)
    return weights, calibrate(scores.to_numpy(float) + policy.prior_points, success)


def unit_points(lake: Lake, labels: pd.DataFrame) -> pd.DataFrame:
    """Points of labelled cases as fusion gave them, freed of the weights of the run they are of.

    Returns:
        case_id, detector and points.
    """
    if labels.empty:
        return pd.DataFrame({"case_id": [], "detector": [], "points": []})
    with duckdb.connect() as connection:
        attach_runs(connection, lake, sorted(set(labels["run_id"])), "case_contributions")
        connection.register("labels", labels)
        found: pd.DataFrame = connection.sql(POINTS).df()
    policies = {row["run_id"]: row["parameters"].get("policy", {}) for row in runs(lake)}
    weights = [
        _weight(policies.get(run, {}), name)
        for run, name in zip(found["run_id"], found["detector"], strict=True)
    ]
    return found.assign(points=found["points"] / weights)[["case_id", "detector", "points"]]


def _weight(policy: Mapping[str, Any], detector: str) -> float:
    """The factor a run gave a detector; points it took to 0 cannot be brought back."""
    family = policy.get("family_weights", {}).get(detector.split(".", maxsplit=1)[0], 1.0)
    own = policy.get("detector_weights", {}).get(detector, 1.0)
    return float(family) * float(own) or 1.0


def _order(
    lake: Lake, store: Store, labels: pd.DataFrame, run_id: str, seed: int
) -> tuple[Verdict, dict[str, float]]:
    """How the learned order compares; the probabilities where it wins and is switched on."""
    verdict = compare(pd.DataFrame(), labels.iloc[:0], seed)
    if len(labels):
        features = case_features(lake, {run_id, *labels["run_id"]})
        verdict = compare(features, labels, seed)
        if verdict.wins and store.switched(LEARNED_ORDER):
            current = pd.DataFrame(features.xs(run_id, level=INDEX[0]))
            chances = predict(fit(features, labels, seed), current)
            return verdict, {c: float(p) for c, p in zip(current.index, chances, strict=True)}
    return verdict, {}


def _pinned(store: Store, pin: Pin | None) -> Pin:
    found = store.pin(None if pin is None else pin.last_act)
    if pin is not None and found != pin:
        raise DecisionError(
            f"{store.url}: the acts up to {pin.last_act} are not those that the run read; name the "
            "database that it read"
        )
    return found


def _times(mine: Mapping[str, float], learned: Mapping[str, float]) -> dict[str, float]:
    names = sorted({*mine, *learned})
    return {name: mine.get(name, 1.0) * learned.get(name, 1.0) for name in names}
