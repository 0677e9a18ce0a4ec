"""Counts against what peers' rates give: visits, and members with tiny sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from detectors.deviation.comparison import doubles, judged, part_beyond
from detectors.deviation.evidence_rows import Rows
from detectors.deviation.methods.counts import garwood_limits, overdispersion, upper_tail
from detectors.deviation.methods.funnel import winsorised
from features.catalogue import Subject

MORE = 1.2
"""Least ratio of a part to the peers' upper quartile of it."""


@dataclass(frozen=True)
class Risk:
    """A group's rate of events by exposure, how much peers differ in it, and its upper quartile.

    Args:
        part: upper quartile of the events' part of what they are a part of.
        clump: events that come together and count as one.
    """

    rate: float
    alpha: float
    upper: float
    part: float = 0.0
    clump: float = 1.0


@dataclass(frozen=True)
class Events:
    """Observed over expected events, with a negative binomial tail (``methods.counts``).

    Args:
        label: what is counted, as a reason names it.
        event: profile column with the number of events, or with events by unit of exposure.
        per: the column that ``event`` is a rate of, where it is one.
        exposure: profile column that events are proportional to; none where each subject is one.
        least: least exposure, and ``fewest`` events, with which a subject is judged and named.
        stake: profile column with the events' money.
        of: profile column of which events are a part, where that part must lie a fifth above the
            peers' upper quartile too: who is only busier than peers has more of everything.
        times: least ratio of observed to expected.
    """

    name: str
    subject: Subject
    label: str
    unit: str
    event: str
    exposure: str
    least: float
    stake: str
    per: str = ""
    of: str = ""
    rows: Rows = "all"
    undue: float = 0.5
    strength: float = 1.0
    widest: int = 2
    fewest: float = 10
    times: float = 2.0
    test: ClassVar[str] = "observed/expected"
    shaped: ClassVar[bool] = False
    narrowest: ClassVar[int] = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Profile columns that it reads."""
        listed = (self.event, self.exposure, self.stake, self.per, self.of)
        return tuple(dict.fromkeys(name for name in listed if name))

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The subjects with enough exposure."""
        events = doubles(frame[self.event])
        exposure = doubles(frame[self.exposure]) if self.exposure else np.ones(len(frame))
        if self.per:
            events = np.round(events * doubles(frame[self.per]))
        stake = np.nan_to_num(doubles(frame[self.stake]))
        whole = doubles(frame[self.of]) if self.of else np.full(len(frame), np.inf)
        part = np.nan_to_num(events / np.maximum(whole, 1.0))
        found = frame.assign(_events=events, _exposure=exposure, _stake=stake, _part=part)
        return found[(exposure >= self.least) & np.isfinite(events)]

    def fit(self, peers: pd.DataFrame) -> Risk:
        """The peers' rate, its extremes drawn in, and their overdispersion."""
        events, exposure = (peers[name].to_numpy(np.float64) for name in ("_events", "_exposure"))
        rates = events / exposure
        rate = max(float((winsorised(rates) * exposure).sum() / exposure.sum()), 1e-9)
        alpha = overdispersion(events, rate * exposure)
        part = float(np.quantile(peers["_part"], 0.75)) if self.of else 0.0
        return Risk(rate, alpha, float(np.quantile(rates, 0.75)), part)

    def judge(self, rows: pd.DataFrame, known: Risk) -> pd.DataFrame:
        """Mid-p tails, and the exact interval of the observed count."""
        events, exposure, stake = (
            rows[name].to_numpy(np.float64) for name in ("_events", "_exposure", "_stake")
        )
        expected, upper = known.rate * exposure, known.upper * exposure
        ratio = events / np.maximum(expected, 1e-9)
        intervals = zip(*garwood_limits(events), strict=True)
        return judged(
            rows,
            observed=events,
            expected=expected,
            upper=upper,
            base=exposure,
            stake=stake,
            excess=stake * part_beyond(events, upper),
            statistic=ratio,
            p=upper_tail(events, expected, known.alpha),
            effect=(events + 0.5) / (expected + 0.5),
            enough=(events >= self.fewest)
            & (ratio >= self.times)
            & (rows["_part"].to_numpy(np.float64) >= MORE * known.part),
            facts=[
                {
                    "interval": [round(float(low), 3), round(float(high), 3)],
                    "overdispersion": round(known.alpha, 6),
                }
                for low, high in intervals
            ],
        )


EVENTS: tuple[Events, ...] = (
    Events(
        "small_amounts",
        "provider",
        "members with small amounts",
        "members",
        "small_members_per_day",
        "active_days",
        20,
        "small_paid",
        per="active_days",
        of="members",
        rows="small",
    ),
    Events("visits", "provider", "visits", "visits", "visits", "members", 10, "paid", undue=1.0),
)
"""Small amounts are tested on how many members have them: an amount is small for everyone, and only
their number makes the money (count × amount) that the finding claims."""
