"""What is confirmed of what detectors claim: credible factors, drawn to the family, bounded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.decisions import Identity, open_store
from cases.fusion import case_id
from cases.learning.amounts import LEAST, MOST, PSEUDO_CASES, confirmed_claims, learn_amounts
from cases.learning.labels import labelled
from cases.learning.learning import learn
from cases.policy import Policy
from claims.lake import Lake
from claims.runs import Run, recorded
from tests.cases.findings import evidence, finding
from tests.cases.lakes import case_row, write_rows


def claims(*told: tuple[str, int, float, float]) -> pd.DataFrame:
    """Rows of (detector, cases, claimed each, confirmed each)."""
    rows = [(name, claimed, got) for name, n, claimed, got in told for _ in range(n)]
    return pd.DataFrame(rows, columns=["detector", "claimed", "confirmed"])


def test_factors_are_buhlmann_and_straubs() -> None:
    found = learn_amounts(claims(("rules.a.x", 15, 100.0, 200.0), ("rules.b.y", 15, 100.0, 100.0)))
    # Family: 4,500 confirmed of 3,000 claimed, and five cases of 100 each believed to be right.
    family = (4500 + PSEUDO_CASES * 100) / (3000 + PSEUDO_CASES * 100)
    assert found.detectors["rules.a.x"] == pytest.approx(
        (3000 + PSEUDO_CASES * 100 * family) / (1500 + PSEUDO_CASES * 100), abs=1e-6
    )
    assert 1 < found.detectors["rules.b.y"] < family < found.detectors["rules.a.x"] < 2
    assert found.confirmed == 30


def test_few_cases_teach_nothing_and_a_detector_with_one_keeps_near_its_family() -> None:
    assert learn_amounts(claims(("rules.a.x", 19, 100.0, 500.0))).detectors == {}
    found = learn_amounts(
        claims(
            ("rules.a.x", 40, 100.0, 50.0), ("rules.b.y", 1, 100.0, 300.0), ("forest.z", 1, 9, 9)
        )
    )
    assert found.detectors["rules.b.y"] == pytest.approx((300 + 500 * 0.613) / 600, abs=0.01)
    assert found.detectors["forest.z"] == 1.0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("rules.a.x", "rules.b.y", "forest.z")),
            st.floats(0.01, 1e6),
            st.floats(0, 1e7),
        ),
        min_size=20,
        max_size=60,
    )
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_factors_keep_their_bounds_and_do_not_know_the_order_of_rows(
    told: list[tuple[str, float, float]],
) -> None:
    frame = pd.DataFrame(told, columns=["detector", "claimed", "confirmed"])
    found = learn_amounts(frame)
    assert set(found.detectors) == set(frame["detector"])
    assert all(LEAST <= factor <= MOST for factor in found.detectors.values())
    again = learn_amounts(frame.iloc[::-1])
    for name, factor in found.detectors.items():
        assert again.detectors[name] == pytest.approx(factor, abs=2e-6)


def test_a_run_learns_from_what_was_confirmed_freed_of_its_own_factors(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    subjects = [f"P{n:02}" for n in range(24)]
    ids = {one: case_id("provider", one) for one in subjects}
    run = Run(lake, "run", run_id="r1", period=(date(2024, 1, 1), date(2024, 12, 31)), seed=1)
    run.parameters = {"policy": {"money_factors": {"rules.a.x": 2.0}}}
    with recorded(run):
        cases = [
            case_row(n + 1, "provider", one, case_id=ids[one], score=0.5, overpayment="100.00")
            for n, one in enumerate(subjects)
        ]
        findings, points = [], []
        for one in subjects:
            # The smaller claim does not lead the case.
            for detector, claim in (("rules.a.x", "50.00"), ("forest.z", "5.00")):
                name = f"{detector}-{one}"
                findings.append(finding(name, detector, 0.5, subject_id=one, overpayment=claim))
                points.append(
                    {"case_id": ids[one], "detector": detector, "finding_id": name, "points": 1.0}
                )
        write_rows(lake, "cases", "r1", cases)
        write_rows(lake, "case_contributions", "r1", points)
        write_rows(lake, "findings", "r1", findings)
        write_rows(
            lake, "evidence", "r1", [evidence(f["finding_id"], "k", "9.00") for f in findings]
        )
    store = open_store(lake=lake, identity=Identity("ann"))
    for n, one in enumerate(subjects):
        told = {"amount_confirmed": Decimal(150)} if n < 22 else {}
        outcome = "substantiated" if n < 23 else "unsubstantiated"
        store.decide(ids[one], outcome, seen=0, run_id="r1", **told)

    claims_made = confirmed_claims(lake, labelled(lake, store))

    assert set(claims_made["detector"]) == {"rules.a.x"}
    assert claims_made["claimed"].tolist() == [50.0] * 22
    assert claims_made["confirmed"].tolist() == [150.0] * 22
    learned = learn(lake, store, "r1", Policy(), date(2025, 1, 1), 1)
    assert 2.5 < learned.policy.money_factors["rules.a.x"] <= 3.0
    assert learned.record["amounts"]["confirmed"] == 22
