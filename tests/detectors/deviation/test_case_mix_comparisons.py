"""Observed over expected: who bills beyond its cases is named, who only has sicker ones is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from detectors.deviation import Deviation
from detectors.deviation.comparisons.case_mix import CASE_MIX
from detectors.deviation.findings import Statement
from detectors.deviation.judgement import fitted, judge


def honest(many: int = 300, seed: int = 1) -> pd.DataFrame:
    """Providers whose lines, cost and stays vary about what their own cases let expect."""
    draw = np.random.default_rng(seed)
    members = draw.integers(15, 400, many)
    sicker = draw.lognormal(0, 0.5, many)
    expected = members * 4.0 * sicker
    # Persons have geometric numbers of lines, providers habits of their own.
    habit = draw.lognormal(0, 0.05, many)
    mean = 4.0 * sicker * habit
    lines = np.array(
        [draw.geometric(1 / max(m, 1.0), n).sum() for m, n in zip(mean, members, strict=True)]
    )
    paid = 50.0 * expected * draw.lognormal(0, 0.12, many)
    stays = draw.integers(0, 80, many)
    days = stays * draw.uniform(3, 12, many)
    return pd.DataFrame(
        {
            "provider_id": [f"P{n:03}" for n in range(many)],
            "specialty": "hospital",
            "provider_type": "organisation",
            "region": "north",
            "main_claim_type": "institutional",
            "members": members,
            "lines": lines,
            "paid": paid,
            "expected_lines": expected,
            "lines_oe": lines / expected,
            "expected_paid": 50.0 * expected,
            "paid_oe": paid / (50.0 * expected),
            "stays": stays,
            "stay_paid": 0.6 * paid,
            "expected_days": np.where(stays > 0, days, np.nan),
            "stay_oe": np.where(stays > 0, draw.lognormal(0, 0.12, many), np.nan),
        }
    )


def named(frame: pd.DataFrame) -> list[Statement]:
    candidates = judge(frame, "provider_id", CASE_MIX, fitted(frame, CASE_MIX))
    return list(Deviation(comparisons=CASE_MIX).statements(candidates))


def world() -> pd.DataFrame:
    """Suspects of cost, volume and stay, and a twin thrice as dear with cases thrice as ill."""
    frame, usual = honest(), honest(1).iloc[[0]]
    base = {"members": 100, "lines": 400, "expected_lines": 400.0, "paid": 20_000.0,
            "expected_paid": 20_000.0, "paid_oe": 1.0, "stays": 30, "stay_paid": 15_000.0,
            "expected_days": 150.0, "stay_oe": 1.0}  # fmt: skip
    more = {
        "DEAR": {"paid": 60_000.0, "paid_oe": 3.0},
        "MANY": {"lines": 1_200},
        "LONG": {"stay_oe": 2.5},
        "HONEST-SICKER": {"lines": 1_200, "expected_lines": 1_200.0, "paid": 60_000.0,
                          "expected_paid": 60_000.0, "expected_days": 450.0},
        "HONEST-SMALL": {"members": 9, "lines": 90, "expected_lines": 36.0, "stays": 4,
                         "paid_oe": 2.5, "stay_oe": 2.5},
    }  # fmt: skip
    rows = [usual.assign(**{**base, **one, "provider_id": name}) for name, one in more.items()]
    return pd.concat([frame, *rows], ignore_index=True)


@pytest.fixture(scope="module")
def statements() -> dict[str, Statement]:
    return {one.detector.removeprefix("deviation."): one for one in named(world())}


def test_each_suspect_is_named_and_nobody_else() -> None:
    found = {(one.detector, one.subject_id) for one in named(world())}
    assert found == {
        ("deviation.case_mix_cost", "DEAR"),
        ("deviation.case_mix_volume", "MANY"),
        ("deviation.length_of_stay", "LONG"),
    }


def test_observed_expected_and_interval_are_totals(statements: dict[str, Statement]) -> None:
    cost = statements["case_mix_cost"].details
    assert cost["observed"] == pytest.approx(60_000)
    assert cost["expected"] == pytest.approx(20_000, rel=0.05)
    low, high = cost["interval"]
    # Peers differ by a spread of 0.12: 95 % within exp(±1.96 × 0.12), and a little for shrinkage.
    assert low == pytest.approx(20_000 * np.exp(-1.96 * 0.12), rel=0.1)
    assert high == pytest.approx(20_000 * np.exp(1.96 * 0.12), rel=0.1)
    assert "95 % of such peers" in statements["case_mix_cost"].reason
    stay = statements["length_of_stay"]
    assert stay.details["observed"] == pytest.approx(375) and stay.rows == "stays"
    assert stay.excess < 15_000 * (1 - 1 / 2.5)


def test_volume_has_an_exact_interval_of_clumps(statements: dict[str, Statement]) -> None:
    one = statements["case_mix_volume"]
    assert one.details["observed"] == 1_200
    low, high = one.details["interval"]
    # About 270 persons' worth of lines: ± 12 %, not the ± 6 % of 1,200 separate events.
    assert low < 1_200 < high and (high - low) / 1_200 == pytest.approx(0.24, abs=0.05)
    assert one.details["clump"] == pytest.approx(4.5, abs=0.6)
    assert 0 < one.excess <= 20_000 * (1 - 400 / 1_200) + 1


def test_tails_are_no_more_frequent_than_they_say() -> None:
    frame = honest(2_000, seed=9)
    for one in CASE_MIX:
        rows = one.eligible(frame)
        p = one.judge(rows, one.fit(rows))["p"]
        assert (p <= 0.05).mean() <= 0.07, one.name


def test_chance_names_nobody() -> None:
    assert sum(len(named(honest(seed=seed))) for seed in range(4)) == 0
