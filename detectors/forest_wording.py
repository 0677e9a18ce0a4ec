"""What isolated a subject, in words, and what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from detectors.deviation.evidence import Rows
from detectors.deviation.findings import Statement, score_of, significant, undue_share
from detectors.deviation.wording import amount, peers_in_words
from detectors.forest_model import PeerForests
from features.catalogue import Feature, Subject
from features.peers import LADDERS

NAMED = 4
LEAST_DISTANCE = 2.0
"""Spreads from the peers' median from which a feature may be said to drive a score."""

# Features whose excess is a part of all that was paid; of the others the money is only a lead.
INTENSITIES = frozenset(
    {
        "paid_per_member",
        "paid_per_line",
        "paid_per_visit",
        "paid_per_day",
        "lines_per_member",
        "lines_per_visit",
        "visits_per_member",
        "leave_paid_per_worker",
        "benefit_per_day",
    }
)
ROWS: dict[str, Rows] = {
    "weekend_share": "weekend",
    "high_level_share": "high_level",
    "small_share": "small",
    "small_only_members_share": "small",
    "small_members_per_day": "small",
    "peak_month_ratio": "peak_month",
    "supply_ratio": "drugs",
    "controlled_supply": "drugs",
    "controlled_share": "drugs",
    "pharmacies": "drugs",
}
OF_BENEFITS = frozenset(
    {
        "benefit_types",
        "spells",
        "certifiers",
        "benefit_accounts",
        "benefit_day_ratio",
        "benefit_per_day",
        "monday_share",
    }
)


@dataclass(frozen=True)
class Driver:
    """A costly feature that raised a score."""

    feature: Feature
    observed: float
    expected: float
    upper: float
    distance: float
    drop: float

    def words(self) -> str:
        """As a reason names it: times the peers' value, or both shares."""
        if self.feature.scale == "log" and self.expected > 0:
            times = self.observed / self.expected
            return f"{self.feature.label} {times:.1f} × peers ({self._of(self.observed)})"
        told = f"{self._of(self.observed)} against {self._of(self.expected)}"
        if self.feature.unit == "share":
            return f"{told} {self.feature.label}"
        return f"{self.feature.label} {told}"

    def _of(self, value: float) -> str:
        return amount(value, self.feature.unit)


def drivers(
    model: PeerForests, row: pd.Series, drops: npt.NDArray[np.float64], costly: float
) -> list[Driver]:
    """The costly features behind a score, strongest first; none where they explain too little."""
    frame = row.to_frame().T
    raw = model.raw(frame)[0]
    far = model.distances(frame, frame["peer_group"])[0]
    group = row["peer_group"]
    rises = np.maximum(drops, 0.0)
    found = [
        Driver(
            feature,
            float(raw[place]),
            float(model.usual[group][place]),
            float(model.upper[group][place]),
            float(far[place]),
            float(rises[place]),
        )
        for place, feature in enumerate(model.features)
        if feature.direction != "both" and far[place] >= LEAST_DISTANCE and rises[place] > 0
    ]
    explained = sum(driver.drop for driver in found)
    if not found or explained < costly * rises.sum():
        return []
    return sorted(found, key=lambda driver: (-driver.drop, driver.feature.name))


def _money(
    found: list[Driver], subject: Subject, row: pd.Series
) -> tuple[float, float, float, Rows]:
    """Stake, excess, its undue share and the rows that carry it."""
    chief = next((d for d in found if d.feature.name in INTENSITIES), found[0])
    name = chief.feature.name
    of_benefits = subject == "employer" or (subject == "member" and name in OF_BENEFITS)
    stake = float(row["benefits_paid" if of_benefits else "paid"] or 0)
    rows: Rows = ROWS.get(name, "all")
    if of_benefits:
        rows = "leave" if subject == "employer" else "benefits"
    if name in INTENSITIES:
        # A member's dear care may well be needed: that money is a lead, whatever its size.
        part, undue = 1.0 - chief.upper / chief.observed, 0.0 if subject == "member" else 1.0
    elif chief.feature.unit == "share":
        part, undue = chief.observed - chief.upper, 0.0
    else:
        part, undue = 0.0, 0.0
    undue = undue_share(undue, subject, row["peer_group"])
    return stake, round(max(0.0, stake) * max(0.0, part), 2), undue, rows


def forest_statement(
    model: PeerForests,
    row: pd.Series,
    drops: npt.NDArray[np.float64],
    subject_id: str,
    judged: Any,
) -> Statement | None:
    """One suspect as a statement, or nothing where no costly feature isolated it."""
    found = drivers(model, row, drops, judged.costly)
    if not found:
        return None
    stake, excess, undue, rows = _money(found, model.subject, row)
    tail = 1.0 - math.exp(-math.log(judged.tail / max(float(row["tail"]), 1e-300)) / 3.0)
    said = "; ".join(driver.words() for driver in found[:NAMED])
    group = str(
        LADDERS[model.subject].said(row.to_frame().T, pd.Series([row["peer_group"]])).iloc[0]
    )
    peers = peers_in_words(group, int(row["peer_size"]))
    return Statement(
        detector=f"forest.{model.subject}s",
        version=judged.version,
        subject_type=model.subject,
        subject_id=str(row[subject_id]),
        score=score_of(tail, excess / stake * undue if stake > 0 else 0.0),
        excess=excess,
        undue=undue,
        rows=rows,
        reason=f"Profile apart from {peers}: {said}",
        details={
            "anomaly": significant(float(row["anomaly"])),
            "tail": significant(float(row["tail"])),
            "forest": "own" if row["forest"] == row["peer_group"] else "pooled",
            "excess": excess,
            "undue_share": undue,
            "drivers": [
                {
                    "feature": driver.feature.name,
                    "observed": significant(driver.observed),
                    "expected": significant(driver.expected),
                    "distance": significant(driver.distance),
                    "part": significant(driver.drop),
                }
                for driver in found[:NAMED]
            ],
            "peers": {
                "group": group.split(":", 1)[1],
                "size": int(row["peer_size"]),
                "level": int(row["peer_level"]),
            },
        },
    )
