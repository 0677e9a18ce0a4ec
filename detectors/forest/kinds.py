"""The kinds of subjects that forests judge, each with its features, peers and money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from features.catalogue import Feature, features_of
from features.claim_features import CLAIM_FEATURES
from features.claim_profiles import CLAIM_LADDER
from features.peers import LADDERS, UNKNOWN_WORK, Ladder, columns_of

Judged = Literal["provider", "member", "employer", "claim"]


@dataclass(frozen=True)
class Kind:
    """One kind of subject.

    Args:
        key: the column that names the subject.
        features: what its forests see.
        columns: profile columns that its peer group is made of.
        cases: the column that counts a subject's cases, where chance in few of them is to be
            feared: distances are drawn to the peers by n / (n + ``least``).
        least: the fewest cases with which a subject is judged.
        money: columns of what was paid.
        grouped: whether large peer groups have forests of their own. Distances are from the peers
            in any case, so one forest serves kinds whose groups do the same things.
    """

    subject: Judged
    key: str
    features: tuple[Feature, ...]
    ladder: Ladder
    columns: tuple[str, ...]
    cases: str | None
    least: float
    money: tuple[str, ...]
    grouped: bool = False

    def judged(self, frame: pd.DataFrame) -> pd.Series:
        """Whether a subject has enough cases to be judged."""
        if self.cases is None:
            return pd.Series(True, frame.index)
        return frame[self.cases].fillna(0).ge(self.least)

    def alike(self, group: str) -> bool:
        """Whether the peers of a group are known to do the same kind of work."""
        rung, words = group.split(":", 1)
        return int(rung) <= self.ladder.narrow and not words.startswith(UNKNOWN_WORK)


def seen(features: tuple[Feature, ...]) -> tuple[Feature, ...]:
    """The features a forest sees: none that grows with size, none without a side."""
    return tuple(f for f in features if not f.total and f.direction != "none")


def kind_of(subject: Judged) -> Kind:
    """The kind of that name."""
    if subject == "claim":
        return Kind(
            "claim",
            "claim",
            seen(CLAIM_FEATURES),
            CLAIM_LADDER,
            ("specialty", "claim_type"),
            None,
            1.0,
            ("paid",),
        )
    key, cases, least, money = {
        "provider": ("provider_id", "members", 10.0, ("paid",)),
        "member": ("person_id", "lines", 10.0, ("paid", "benefits_paid")),
        "employer": ("employer_id", "workers", 5.0, ("benefits_paid",)),
    }[subject]
    return Kind(
        subject,
        key,
        seen(features_of(subject)),
        LADDERS[subject],
        columns_of(subject),
        cases,
        least,
        money,
        grouped=subject == "provider",
    )
