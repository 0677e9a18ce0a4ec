"""Upcoding: the distribution of a family's levels against the peers', and its money by level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from detectors.deviation.comparison import Values, judged
from detectors.deviation.evidence_rows import Rows
from detectors.deviation.methods.composition import Usual, mixes, usual
from detectors.deviation.shape import keys_of, matrix, totals
from features.catalogue import Subject
from features.peers import NARROW

PART = "level"


@dataclass(frozen=True)
class Family:
    """A family of levels in one group: codes, their usual mix, and what a line of each pays."""

    codes: tuple[str, ...]
    mix: Usual
    price: Values


@dataclass(frozen=True)
class Levels:
    """A provider's lines by level, family by family, against its peers' Dirichlet-multinomial mix.

    The G test (``methods.composition``) tells that the mix differs; it is named where the peers'
    prices make the difference costly. Of several families the clearest counts, its p-value
    multiplied by their number. The money is what the lines cost at the peers' price of their level
    beyond what the peers' mix of levels would.

    Args:
        fewest: lines in a family with which a provider is judged in it.
        dearer: least ratio of the mean price of a line to that of the peers' mix.
    """

    fewest: int = 20
    dearer: float = 1.15
    undue: float = 1.0
    strength: float = 1.0
    widest: int = 3
    name: ClassVar[str] = "upcoding"
    subject: ClassVar[Subject] = "provider"
    label: ClassVar[str] = "price of a line by its level"
    unit: ClassVar[str] = "currency"
    test: ClassVar[str] = "G/C"
    rows: ClassVar[Rows] = "codes"
    shaped: ClassVar[bool] = True
    narrowest: ClassVar[int] = 0
    columns: ClassVar[tuple[str, ...]] = ("by_level_keys", "by_level_lines", "by_level_cents")

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Providers with enough lines that have a level."""
        return frame[totals(frame, PART) >= self.fewest]

    def fit(self, peers: pd.DataFrame) -> dict[str, Family]:
        """By family what is usual, where at least ten peers bill it."""
        families: dict[str, list[str]] = {}
        for key in keys_of(peers, PART):
            families.setdefault(key.split("|", 1)[0], []).append(key)
        found = {}
        for name, keys in families.items():
            lines, cents = matrix(peers, PART, "lines", keys), matrix(peers, PART, "cents", keys)
            many = lines.sum(axis=1) >= self.fewest
            if len(keys) < 2 or many.sum() < NARROW:
                continue
            price = cents.sum(axis=0) / np.maximum(lines.sum(axis=0), 1) / 100
            found[name] = Family(tuple(keys), usual(lines[many]), price)
        return found

    def judge(self, rows: pd.DataFrame, known: Mapping[str, Family]) -> pd.DataFrame:
        """The clearest family of each provider, or a p-value of 1 where it bills none of them."""
        size = len(rows)
        best: dict[str, Values] = {
            name: np.full(size, value)
            for name, value in {
                "p": 1.0, "statistic": 0.0, "observed": np.nan, "expected": np.nan, "base": 0.0,
                "stake": 0.0, "excess": 0.0,
            }.items()
        }  # fmt: skip
        cells: list[list[str]] = [[] for _ in range(size)]
        facts: list[dict[str, Any]] = [{} for _ in range(size)]
        judged_in = np.zeros(size)
        for family in known.values():
            lines = matrix(rows, PART, "lines", family.codes)
            total = lines.sum(axis=1)
            many = total >= self.fewest
            judged_in += many
            if not many.any():
                continue
            found = mixes(np.where(many[:, None], lines, 1.0), family.mix)
            money = ((lines - found.expected) * family.price).sum(axis=1)
            better = many & (money > 0) & (found.p < best["p"])
            for place in np.flatnonzero(better):
                best["p"][place], best["statistic"][place] = found.p[place], found.statistic[place]
                best["base"][place], best["excess"][place] = total[place], money[place]
                best["stake"][place] = lines[place] @ family.price
                best["observed"][place] = lines[place] @ family.price / total[place]
                best["expected"][place] = found.expected[place] @ family.price / total[place]
                cells[place], facts[place] = _said(family, lines[place], found.expected[place])
        dearer = np.nan_to_num(best["observed"] / best["expected"], nan=1.0)
        p = np.minimum(1.0, best.pop("p") * np.maximum(judged_in, 1))
        return judged(
            rows, p=p, effect=dearer, enough=dearer >= self.dearer, cells=cells, facts=facts, **best
        )


def _said(family: Family, lines: Values, expected: Values) -> tuple[list[str], dict[str, Any]]:
    """The codes that carry the excess, and the distribution as a finding tells it."""
    names = [key.split("|", 1)[1] for key in family.codes]
    order = np.argsort(family.price, kind="stable")
    usual_price = expected @ family.price / expected.sum()
    dear = [
        names[n] for n in order if lines[n] > expected[n] and family.price[n] > usual_price
    ]  # fmt: skip
    levels = [
        {
            "code": names[n],
            "lines": int(lines[n]),
            "expected": round(float(expected[n]), 1),
            "excess": round(float((lines[n] - expected[n]) * family.price[n]), 2),
        }
        for n in order
    ]
    told = ", ".join(
        f"{one['code']} {one['lines']} for {one['expected']:.0f}" for one in levels[-3:]
    )
    return dear, {"levels": levels, "rho": round(family.mix.rho, 6), "said": f"lines {told}"}
