"""Change points: a lasting rise of a monthly series, the peers' calendar taken out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import numpy.typing as npt
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
from detectors.deviation.methods.change import lag_one, shift
from detectors.deviation.methods.seasonality import CYCLES, deseasonalised
from detectors.deviation.shape import What, matrix, totals
from features.catalogue import Subject
from features.series import months_between

YEAR = 12


@dataclass(frozen=True)
class Rises:
    """By row the likeliest rise: one-sided p-value, t, logarithm of the ratio, first month."""

    p: Values
    t: Values
    size: Values
    since: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Months:
    """A group's calendar, how alike neighbouring months are, and its members' changes in size."""

    calendar: Values
    resemblance: float
    changes: Values


@dataclass(frozen=True)
class ChangePoint:
    """A subject's monthly rows beside its peers' calendar: one lasting rise of level.

    Worsley 1979 (``methods.change``) on the logarithm of observed over expected, from the first to
    the last active month; from three years on, a season that is the provider's own is taken out too
    (``methods.seasonality``). The rise must also be large beside the peers' own likeliest changes:
    of the two p-values the greater counts. The money is what was paid since the rise beyond the
    level before it.

    Args:
        unit: what the rows are: lines, payments, leaves.
        among: profile column; who has nothing in it is not compared.
        fewest: rows in the period; ``months``: months from the first to the last active one.
        times: least ratio of the level after to the level before.
    """

    fewest: int = 60
    months: int = 9
    times: float = 2.5
    undue: float = 0.25
    strength: float = 0.5
    widest: int = 3
    name: str = "change_point"
    subject: Subject = "provider"
    among: str = ""
    unit: str = "lines"
    test: ClassVar[str] = "t"
    rows: ClassVar[Rows] = "window"
    shaped: ClassVar[bool] = True
    narrowest: ClassVar[int] = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it reads."""
        own = ("by_month_keys", "by_month_lines", "by_month_cents", *PERIOD)
        return (*own, self.among) if self.among else own

    @property
    def label(self) -> str:
        """As a reason names it."""
        return f"{self.unit} a month after a rise"

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Subjects with enough rows over enough months."""
        span = open_span(_series(frame, "lines")).sum(axis=1)
        many = (totals(frame, "month") >= self.fewest) & (span >= self.months)
        return having(frame[many], self.among)

    def fit(self, peers: pd.DataFrame) -> Months:
        """The peers' calendar, the resemblance of neighbouring months, and the peers' rises."""
        counts = _series(peers, "lines")
        calendar, spans = calendar_of(counts), open_span(counts)
        whole = counts[spans.all(axis=1)]
        rho = 0.0
        if len(whole) >= 5:
            ratios = np.array([_ratio(row, calendar) for row in whole])
            # Residuals from a series' own mean are too unlike by 1/n, which is given back.
            rest = ratios - ratios.mean(axis=1, keepdims=True)
            rho = max(0.0, lag_one(rest) + 1.0 / whole.shape[1])
        # By chance rises are as large as falls: the sizes of both tell what is usual.
        return Months(calendar, rho, np.abs(_rises(counts, spans, calendar, rho).size))

    def judge(self, rows: pd.DataFrame, known: Months) -> pd.DataFrame:
        """One-sided p-values of a rise; falls and flat series have 1."""
        counts, cents = _series(rows, "lines"), _series(rows, "cents")
        spans, (first, last) = open_span(counts), first_last(rows)
        found = _rises(counts, spans, known.calendar, known.resemblance)
        later = (np.arange(counts.shape[1]) >= found.since[:, None]) & (spans > 0)
        after = (counts * later).sum(axis=1) / np.maximum(later.sum(axis=1), 1)
        times = np.exp(np.maximum(found.size, 0.0))
        stake = (cents * later).sum(axis=1) / 100
        cells = [[_month(first, since).isoformat(), last.isoformat()] for since in found.since]
        return judged(
            rows,
            observed=after,
            expected=after / times,
            base=spans.sum(axis=1),
            stake=stake,
            excess=stake * (1 - 1 / times),
            statistic=found.t,
            p=np.maximum(found.p, beyond_peers(found.size, known.changes)),
            effect=found.size,
            enough=times >= self.times,
            cells=cells,
            facts=[{"since": c[0], "said": f"since {c[0][:7]}"} for c in cells],
        )


def _series(frame: pd.DataFrame, what: What) -> Values:
    keys = [str(n) for n in range(months_between(*first_last(frame)))]
    return matrix(frame, "month", what, keys)


def _ratio(counts: Values, calendar: Values) -> Values:
    """Logarithm of a series over what the calendar makes of its total."""
    expected = calendar / calendar.sum() * counts.sum()
    return np.asarray(np.log((counts + 0.5) / (expected + 0.5)), dtype=np.float64)


def _rises(counts: Values, spans: Values, calendar: Values, rho: float) -> Rises:
    size = len(counts)
    found = Rises(np.ones(size), np.zeros(size), np.zeros(size), np.zeros(size, np.int64))
    for row in range(size):
        active = np.flatnonzero(spans[row])
        series = _ratio(counts[row, active], calendar[active])
        if len(series) >= CYCLES * YEAR:
            series = deseasonalised(series, YEAR)
        best = shift(series, rho)
        if best is None:
            continue
        found.t[row], found.size[row] = best.statistic, best.after - best.before
        found.since[row] = active[best.at]
        if best.statistic > 0:
            found.p[row] = best.p / 2
    return found


def _month(first: date, later: int) -> date:
    months = 12 * first.year + first.month - 1 + int(later)
    return max(first, date(months // 12, months % 12 + 1, 1))
