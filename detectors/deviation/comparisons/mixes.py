"""Profiles over a day, a week and the digits of amounts, against the peers' profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from detectors.deviation.comparison import Values, judged, part_beyond
from detectors.deviation.evidence_rows import Rows
from detectors.deviation.methods.composition import Usual, mixes, usual
from detectors.deviation.shape import matrix, totals
from features.catalogue import Subject

HOURS = {str(hour): f"{hour // 3 * 3:02} to {hour // 3 * 3 + 3:02} h" for hour in range(24)}
DAYS = dict(
    zip("1234567", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True)
)  # fmt: skip
ENDINGS = {str(digit): f"ending in {digit}" for digit in range(10)}


@dataclass(frozen=True)
class Mix:
    """A provider's lines over a few categories, tested against the peers' Dirichlet-multinomial.

    A lead: what is named is the category that has most beyond the peers' share, and its lines.

    Args:
        part: of the shape.
        categories: by key of the part, the category in words.
        fewest: lines with which a provider is judged.
        points: least difference of the category's share from the peers', as a share.
    """

    name: str
    label: str
    part: str
    categories: Mapping[str, str]
    rows: Rows
    fewest: int = 100
    points: float = 0.2
    undue: float = 0.0
    strength: float = 0.5
    widest: int = 2
    subject: ClassVar[Subject] = "provider"
    unit: ClassVar[str] = "share"
    test: ClassVar[str] = "G/C"
    shaped: ClassVar[bool] = True
    narrowest: ClassVar[int] = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Shape columns that it reads."""
        return (f"by_{self.part}_keys", f"by_{self.part}_lines", f"by_{self.part}_cents")

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Providers with enough lines in the part."""
        return frame[totals(frame, self.part) >= self.fewest]

    def fit(self, peers: pd.DataFrame) -> Usual:
        """The peers' mix."""
        return usual(self._counts(peers, "lines"))

    def judge(self, rows: pd.DataFrame, known: Usual) -> pd.DataFrame:
        """The G test, and the category most over its share."""
        lines, cents = self._counts(rows, "lines"), self._counts(rows, "cents")
        found = mixes(lines, known)
        total, row = lines.sum(axis=1), np.arange(len(rows))
        most = ((lines - found.expected) / total[:, None]).argmax(axis=1)
        share, usual_share = lines[row, most] / total, known.shares[most]
        stake = cents[row, most] / 100
        words = list(dict.fromkeys(self.categories.values()))
        keys = [[k for k, word in self.categories.items() if word == words[m]] for m in most]
        return judged(
            rows,
            observed=share,
            expected=usual_share,
            base=total,
            stake=stake,
            excess=stake * part_beyond(share, usual_share),
            statistic=found.statistic,
            p=found.p,
            effect=share - usual_share,
            enough=share - usual_share >= self.points,
            cells=keys,
            facts=[{"category": words[m], "said": words[m], "rho": round(known.rho, 6)}
                   for m in most],
        )  # fmt: skip

    def _counts(self, frame: pd.DataFrame, what: str) -> Values:
        keys = list(self.categories)
        by_key = matrix(frame, self.part, "lines" if what == "lines" else "cents", keys)
        words = list(dict.fromkeys(self.categories.values()))
        place = [words.index(self.categories[key]) for key in keys]
        found = np.zeros((len(frame), len(words)), dtype=np.float64)
        np.add.at(found.T, place, by_key.T)
        return found


MIXES: tuple[Mix, ...] = (
    Mix("hours", "lines by time of day", "hour", HOURS, "hours"),
    Mix("weekdays", "lines by day of the week", "weekday", DAYS, "weekdays"),
    Mix(
        "last_digits",
        "last digits of charges",
        "ending",
        ENDINGS,
        "endings",
        fewest=300,
        points=0.3,
    ),
)
