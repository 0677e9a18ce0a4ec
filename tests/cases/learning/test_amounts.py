"""What is confirmed of what detectors claim: credible factors, drawn to the family, bounded."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.learning.amounts import LEAST, MOST, PSEUDO_CASES, learn_amounts


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
