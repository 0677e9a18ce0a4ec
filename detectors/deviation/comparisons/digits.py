"""Amounts as numbers: gathered under a limit, or unlike Benford's law where it may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import stats

from detectors.deviation.comparison import Values, doubles, judged, part_beyond
from detectors.deviation.comparisons.rates import Funnel
from detectors.deviation.evidence_rows import Rows
from detectors.deviation.methods.benford import fit as benford_fit
from detectors.deviation.methods.benford import inapplicable
from detectors.deviation.methods.funnel import (
    between_variance,
    proportions,
    random_effects_z,
    winsorised,
)
from detectors.deviation.shape import What, lists, matrix, totals
from features.catalogue import Subject
from features.digits import LIMITS_CENTS, NEAR

SIDES = tuple(f"{limit}{side}" for limit in LIMITS_CENTS for side in "-+")


@dataclass(frozen=True)
class Hugging:
    """Charges gathered just under a round limit, against the peers' share of charges there.

    The share of a provider's lines charged within a tenth below a limit: a proportion in the peers'
    funnel (``methods.funnel``), which takes tariffs that happen to lie there into account. Charges
    that spread evenly over the limit gather nowhere: those above it must be few. Of all limits the
    clearest counts, its p-value multiplied by their number.

    Args:
        fewest: lines with which a provider is judged.
        points: least difference from the peers' share.
        sides: least ratio of charges just below a limit to those just above it.
    """

    fewest: int = 40
    points: float = 0.5
    sides: float = 3.0
    undue: float = 0.25
    strength: float = 0.8
    widest: int = 3
    name: ClassVar[str] = "just_below_limit"
    subject: ClassVar[Subject] = "provider"
    label: ClassVar[str] = "charges just below a limit"
    unit: ClassVar[str] = "share"
    test: ClassVar[str] = "funnel z"
    rows: ClassVar[Rows] = "amounts"
    shaped: ClassVar[bool] = True
    narrowest: ClassVar[int] = 0
    columns: ClassVar[tuple[str, ...]] = ("by_near_keys", "by_near_lines", "by_near_cents", "lines")

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Providers with enough lines."""
        return frame[doubles(frame["lines"]) >= self.fewest]

    def fit(self, peers: pd.DataFrame) -> tuple[Funnel, ...]:
        """By limit the peers' funnel of shares just below it."""
        lines, below = doubles(peers["lines"]), _sides(peers, "lines")[:, :, 0]
        found = []
        for near in below.T:
            share = near / lines
            # One line among all peers at the least: a target of nothing has no standard error.
            target = max(float((winsorised(share) * lines).sum()), 1.0) / float(lines.sum())
            units = proportions(near, lines, target)
            upper = float(np.quantile(share, 0.75))
            found.append(Funnel(target, between_variance(units), upper))
        return tuple(found)

    def judge(self, rows: pd.DataFrame, known: tuple[Funnel, ...]) -> pd.DataFrame:
        """The clearest limit of each provider."""
        lines, row = doubles(rows["lines"]), np.arange(len(rows))
        sides, money = _sides(rows, "lines"), _sides(rows, "cents")
        apart = np.array(
            [
                random_effects_z(proportions(near, lines, funnel.target), funnel.tau2)
                for near, funnel in zip(sides[:, :, 0].T, known, strict=True)
            ]
        )
        best = apart.argmax(axis=0)
        z, below, above = apart[best, row], sides[row, best, 0], sides[row, best, 1]
        target = np.array([known[place].target for place in best], dtype=np.float64)
        upper = np.array([known[place].upper for place in best], dtype=np.float64)
        share, stake = below / lines, money[row, best, 0] / 100
        limits = [LIMITS_CENTS[place] for place in best]
        return judged(
            rows,
            observed=share,
            expected=target,
            upper=upper,
            base=lines,
            stake=stake,
            excess=stake * part_beyond(share, upper),
            statistic=z,
            p=np.minimum(1.0, np.asarray(stats.norm.sf(z)) * len(known)),
            effect=z,
            enough=(share - target >= self.points) & (below >= self.sides * above),
            cells=[_band(limit) for limit in limits],
            facts=[
                {"limit": limit / 100, "said": f"limit {limit / 100:.0f}", "above": int(beyond)}
                for limit, beyond in zip(limits, above, strict=True)
            ],
        )


