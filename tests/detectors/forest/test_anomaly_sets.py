"""The detector's own forests reach what is published for PyOD's on labelled sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.forest_anomaly import labelled, mean_of, published

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "anomaly"


def test_roc_auc_is_the_published_one() -> None:
    """Mean over splits of 60 % to fit and 40 % to score; single small sets vary by 0.03."""
    if not DATA.exists():
        pytest.skip(f"no public anomaly sets at {DATA}")
    sets = ("cardio", "lympho", "wbc")
    reached = [mean_of(labelled(DATA, name), 5, False, True)[0] for name in sets]
    known = [published(DATA)[name] for name in sets]
    assert reached == pytest.approx(known, abs=0.03)
    assert np.mean(reached) == pytest.approx(np.mean(known), abs=0.02)
