"""Bursts: the densest stretch of a subject's days, the peers' calendar and its own week out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import ClassVar

import numpy as np
import pandas as pd

from detectors.deviation.comparison import Values, judged
from detectors.deviation.comparisons.calendars import (
    PERIOD,
    beyond_peers,
    calendar_of,
    first_last,
    having,
    open_span,
)
from detectors.deviation.evidence_rows import Rows
from detectors.deviation.methods.scan import Chance, Scanned, chance, clumping, scan
from detectors.deviation.shape import What, matrix, totals
from features.catalogue import Subject

BLOCK = 30
"""Days of which no peer may give the calendar more than three usual ones."""


@dataclass(frozen=True)
class Days:
    """A group's calendar of days, and how dense its members' densest stretches are."""

    calendar: Values
    bursts: Values


@dataclass(frozen=True)
class Burst:
    """A subject that has most of its visits of a whole period in one short stretch.

    The temporal scan statistic of daily visits (``methods.scan``), divided by the clumping of the
    rest of the series. As courses of treatment clump too, the burst must also be dense beside the
    peers' own: of the two p-values the greater counts. The money is what was paid in the stretch
    beyond the expected visits' part of it. A campaign beside ordinary work is no burst: the stretch
    must hold most of all visits. Peers are of one kind of claim: a burst is one in any specialty,
    and a specialty may be small enough for a few bursts to look usual in it.

    Args:
        unit: what is counted: visits, payments to persons, leaves.
        among: profile column; who has nothing in it is not compared.
        fewest: visits in the period.
        lengths: of stretches, in days.
        times: least ratio of observed to expected visits in the stretch.
        part: least part of all visits that lie in it.
    """

    fewest: int = 30
    lengths: tuple[int, ...] = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60)
    times: float = 3.0
    part: float = 0.6
    undue: float = 1.0
    strength: float = 0.8
    widest: int = 3
    name: str = "burst"
    subject: Subject = "provider"
    among: str = ""
    unit: str = "visits"
    test: ClassVar[str] = "likelihood ratio"
    rows: ClassVar[Rows] = "window"
    shaped: ClassVar[bool] = True
    narrowest: int = 3

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it reads."""
        own = ("by_day_keys", "by_day_weights", "by_day_cents", *PERIOD)
        return (*own, self.among) if self.among else own

    @property
    def label(self) -> str:
        """As a reason names it."""
        return f"{self.unit} in a burst"

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Subjects with enough visits."""
        frame = having(frame, self.among)
        return frame[totals(frame, "day", "weights") >= self.fewest]

    def fit(self, peers: pd.DataFrame) -> Days:
        """The peers' calendar of days, and their own densest stretches."""
        visits = _series(peers, "weights")
        calendar = calendar_of(visits, BLOCK)
        return Days(calendar, np.log1p(self._densest(visits, calendar)[1]))

    def judge(self, rows: pd.DataFrame, known: Days) -> pd.DataFrame:
        """The densest stretch of each subject, and its chance."""
        visits, cents = _series(rows, "weights"), _series(rows, "cents")
        found, ratio, shares = self._densest(visits, known.calendar)
        total, first = visits.sum(axis=1), first_last(rows)[0]
        observed, expected = found.inside(visits), found.inside(shares) * total
        stake = found.inside(cents) / 100
        part = 1 - np.divide(expected, observed, out=np.ones_like(total), where=observed > 0)
        cells = [
            [(first + timedelta(days=int(day))).isoformat() for day in window]
            for window in zip(found.first, found.last, strict=True)
        ]
        times = observed / np.maximum(expected, 1e-9)
        p = chances(visits.shape[1], self.lengths).tail(ratio, total)
        return judged(
            rows,
            observed=observed,
            expected=expected,
            base=total,
            stake=stake,
            excess=stake * np.maximum(part, 0.0),
            statistic=ratio,
            p=np.maximum(p, beyond_peers(np.log1p(ratio), known.bursts)),
            effect=np.log1p(ratio),
            enough=(times >= self.times) & (observed >= self.part * total),
            cells=cells,
            facts=[{"window": c, "said": f"{c[0]} to {c[1]}"} for c in cells],
        )

    def _densest(self, visits: Values, calendar: Values) -> tuple[Scanned, Values, Values]:
        shares = _expected(visits, calendar)
        found = scan(visits, shares, self.lengths)
        return found, found.ratio / clumping(visits, shares, found), shares


def _series(frame: pd.DataFrame, what: What) -> Values:
    start, end = first_last(frame)
    return matrix(frame, "day", what, [str(n) for n in range((end - start).days + 1)])


def _expected(visits: Values, calendar: Values) -> Values:
    """Shares of days: the peers' calendar, bent to the provider's own week, while it is open.

    A provider's weekdays are credited with five visits of the peers' week.
    """
    weekday = np.arange(visits.shape[1]) % 7
    shares = np.zeros_like(visits)
    usual = np.bincount(weekday, calendar, 7)
    for number in range(7):
        here = weekday == number
        own = (visits[:, here].sum(axis=1) + 5 * usual[number]) / (visits.sum(axis=1) + 5)
        shares[:, here] = calendar[here] / max(usual[number], 1e-12) * own[:, None]
    shares *= open_span(visits)
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300))


@cache
def chances(days: int, lengths: tuple[int, ...]) -> Chance:
    """What the densest stretch of an even calendar reaches by chance; calendars differ little."""
    return chance(np.ones(days), lengths, totals=(30, 300, 3_000), simulations=99)
