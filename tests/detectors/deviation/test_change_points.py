"""Change points over four years: a provider's own season is none, a rise under it is one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from detectors.deviation.comparisons.calendars import calendar_of
from detectors.deviation.comparisons.change_points import ChangePoint
from detectors.deviation.judgement import fitted, judge

MONTHS = 48
SEASON = 1 + 0.9 * np.sin(2 * np.pi * np.arange(MONTHS) / 12)


def frame(series: dict[str, np.ndarray]) -> pd.DataFrame:
    rows = []
    for name, counts in series.items():
        held = [(str(month), int(count)) for month, count in enumerate(counts) if count > 0]
        keys, lines = zip(*held, strict=True)
        rows.append(
            {
                "provider_id": name, "specialty": "gp", "provider_type": "individual",
                "region": "n", "main_claim_type": "professional", "members": 50,
                "by_month_keys": list(keys), "by_month_lines": list(lines),
                "by_month_cents": [100 * n for n in lines],
                "period_start": date(2021, 1, 1), "period_end": date(2024, 12, 31),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def test_a_season_of_ones_own_is_no_rise_and_a_rise_under_it_is() -> None:
    draw = np.random.default_rng(3)
    series = {f"P{n:02}": draw.poisson(20, MONTHS) for n in range(40)}
    series["SEASONAL"] = draw.poisson(20 * SEASON)
    series["RISING"] = draw.poisson(20 * SEASON * np.where(np.arange(MONTHS) < 30, 1, 4))
    whole, one = frame(series), [ChangePoint()]
    found = judge(whole, "provider_id", one, fitted(whole, one)).set_index("subject_id")
    assert "SEASONAL" not in found.index or found.loc["SEASONAL", "p"] > 0.001
    rising = found.loc["RISING"]
    assert rising["p"] < 1e-4 and rising["enough"] and rising["above"]
    assert rising["cells"][0] in {f"2023-{month:02}-01" for month in range(5, 10)}
    assert rising["expected"] < rising["observed"] / 2.5


def test_no_peers_burst_makes_the_calendar() -> None:
    counts = np.full((12, 24), 10.0)
    counts[0, 5] = 2_000
    calendar = calendar_of(counts)
    assert calendar.max() < 1.3 / 24