def _sides(frame: pd.DataFrame, what: What) -> Values:
    """By subject and limit what lies just below it and just above it."""
    return matrix(frame, "near", what, SIDES).reshape(len(frame), len(LIMITS_CENTS), 2)


def _band(limit: int) -> list[str]:
    return [str(round((1 - NEAR) * limit)), str(limit - 1)]


@dataclass(frozen=True)
class Benford:
    """First or second digits of a provider's charges against Benford's law, where it may be asked.

    ``methods.benford``. Providers whose charges span less than two orders of magnitude, or look
    like a tariff, are not tested. A lead: invented amounts have even digits, honest ones may too.
    """

    position: Literal["first", "second"] = "first"
    undue: float = 0.0
    strength: float = 0.4
    widest: int = 5
    subject: ClassVar[Subject] = "provider"
    unit: ClassVar[str] = "share"
    test: ClassVar[str] = "χ²"
    rows: ClassVar[Rows] = "all"
    shaped: ClassVar[bool] = True
    narrowest: ClassVar[int] = 0
    columns: ClassVar[tuple[str, ...]] = ("by_amount_keys", "by_amount_lines", "by_amount_cents")

    @property
    def name(self) -> str:
        """``benford`` for first digits, ``benford_second`` for second ones."""
        return "benford" if self.position == "first" else "benford_second"

    @property
    def label(self) -> str:
        """As a reason names it."""
        return f"mean deviation of {self.position} digits from Benford's law"

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Providers of whose amounts the law may be asked."""
        may = [
            self._may(keys, lines)
            for keys, lines in zip(
                lists(frame, "by_amount_keys"), lists(frame, "by_amount_lines"), strict=True
            )
        ]
        return frame[np.asarray(may, dtype=bool)]

    @staticmethod
    def _may(keys: Values, lines: Values) -> bool:
        """Whether cells of two digits and a magnitude speak of amounts that mix freely."""
        if not len(keys):
            return False
        cells, many = np.asarray(keys, dtype=np.int64), np.asarray(lines, dtype=np.float64)
        logs = cells // 100 - 2 + np.log10(cells % 100)
        order = np.argsort(logs)
        run = np.cumsum(many[order]) / many.sum()
        low, high = (logs[order][np.searchsorted(run, part)] for part in (0.01, 0.99))
        span = float(high - low)
        commonest = float(many.max() / many.sum())
        return inapplicable(int(many.sum()), span, len(cells), commonest) is None

    def fit(self, peers: pd.DataFrame) -> float:
        """The peers' median deviation: what is usual where the law is asked."""
        found = [benford_fit(row, self.position).deviation for row in self._digits(peers)]
        return float(np.median(found))

    def judge(self, rows: pd.DataFrame, known: float) -> pd.DataFrame:
        """χ² and Nigrini's bands."""
        found = [benford_fit(row, self.position) for row in self._digits(rows)]
        deviation = np.array([one.deviation for one in found], dtype=np.float64)
        stake = totals(rows, "amount", "cents") / 100
        return judged(
            rows,
            observed=deviation,
            expected=np.full(len(rows), known),
            base=totals(rows, "amount"),
            stake=stake,
            excess=np.zeros(len(rows)),
            statistic=np.array([one.statistic for one in found], dtype=np.float64),
            p=np.array([one.p for one in found], dtype=np.float64),
            effect=deviation,
            enough=np.array([one.conformity == "none" for one in found], dtype=bool),
            facts=[{"conformity": one.conformity} for one in found],
        )

    def _digits(self, frame: pd.DataFrame) -> Values:
        first = self.position == "first"
        counts = np.zeros((len(frame), 9 if first else 10), dtype=np.float64)
        held = zip(lists(frame, "by_amount_keys"), lists(frame, "by_amount_lines"), strict=True)
        for row, (keys, lines) in enumerate(held):
            two = np.asarray(keys, dtype=np.int64) % 100
            digit = two // 10 - 1 if first else two % 10
            counts[row] = np.bincount(digit, np.asarray(lines, np.float64), counts.shape[1])
        return counts
