"""Seasons are taken out and what is left is kept."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.datasets import co2

from detectors.deviation.methods.change import shift
from detectors.deviation.methods.seasonality import deseasonalised


def test_the_yearly_swing_of_carbon_dioxide_at_mauna_loa() -> None:
    """Its season swings by five to seven parts a million (Keeling 1960; Cleveland et al. 1990)."""
    monthly = co2.load_pandas().data["co2"].resample("MS").mean().interpolate().to_numpy()
    season = monthly - deseasonalised(monthly, 12)
    swings = season[: len(season) // 12 * 12].reshape(-1, 12)
    assert 5 < float(np.ptp(swings, axis=1).mean()) < 7


def test_a_break_under_a_season_is_found_once_it_is_out() -> None:
    month = np.arange(72)
    draw = np.random.default_rng(11)
    series = 5 * np.sin(2 * np.pi * month / 12) + 1.0 * (month >= 40) + draw.normal(0, 0.2, 72)
    hidden, found = shift(series), shift(deseasonalised(series, 12))
    assert hidden is not None and hidden.p > 0.05
    assert found is not None and abs(found.at - 40) <= 1 and found.p < 1e-6


def test_two_cycles_are_too_few() -> None:
    with pytest.raises(ValueError, match="3 cycles of 12"):
        deseasonalised(np.ones(24), 12)
