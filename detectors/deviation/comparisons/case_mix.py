"""Providers against what their own cases let expect: cost, volume and length of stay.

Expected values are those of ``features.case_mix`` (indirect standardisation by age, sex, diagnosis
and procedure group). A provider is still compared with peers: what a kind of provider does beyond
its cells, all of its peers do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from detectors.deviation.comparison import Comparison, as_text, doubles
from detectors.deviation.comparisons.events import Events, Risk
from detectors.deviation.comparisons.measures import Measure
from detectors.deviation.robust import Norm

PEERS = 0.95
"""Part of the peers whose values lie in the interval that a finding tells."""


@dataclass(frozen=True)
class CaseMixRatio(Measure):
    """Robust z of the logarithm of observed over expected (``Measure``), told as amounts.

    Args:
        total: profile column with the expected total, of which the feature is the quotient.
        counted: the unit of both totals.
    """

    total: str = ""
    counted: str = ""

    @property
    def unit(self) -> str:
        """The unit of the totals."""
        return self.counted

    @property
    def columns(self) -> tuple[str, ...]:
        """Profile columns that it reads."""
        return (*super().columns, self.total)

    def judge(self, rows: pd.DataFrame, known: Norm) -> pd.DataFrame:
        """Robust z; observed, expected and the interval of 95 % of such peers as totals."""
        found, total = super().judge(rows, known), doubles(rows[self.total])
        base = rows["_base"].to_numpy(np.float64)
        reach = stats.t.isf((1 - PEERS) / 2, max(known.size - 1, 1)) * known.spread
        reach = reach * (base + self.prior) / base
        for name in ("observed", "expected", "upper", "threshold"):
            found[name] = found[name].to_numpy(np.float64) * total
        low, high = (np.exp(known.centre + sign * reach) * total for sign in (-1, 1))
        found["facts"] = as_text(
            _told(a, b, "95 % of such peers") for a, b in zip(low, high, strict=True)
        )
        return found


@dataclass(frozen=True)
class CaseMixVolume(Events):
    """Lines against those expected of the cases, with a negative binomial tail (``Events``).

    The lines of one person are no separate events: both counts are divided by the lines that a
    person of the group is expected to have, and the tail and the exact interval are those of so
    many clumps.

    Args:
        persons: profile column with the number of persons; fewer than ``fewest`` make no volume.
    """

    persons: str = "members"

    @property
    def columns(self) -> tuple[str, ...]:
        """Profile columns that it reads."""
        return (*super().columns, self.persons)

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The subjects with enough persons and lines expected of them."""
        return super().eligible(frame[doubles(frame[self.persons]) >= self.fewest])

    def fit(self, peers: pd.DataFrame) -> Risk:
        """The peers' ratio and overdispersion in clumps, and a clump's lines."""
        clump = max(1.0, float(peers["_exposure"].sum() / doubles(peers[self.persons]).sum()))
        return replace(super().fit(_clumps(peers, clump)), clump=clump)

    def judge(self, rows: pd.DataFrame, known: Risk) -> pd.DataFrame:
        """Mid-p tails of clumps; counts and interval are told as lines."""
        clump = known.clump
        found = super().judge(_clumps(rows, clump), known)
        for name in ("expected", "upper", "base"):
            found[name] = found[name].to_numpy(np.float64) * clump
        found["observed"] = rows["_events"].to_numpy(np.float64)
        facts = [json.loads(text) for text in found["facts"]]
        found["facts"] = as_text(
            {**fact, "clump": round(clump, 6)}
            | _told(clump * fact["interval"][0], clump * fact["interval"][1], "95 % interval")
            for fact in facts
        )
        return found


def _clumps(frame: pd.DataFrame, clump: float) -> pd.DataFrame:
    events = np.round(frame["_events"].to_numpy(np.float64) / clump)
    return frame.assign(_events=events, _exposure=frame["_exposure"] / clump)


def _told(low: float, high: float, words: str) -> dict[str, object]:
    said = f"{words} {low:,.0f} to {high:,.0f}"
    return {"interval": [round(float(low), 3), round(float(high), 3)], "said": said}


CASE_MIX: tuple[Comparison, ...] = (
    CaseMixRatio(
        "case_mix_cost",
        "provider",
        "paid_oe",
        "members",
        10,
        "paid",
        total="expected_paid",
        counted="currency",
    ),
    CaseMixVolume(
        "case_mix_volume",
        "provider",
        "lines billed for its case mix",
        "lines",
        "lines",
        "expected_lines",
        30,
        "paid",
        undue=1.0,
        times=1.5,
    ),
    CaseMixRatio(
        "length_of_stay",
        "provider",
        "stay_oe",
        "stays",
        10,
        "stay_paid",
        rows="stays",
        undue=0.5,
        total="expected_days",
        counted="days",
    ),
)
