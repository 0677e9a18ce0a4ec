"""Features become distances from peers; what is not known is told once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from detectors.forest.kinds import Kind
from detectors.forest.model import Sample, Settings, Stability
from detectors.forest.norms import POOLED, Norms
from features.catalogue import Feature
from features.peers import Ladder

FEATURES = (
    Feature("price", "", "currency", ""),
    Feature("share", "", "share", "", scale="logit"),
    Feature("rate", "", "ratio", "", scale="linear", direction="low"),
    Feature("other", "", "ratio", "", scale="linear", direction="both"),
)
LADDER = Ladder((("trade",), ()), lambda frame: frame, narrow=0)
KIND = Kind("provider", "id", FEATURES, LADDER, ("trade",), "cases", 10.0, ("paid",), grouped=True)


def people(count: int = 300, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": [f"S{number:04}" for number in range(count)],
            "trade": ["a"] * (count // 2) + ["b"] * (count - count // 2),
            "cases": 50,
            "price": np.where(np.arange(count) < count // 2, 10.0, 100.0)
            * draw.lognormal(0, 0.2, count),
            "share": draw.uniform(0.1, 0.3, count),
            "rate": draw.normal(5.0, 1.0, count),
            "other": draw.normal(0.0, 1.0, count),
        }
    )


def far(norms: Norms, frame: pd.DataFrame) -> pd.DataFrame:
    distances = norms.distances(frame, norms.peers(frame)["peer_group"])
    return pd.DataFrame(distances, columns=[f.name for f in FEATURES], index=frame.index)


def test_a_price_usual_in_its_trade_lies_near_though_it_is_far_from_all() -> None:
    frame = people()
    found = far(Norms.of(frame, KIND), frame)
    for trade in ("a", "b"):
        of_trade = found[frame["trade"] == trade]["price"]
        assert of_trade.median() == pytest.approx(0.0, abs=1e-9)
        assert of_trade.abs().quantile(0.9) < 3


def test_few_cases_draw_a_distance_to_the_peers() -> None:
    frame = people()
    norms = Norms.of(frame, KIND)
    odd = frame.iloc[[0, 0]].assign(price=500.0, cases=[10, 90]).reset_index(drop=True)
    few, many = far(norms, odd)["price"]
    assert few / many == pytest.approx((10 / 20) / (90 / 100))


def test_the_harmless_side_is_not_seen_and_the_low_one_may_be_costly() -> None:
    frame = people()
    norms = Norms.of(frame, KIND)
    odd = frame.iloc[[0]].assign(price=0.1, rate=-9.0, other=-9.0)
    price, _, rate, other = norms.matrix(far(norms, odd).to_numpy())[0][:4]
    assert price == 0.0
    assert rate > 5
    assert other < -5


def test_nulls_lie_at_the_median_and_each_pattern_is_told_once() -> None:
    frame = people()
    frame.loc[frame.index[:30], ["price", "share"]] = np.nan
    frame.loc[frame.index[:60], "rate"] = np.nan
    norms = Norms.of(frame, KIND)
    assert len(norms.indicators) == 2
    seen = norms.matrix(far(norms, frame).to_numpy())
    assert (seen[:30, :2] == 0).all()
    assert seen[:, 4:].sum(axis=0).tolist() == [30, 60]


def test_those_who_may_not_be_judged_are_in_no_forest() -> None:
    frame = people()
    frame.loc[frame.index[:40], "cases"] = 3
    sample = Sample.of(frame, KIND, own=120)
    assert {name: int(rows.sum()) for name, rows in sample.members.items()} == {
        "0:b": 150,
        POOLED: 260,
    }
    alone = Sample.of(frame, replace(KIND, grouped=False), own=120)
    assert set(alone.members) == {POOLED}


def test_what_every_seed_sees_is_stable_and_a_border_case_is_not() -> None:
    frame = people(600)
    frame.loc[0, ["price", "share", "rate", "other"]] = [400.0, 0.95, -5.0, 6.0]
    sample = Sample.of(frame, KIND, own=1000)
    settings = Settings(trees=10, sample=64, own=1000)
    chief, *others = (sample.forests(settings, seed) for seed in range(6))
    scored = pd.concat([frame, chief.score(frame)], axis=1)
    found = Stability.of(sample, chief, others, scored, tail=0.01)
    assert found.seeds == 6
    assert found.agreeing[0] == 6
    judged = scored["tail"].le(0.01).to_numpy()
    assert found.agreeing[judged].min() < 6
    assert 0.5 < found.correlation[0] < 1
