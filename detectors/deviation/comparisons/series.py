"""Change points and bursts: series by month and by day, the peers' calendar taken out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import ClassVar

import numpy as np
import pandas as pd

from detectors.deviation.comparison import Values, judged
from detectors.deviation.evidence_rows import Rows
from detectors.deviation.methods.change import lag_one, shift
from detectors.deviation.methods.scan import Chance, chance, clumping, scan
from detectors.deviation.shape import matrix, totals
from features.catalogue import Subject
from features.series import months_between
from features.shapes import shape_columns

PERIOD = ("period_start", "period_end")


def calendar_of(counts: Values) -> Values:
    """The peers' shares of each place, a large peer counting for three usual ones at most."""
    total = counts.sum(axis=1, keepdims=True)
    weight = np.minimum(1.0, 3.0 * np.median(total) / np.maximum(total, 1.0))
    held = (counts * weight).sum(axis=0) + 1e-6
    return np.asarray(held / held.sum(), dtype=np.float64)


def _first_last(frame: pd.DataFrame) -> tuple[date, date]:
    return frame["period_start"].iloc[0], frame["period_end"].iloc[0]


def _span(counts: Values) -> Values:
    """1 from a row's first to its last active place, else 0: opening and closing are no bursts."""
    active = counts > 0
    began = np.maximum.accumulate(active, axis=1)
    goes_on = np.maximum.accumulate(active[:, ::-1], axis=1)[:, ::-1]
    return (began & goes_on).astype(np.float64)


@dataclass(frozen=True)
class Months:
    """A group's calendar of months and how much its members' months resemble their neighbours."""

    calendar: Values
    resemblance: float


@dataclass(frozen=True)
class ChangePoint:
    """A provider's monthly lines beside its peers' calendar: one lasting rise of level.

    Worsley 1979 (``methods.change``) on the logarithm of observed over expected, from the first to
    the last active month. The money is what was paid since the rise beyond the level before it.

    Args:
        fewest: lines in the period; ``months``: active months in a row.
        times: least ratio of the level after to the level before.
    """

    fewest: int = 60
    months: int = 9
    times: float = 2.0
    undue: float = 0.25
    strength: float = 0.5
    widest: int = 3
    name: ClassVar[str] = "change_point"
    subject: ClassVar[Subject] = "provider"
    label: ClassVar[str] = "lines a month after a rise"
    unit: ClassVar[str] = "lines"
    test: ClassVar[str] = "t"
    rows: ClassVar[Rows] = "window"
    shaped: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = (
        "by_month_keys",
        "by_month_lines",
        "by_month_cents",
        *PERIOD,
    )

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Providers with enough lines over enough months."""
        span = _span(self._series(frame, "lines")).sum(axis=1)
        many = (totals(frame, "month") >= self.fewest) & (span >= self.months)
        found: pd.DataFrame = frame[many]
        return found

    def fit(self, peers: pd.DataFrame) -> Months:
        """The peers' calendar, and the resemblance of neighbouring months."""
        counts = self._series(peers, "lines")
        calendar = calendar_of(counts)
        ratio = np.array([self._ratio(row, calendar, np.ones_like(row)) for row in counts])
        whole = ratio[_span(counts).all(axis=1)]
        if len(whole) < 5:
            return Months(calendar, 0.0)
        # Residuals from a series' own mean are too alike by 1/n, which is given back.
        found = lag_one(whole - whole.mean(axis=1, keepdims=True)) + 1.0 / whole.shape[1]
        return Months(calendar, max(0.0, found))

    def judge(self, rows: pd.DataFrame, known: Months) -> pd.DataFrame:
        """One-sided p-values of a rise; falls and flat series have 1."""
        counts, cents = self._series(rows, "lines"), self._series(rows, "cents")
        spans, size, first = _span(counts), len(rows), _first_last(rows)[0]
        p, t, after, before, excess, stake = (np.zeros(size) for _ in range(6))
        cells: list[list[str]] = [[] for _ in range(size)]
        for n in range(size):
            active = np.flatnonzero(spans[n])
            found = shift(self._ratio(counts[n], known.calendar, spans[n])[active],
                          known.resemblance)  # fmt: skip
            p[n] = 1.0
            if found is None or found.statistic <= 0:
                continue
            since = active[found.at]
            p[n], t[n] = found.p / 2, found.statistic
            after[n] = counts[n, since : active[-1] + 1].mean()
            before[n] = after[n] * np.exp(found.before - found.after)
            stake[n] = cents[n, since:].sum() / 100
            excess[n] = stake[n] * (1 - before[n] / after[n])
            cells[n] = [_month(first, since).isoformat(), _first_last(rows)[1].isoformat()]
        times = np.divide(after, before, out=np.ones(size), where=before > 0)
        return judged(
            rows,
            observed=after,
            expected=before,
            base=spans.sum(axis=1),
            stake=stake,
            excess=excess,
            statistic=t,
            p=p,
            effect=times,
            enough=times >= self.times,
            cells=cells,
            facts=[{"since": c[0], "said": f"since {c[0][:7]}"} if c else {} for c in cells],
        )

    def _series(self, frame: pd.DataFrame, what: str) -> Values:
        keys = [str(n) for n in range(months_between(*_first_last(frame)))]
        return matrix(frame, "month", "lines" if what == "lines" else "cents", keys)

    @staticmethod
    def _ratio(counts: Values, calendar: Values, span: Values) -> Values:
        expected = calendar * span
        expected = expected / expected.sum() * counts.sum()
        return np.asarray(np.log((counts + 0.5) / (expected + 0.5)), dtype=np.float64)


