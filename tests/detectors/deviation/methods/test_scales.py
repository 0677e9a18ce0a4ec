"""Robust scales against published and R's printed figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.deviation.methods.scales import double_mad, mad, qn, sn

# Rousseeuw and Hubert, Robust statistics for outlier detection (2011): five measurements, one bad.
FIVE = np.array([6.25, 6.27, 6.28, 6.34, 63.1])


@pytest.mark.parametrize(
    ("last", "printed"),
    # R's robustbase::Sn over 0, 1, … with its finite-sample factors.
    [(1, 0.8861018), (2, 2.207503), (3, 1.13774), (4, 1.611203), (5, 2.368504)],
)
def test_sn_is_the_one_that_r_prints(last: int, printed: float) -> None:
    assert sn(np.arange(last + 1.0)) == pytest.approx(printed, abs=1e-6)


def test_mad_and_qn_of_the_five_measurements() -> None:
    # Printed as 0.044 and 0.059.
    assert mad(FIVE) == pytest.approx(0.044, abs=5e-4)
    assert qn(FIVE) < 0.1 and sn(FIVE) < 0.1


def test_double_mad_tells_the_sides_apart() -> None:
    low, high = double_mad(np.random.default_rng(1).exponential(1, 5_000))
    # Of an exponential: median distances from ln 2 of 0.4055 below and 0.6931 above.
    assert low == pytest.approx(1.4826 * 0.4055, rel=0.05)
    assert high == pytest.approx(1.4826 * 0.6931, rel=0.05)


@pytest.mark.parametrize("scale", [mad, sn, qn])
def test_a_normal_sample_gives_its_standard_deviation(scale) -> None:  # type: ignore[no-untyped-def]
    sample = np.random.default_rng(2).normal(3, 2, 1_500)
    assert scale(sample) == pytest.approx(2, rel=0.06)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-999, 999), min_size=4, max_size=30),
    st.integers(1, 50),
    st.integers(-100, 100),
)
def test_scales_follow_units_and_not_places(values: list[int], factor: int, moved: int) -> None:
    sample = np.array(values, dtype=np.float64)
    for scale in (mad, sn, qn):
        assert scale(factor * sample + moved) == pytest.approx(factor * scale(sample))
        assert scale(-sample) == pytest.approx(scale(sample))
    low, high = double_mad(sample)
    assert double_mad(-sample) == pytest.approx((high, low))


def test_sn_needs_two_values() -> None:
    with pytest.raises(ValueError, match="two values"):
        sn(np.array([1.0]))
