"""Robust statistics against published and hand-computed figures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from detectors.deviation.methods.discovery import q_values
from detectors.deviation.methods.scales import double_mad, mad
from detectors.deviation.robust import (
    FLOOR,
    backward,
    forward,
    robust_z,
    spread,
    tail_probability,
)

# Copper in wholemeal flour (Analytical Methods Committee 1989; R package MASS, chem): the mean is
# ruined by one value of 28.95. MASS prints median 3.385 and mad 0.5263.
COPPER = np.array(
    [2.9, 3.1, 3.4, 3.4, 3.7, 3.7, 2.8, 2.5, 2.4, 2.4, 2.7, 2.2, 5.28, 3.37, 3.03, 3.03, 28.95,
     3.77, 3.4, 2.2, 3.5, 3.6, 3.7, 3.7]
)  # fmt: skip


def test_mad_of_published_data() -> None:
    assert np.median(COPPER) == pytest.approx(3.385)
    assert mad(COPPER) == pytest.approx(0.5263, abs=1e-4)


def test_spread_estimates_a_normal_standard_deviation() -> None:
    sample = np.random.default_rng(3).normal(5, 2, 2000)
    assert spread(sample, "log") == pytest.approx(2, rel=0.05)


def test_a_long_tail_widens_the_costly_side() -> None:
    skewed = np.random.default_rng(3).exponential(1, 3000)
    assert double_mad(skewed)[1] > 1.2 * mad(skewed)
    assert spread(skewed, "linear") == double_mad(skewed)[1]


def test_equal_peers_have_the_least_spread_that_matters() -> None:
    assert spread(np.zeros(40), "log") == FLOOR["log"]


def test_z_by_hand_and_drawn_in_where_cases_are_few() -> None:
    z = robust_z(np.array([4.0, 4.0]), 1.0, 0.5, np.array([45.0, 5.0]), prior=5)
    assert z.tolist() == pytest.approx([5.4, 3.0])


def test_shares_stay_finite_at_their_ends_and_come_back() -> None:
    places = forward(np.array([0.0, 0.5, 1.0]), "logit", np.array([10.0, 10.0, 10.0]))
    assert places.tolist() == pytest.approx([np.log(0.5 / 10.5), 0.0, np.log(10.5 / 0.5)])
    assert backward(float(np.log(3)), "logit") == pytest.approx(0.75)
    assert np.isnan(forward(np.array([0.0]), "log", np.ones(1))[0])
    assert backward(float(np.log(2.5)), "log", 0.5) == pytest.approx(2.0)


def test_small_groups_need_more_than_a_normal_tail() -> None:
    small, large = (tail_probability(np.array([3.5]), size)[0] for size in (12, 1_000_000))
    assert small > 10 * large
    assert large == pytest.approx(stats.norm.sf(3.5), rel=1e-3)


def test_q_values_are_scipys_wherever_they_matter() -> None:
    draw = np.random.default_rng(5)
    p = np.concatenate([draw.uniform(size=900), draw.uniform(0, 1e-3, size=100)])
    whole = stats.false_discovery_control(p)
    low = p <= 0.05
    ours = q_values(p[low], len(p))
    assert np.allclose(ours[whole[low] <= 0.05], whole[low][whole[low] <= 0.05])
    assert (ours[whole[low] > 0.05] > 0.05).all()


def test_q_values_of_benjamini_and_hochbergs_own_example() -> None:
    # The fifteen p-values of section 4.1 (1995): four are rejected at 5 %.
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
                  0.4262, 0.5719, 0.6528, 0.7590, 1.0])  # fmt: skip
    assert (q_values(p[p <= 0.05], 15) <= 0.05).sum() == 4