def _month(first: date, later: int) -> date:
    months = 12 * first.year + first.month - 1 + int(later)
    return max(first, date(months // 12, months % 12 + 1, 1))


@dataclass(frozen=True)
class Burst:
    """A provider's daily visits beside its peers' calendar and its own week: the densest stretch.

    The temporal scan statistic (``methods.scan``), divided by the clumping of the rest of the
    series. The money is what was paid in the stretch beyond the expected visits' part of it.

    Args:
        fewest: visits in the period.
        lengths: of stretches, in days.
        times: least ratio of observed to expected visits in the stretch.
    """

    fewest: int = 40
    lengths: tuple[int, ...] = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60)
    times: float = 3.0
    undue: float = 0.5
    strength: float = 0.7
    widest: int = 3
    name: ClassVar[str] = "burst"
    subject: ClassVar[Subject] = "provider"
    label: ClassVar[str] = "visits in a burst"
    unit: ClassVar[str] = "visits"
    test: ClassVar[str] = "likelihood ratio"
    rows: ClassVar[Rows] = "window"
    shaped: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = (*shape_columns("day"), *PERIOD)

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Providers with enough visits."""
        return frame[totals(frame, "day", "weights") >= self.fewest]

    def fit(self, peers: pd.DataFrame) -> Values:
        """The peers' calendar of days."""
        return calendar_of(self._series(peers, "weights"))

    def judge(self, rows: pd.DataFrame, known: Values) -> pd.DataFrame:
        """The densest stretch of each provider, and its chance."""
        visits, cents = self._series(rows, "weights"), self._series(rows, "cents")
        shares = self._expected(visits, known)
        found = scan(visits, shares, self.lengths)
        total = visits.sum(axis=1)
        ratio = found.ratio / clumping(visits, shares, found)
        observed, expected = found.inside(visits), found.inside(shares) * total
        stake, first = found.inside(cents) / 100, _first_last(rows)[0]
        part = 1 - np.divide(expected, observed, out=np.ones_like(total), where=observed > 0)
        cells = [
            [(first + timedelta(days=int(day))).isoformat() for day in window]
            for window in zip(found.first, found.last, strict=True)
        ]
        times = observed / np.maximum(expected, 1e-9)
        return judged(
            rows,
            observed=observed,
            expected=expected,
            base=total,
            stake=stake,
            excess=stake * np.maximum(part, 0.0),
            statistic=ratio,
            p=chances(visits.shape[1], self.lengths).tail(ratio, total),
            effect=(observed + 0.5) / (expected + 0.5),
            enough=times >= self.times,
            cells=cells,
            facts=[{"window": c, "said": f"{c[0]} to {c[1]}"} for c in cells],
        )

    def _series(self, frame: pd.DataFrame, what: str) -> Values:
        start, end = _first_last(frame)
        keys = [str(n) for n in range((end - start).days + 1)]
        return matrix(frame, "day", "weights" if what == "weights" else "cents", keys)

    @staticmethod
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
        shares *= _span(visits)
        return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300))


@cache
def chances(days: int, lengths: tuple[int, ...]) -> Chance:
    """What the densest stretch of an even calendar reaches by chance; calendars differ little."""
    return chance(np.ones(days), lengths, totals=(30, 300, 3_000), simulations=99)
