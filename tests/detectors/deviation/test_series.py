"""Breaks and bursts of members, employers and accounts, beside ordinary ones of their kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from detectors.deviation import Deviation
from detectors.deviation.comparison import Comparison
from detectors.deviation.comparisons.series import SERIES
from detectors.deviation.findings import Statement
from detectors.deviation.judgement import fitted, judge
from features.catalogue import Subject

START, END = date(2023, 1, 1), date(2024, 12, 31)
DAYS = (END - START).days + 1
PEERS: dict[Subject, dict[str, Any]] = {
    "member": {"age_band": "40", "sex": "male", "region": "north"},
    "employer": {"activity_code": "A1", "region": "north", "workers": 40},
    "account": {"holder_type": "guardian", "receives": "benefits", "beneficiaries": 5.0,
                "providers": 0.0, "benefit_payments": 9},
}  # fmt: skip
OTHERS = list(PEERS)


def subject(name: str, days: Sequence[int]) -> dict[str, Any]:
    """A subject of dated rows, each of 100, as the shapes tell it."""
    found: dict[str, Any] = {"id": name, "period_start": START, "period_end": END}
    places = {
        "day": list(days),
        "month": [12 * d.year + d.month - 12 * 2023 - 1
                  for d in (START + timedelta(days=int(n)) for n in days)],
    }  # fmt: skip
    for part, held in places.items():
        keys, counts = np.unique(np.asarray(held, dtype=np.int64), return_counts=True)
        found[f"by_{part}_keys"] = [str(key) for key in keys]
        for what, times in (("lines", 1), ("weights", 1), ("cents", 10_000)):
            found[f"by_{part}_{what}"] = counts * times
    return found


def world(kind: Subject, seed: int = 4, suspects: bool = True) -> pd.DataFrame:
    """Sixty ordinary subjects, busier in winter; one rises, one bursts, one has just begun."""
    draw = np.random.default_rng(seed)
    season = 1 + 0.4 * np.cos(2 * np.pi * np.arange(DAYS) / 365)

    def spread(number: int, first: int = 0, last: int = DAYS) -> list[int]:
        chance = season[first:last] / season[first:last].sum()
        return list(draw.choice(np.arange(first, last), number, p=chance))

    rows = [subject(f"P{n:02}", spread(int(draw.integers(70, 160)))) for n in range(60)]
    if suspects:
        rows += [
            subject("RISER", spread(35, 0, 365) + spread(280, 365)),
            subject("BURST", spread(10) + spread(60, 500, 512)),
            subject("HONEST-NEW", spread(90, 400)),
            subject("HONEST-BUSY", spread(900)),
        ]
    return pd.DataFrame(rows).assign(**PEERS[kind])


def named(kind: Subject, frame: pd.DataFrame) -> list[Statement]:
    asked: list[Comparison] = [one for one in SERIES if one.subject == kind]
    candidates = judge(frame, "id", asked, fitted(frame, asked))
    return list(Deviation(comparisons=tuple(asked)).statements(candidates))


@pytest.mark.parametrize("kind", OTHERS)
def test_the_rise_and_the_burst_are_named_and_nobody_else(kind: Subject) -> None:
    found = {one.detector: one for one in named(kind, world(kind))}
    assert {name: one.subject_id for name, one in found.items()} == {
        f"deviation.{kind}_change_point": "RISER",
        f"deviation.{kind}_burst": "BURST",
    }
    burst, rise = found[f"deviation.{kind}_burst"], found[f"deviation.{kind}_change_point"]
    first, last = (date.fromisoformat(cell) for cell in burst.cells)
    assert START + timedelta(days=495) <= first <= last <= START + timedelta(days=515)
    # Rows of 100 each: what lies in the window, less the few expected there.
    assert 5_000 < burst.excess < 7_100 and burst.rows == rise.rows == "window"
    assert rise.cells[0] in ("2023-12-01", "2024-01-01", "2024-02-01")
    assert (burst.undue == 0) == (kind == "member")


def test_an_account_of_claims_alone_is_its_providers() -> None:
    assert not named("account", world("account").assign(benefit_payments=0))


@pytest.mark.parametrize("kind", OTHERS)
def test_chance_names_nobody(kind: Subject) -> None:
    assert not named(kind, world(kind, seed=8, suspects=False))
