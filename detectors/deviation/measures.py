"""What subjects are compared on: one measure a finding, its money and its rows."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.deviation.evidence import Rows
from features.catalogue import Feature, Subject, feature


@dataclass(frozen=True)
class Measure:
    """One comparison of subjects with their peers.

    Args:
        name: the finding's detector is ``deviation.<name>``.
        feature_name: the profile's feature that is compared.
        base: profile column with the number of cases behind the feature.
        least: fewest cases with which a subject is judged.
        stake: profile column with the money that the feature carries; the excess is the part of it
            beyond the peers' upper quartile.
        rows: which detail rows carry the excess.
        undue: stated share of the excess believed paid in error; 0 for a lead.
        strength: how strongly it speaks at most, against the family's 0.7.
        widest: last rung of peers on which the comparison is still fair.
        prior: cases of the peers' norm that each subject is credited with (shrinkage).
        offset: added to the feature before its logarithm.
        limit: value up to which nothing is said, however unusual.
        direct: the whole stake is the excess.
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
    prior: float = 5.0
    offset: float = 0.0
    limit: float | None = None
    direct: bool = False

    @property
    def feature(self) -> Feature:
        """The register's entry of the feature compared."""
        return feature(self.subject, self.feature_name)

    @property
    def sign(self) -> int:
        """1 where high values are costly, -1 where low ones are."""
        return -1 if self.feature.direction == "low" else 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Profile columns that it reads."""
        return (self.feature_name, self.base, self.stake)


# Price and intensity belong to a specialty: they are judged among its own providers only.
MEASURES: tuple[Measure, ...] = (
    Measure("paid_per_member", "provider", "paid_per_member", "members", 10, "paid"),
    Measure("lines_per_member", "provider", "lines_per_member", "members", 10, "paid"),
    Measure("paid_per_line", "provider", "paid_per_line", "lines", 30, "paid"),
    Measure("lines_per_visit", "provider", "lines_per_visit", "visits", 30, "paid"),
    Measure(
        "upcoding",
        "provider",
        "high_level_share",
        "level_lines",
        30,
        "level_excess",
        rows="high_level",
    ),
    Measure(
        "burst",
        "provider",
        "peak_month_ratio",
        "lines",
        60,
        "peak_month_paid",
        rows="peak_month",
        undue=0.5,
        strength=0.6,
    ),
    Measure("growth", "provider", "growth", "lines", 60, "paid", undue=0.25, strength=0.5),
    Measure(
        "impossible_hours",
        "provider",
        "max_daily_hours",
        "work_days",
        1,
        "long_days_excess",
        rows="long_days",
        widest=5,
        prior=0.0,
        limit=16.0,
        direct=True,
    ),
    Measure(
        "weekend_share",
        "provider",
        "weekend_share",
        "lines",
        50,
        "weekend_paid",
        rows="weekend",
        undue=0.25,
        strength=0.6,
    ),
    Measure(
        "small_amounts",
        "provider",
        "small_members_per_day",
        "active_days",
        20,
        "small_paid",
        rows="small",
        undue=0.5,
        offset=0.1,
    ),
    Measure(
        "member_intensity",
        "member",
        "days_per_month",
        "active_days",
        12,
        "paid",
        undue=0.0,
        strength=0.5,
        widest=1,
    ),
    Measure(
        "providers_visited",
        "member",
        "providers",
        "providers",
        8,
        "paid",
        undue=0.0,
        strength=0.6,
        widest=1,
        offset=0.5,
    ),
    Measure(
        "pharmacies_visited",
        "member",
        "pharmacies",
        "pharmacies",
        4,
        "paid",
        rows="drugs",
        undue=0.0,
        strength=0.6,
        widest=1,
        offset=0.5,
    ),
    Measure(
        "drug_supply",
        "member",
        "supply_ratio",
        "supply_days",
        60,
        "paid",
        rows="drugs",
        undue=0.0,
        strength=0.6,
        widest=1,
        offset=0.1,
        limit=1.25,
    ),
    Measure(
        "benefit_days",
        "member",
        "benefit_day_ratio",
        "benefit_days",
        30,
        "benefits_paid",
        rows="benefits",
        undue=0.0,
        strength=0.6,
        widest=3,
        offset=0.1,
        limit=1.05,
    ),
    Measure(
        "leave_share",
        "employer",
        "leave_share",
        "workers",
        5,
        "leave_paid",
        rows="leave",
        undue=0.25,
        widest=4,
    ),
    Measure(
        "early_leave_share",
        "employer",
        "early_leave_share",
        "workers",
        5,
        "leave_paid",
        rows="leave",
        undue=0.5,
        widest=4,
    ),
    Measure(
        "headcount_gap",
        "employer",
        "headcount_gap",
        "workers",
        5,
        "due_for_known",
        rows="contributions",
        widest=4,
        limit=1.2,
    ),
)
