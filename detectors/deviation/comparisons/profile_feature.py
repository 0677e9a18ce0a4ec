"""What comparisons of one feature of a profile have in common, whatever their statistic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from detectors.deviation.evidence_rows import Rows
from features.catalogue import Feature, Subject, feature


@dataclass(frozen=True)
class ProfileFeature:
    """One feature of a subject's profile, the cases behind it and the money it carries.

    Args:
        name: the finding's detector is ``deviation.<name>``.
        feature_name: the profile's feature that is compared.
        base: profile column with the number of cases behind the feature.
        least: fewest cases with which a subject is judged.
        stake: profile column with the money that the feature carries; the excess is the part of it
            beyond the peers' upper quartile.
    """

    name: str
    subject: Subject
    feature_name: str
    base: str
    least: float
    stake: str
    rows: Rows = "all"
    undue: float = 1.0
    strength: float = 1.0
    widest: int = 2
    shaped: ClassVar[bool] = False
    narrowest: ClassVar[int] = 0

    @property
    def feature(self) -> Feature:
        """The register's entry of the feature compared."""
        return feature(self.subject, self.feature_name)

    @property
    def label(self) -> str:
        """The feature as a reason names it."""
        return self.feature.label

    @property
    def columns(self) -> tuple[str, ...]:
        """Profile columns that it reads."""
        return tuple(dict.fromkeys((self.feature_name, self.base, self.stake)))
