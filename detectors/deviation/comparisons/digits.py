"""Amounts as numbers: gathered under a limit, or unlike Benford's law where it may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from detectors.deviation.comparison import Values, judged
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
from detectors.deviation.shape import lists, matrix, totals
from features.catalogue import Subject
from features.digits import LIMITS_CENTS, NEAR
from features.peers import NARROW

SIDES = tuple(f"{limit}{side}" for limit in LIMITS_CENTS for side in "-+")


@dataclass(frozen=True)
class Hugging:
    """Charges gathered just under a round limit, against the peers' share of those near it.

    Of all charges within a tenth of a limit, how many lie below it: a proportion in the peers'
    funnel (``methods.funnel``), which takes tariffs that happen to lie there into account. Of all
    limits the clearest counts, its p-value multiplied by their number.

    Args:
        fewest: charges near a limit with which a provider is judged.
        points: least difference from the peers' share below.
        part: least share of a provider's charges that lie just below.
    """

    fewest: int = 40
    points: float = 0.15
    part: float = 0.2
    undue: float = 0.25
    strength: float = 0.8
    widest: int = 3
    name: ClassVar[str] = "just_below_limit"
    subject: ClassVar[Subject] = "provider"
    label: ClassVar[str] = "charges just below a limit, of those near it"
    unit: ClassVar[str] = "share"
    test: ClassVar[str] = "funnel z"
    rows: ClassVar[Rows] = "amounts"
    shaped: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ("by_near_keys", "by_near_lines", "by_near_cents", "lines")

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Providers with enough charges near some limit."""
        near = matrix(frame, "near", "lines", SIDES).reshape(len(frame), -1, 2).sum(axis=2)
        found: pd.DataFrame = frame[(near >= self.fewest).any(axis=1)]
        return found

    def fit(self, peers: pd.DataFrame) -> dict[int, Funnel]:
        """By limit the peers' funnel, where ten of them have charges near it."""
        sides = matrix(peers, "near", "lines", SIDES).reshape(len(peers), -1, 2)
        found = {}
        for place, limit in enumerate(LIMITS_CENTS):
            below, near = sides[:, place, 0], sides[:, place].sum(axis=1)
            many = near >= self.fewest / 4
            if many.sum() < NARROW:
                continue
            share = below[many] / near[many]
            target = float((winsorised(share) * near[many]).sum() / near[many].sum())
            target = float(np.clip(target, 0.005, 0.995))
            units = proportions(below[many], near[many], target)
            upper = float(np.quantile(share, 0.75))
            found[limit] = Funnel(target, between_variance(units), upper)
        return found

    def judge(self, rows: pd.DataFrame, known: Mapping[int, Funnel]) -> pd.DataFrame:
        """The clearest limit of each provider."""
        size, total = len(rows), rows["lines"].to_numpy(dtype=np.float64)
        sides = matrix(rows, "near", "lines", SIDES).reshape(size, -1, 2)
        money = matrix(rows, "near", "cents", SIDES).reshape(size, -1, 2)
        z, best, tried = np.full(size, -np.inf), np.zeros(size, np.int64), np.zeros(size)
        for place, limit in enumerate(LIMITS_CENTS):
            below, near = sides[:, place, 0], sides[:, place].sum(axis=1)
            if limit not in known:
                continue
            many, funnel = near >= self.fewest, known[limit]
            units = proportions(below, np.maximum(near, 1), funnel.target)
            apart = np.where(many, random_effects_z(units, funnel.tau2), -np.inf)
            best, z = np.where(apart > z, place, best), np.maximum(z, apart)
            tried += many
        row = np.arange(size)
        below, near = sides[row, best, 0], sides[row, best].sum(axis=1)
        target = np.array([known[LIMITS_CENTS[b]].target if LIMITS_CENTS[b] in known else 1.0
                           for b in best])  # fmt: skip
        share = below / np.maximum(near, 1)
        stake = money[row, best, 0] / 100
        p = np.minimum(1.0, np.asarray(stats.norm.sf(z)) * np.maximum(tried, 1))
        return judged(
            rows,
            observed=share,
            expected=target,
            base=near,
            stake=stake,
            excess=stake * np.maximum(0.0, 1 - target / np.maximum(share, 1e-9)),
            statistic=np.maximum(z, -99.0),
            p=p,
            effect=share - target,
            enough=(share - target >= self.points) & (below >= self.part * total),
            cells=[_band(LIMITS_CENTS[b]) for b in best],
            facts=[
                {"limit": LIMITS_CENTS[b] / 100, "said": f"limit {LIMITS_CENTS[b] / 100:.0f}"}
                for b in best
            ],
        )


def _band(limit: int) -> list[str]:
    return [str(round((1 - NEAR) * limit)), str(limit - 1)]


@dataclass(frozen=True)
class Benford:
    """First digits of a provider's charges against Benford's law, only where it may be asked.

    ``methods.benford``. Providers whose charges span less than two orders of magnitude, or look
    like a tariff, are not tested. A lead: invented amounts have even digits, honest ones may too.
    """

    undue: float = 0.0
    strength: float = 0.4
    widest: int = 5
    name: ClassVar[str] = "benford"
    subject: ClassVar[Subject] = "provider"
    label: ClassVar[str] = "mean deviation of first digits from Benford's law"
    unit: ClassVar[str] = "share"
    test: ClassVar[str] = "χ²"
    rows: ClassVar[Rows] = "all"
    shaped: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ("by_amount_keys", "by_amount_lines", "by_amount_cents")

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
        found = [benford_fit(row, "first").deviation for row in self._digits(peers)]
        return float(np.median(found))

    def judge(self, rows: pd.DataFrame, known: float) -> pd.DataFrame:
        """χ² and Nigrini's bands."""
        found = [benford_fit(row, "first") for row in self._digits(rows)]
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

    @staticmethod
    def _digits(frame: pd.DataFrame) -> Values:
        counts = np.zeros((len(frame), 9), dtype=np.float64)
        held = zip(lists(frame, "by_amount_keys"), lists(frame, "by_amount_lines"), strict=True)
        for row, (keys, lines) in enumerate(held):
            first = np.asarray(keys, dtype=np.int64) % 100 // 10
            counts[row] = np.bincount(first - 1, np.asarray(lines, np.float64), 9)
        return counts
