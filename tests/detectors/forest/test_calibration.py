"""A calibrated score is the share that scores as high, and the top has no ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import genpareto, norm

from detectors.forest.calibration import Calibration


def test_the_tail_is_the_share_of_fresh_scores_beyond() -> None:
    draw = np.random.default_rng(0)
    calibration = Calibration.of(draw.normal(0.45, 0.05, 20_000))
    for share, within in ((0.5, 0.03), (0.05, 0.1), (0.01, 0.1), (0.001, 0.25)):
        threshold = norm.isf(share, 0.45, 0.05)
        assert calibration.tail(np.array([threshold]))[0] == pytest.approx(share, rel=within)


def test_shape_and_scale_are_those_the_excesses_were_drawn_from() -> None:
    draw = np.random.default_rng(1)
    excesses = genpareto.rvs(0.2, scale=0.03, size=5_000, random_state=draw)
    body = draw.uniform(0.0, 0.5, 45_000)
    found = Calibration.of(np.concatenate([body, 0.5 + excesses]))
    assert found.shape == pytest.approx(0.2, abs=0.06)
    assert found.scale == pytest.approx(0.03, rel=0.1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 400), st.floats(0.01, 0.2))
def test_the_top_never_ties(seed: int, size: int, spread: float) -> None:
    scores = np.clip(np.random.default_rng(seed).normal(0.45, spread, size), 0.01, 0.99)
    calibration = Calibration.of(scores)
    above = np.linspace(calibration.start, 1.0, 50)[1:]
    tails = calibration.tail(above)
    assert (np.diff(tails) < 0).all()
    assert ((tails > 0) & (tails <= 0.1)).all()


def test_ranks_hold_below_the_tail() -> None:
    scores = np.arange(1, 101) / 200
    tails = Calibration.of(scores).tail(scores[[0, 49, 79]])
    assert tails == pytest.approx([101 / 101, 52 / 101, 22 / 101])


def test_equal_scores_have_a_tail_too() -> None:
    found = Calibration.of(np.full(50, 0.4)).tail(np.array([0.4, 0.41]))
    assert found[0] == 1.0
    assert 0 <= found[1] < 0.1
