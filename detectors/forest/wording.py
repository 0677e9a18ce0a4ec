"""A suspect as a statement: why it stands apart, how sure that is, and what it costs."""

from __future__ import annotations

import math

import pandas as pd

from detectors.deviation.findings import Statement, score_of, significant
from detectors.deviation.wording import peers_in_words
from detectors.forest.drivers import Attribution, Driver
from detectors.forest.kinds import Kind
from detectors.forest.money import money_of

NAMED = 4
TAIL = 3.0
"""Natural logarithms of rarity beyond the threshold that make a finding two thirds as strong."""


def statement(
    kind: Kind,
    row: pd.Series,
    found: Attribution,
    threshold: float,
    version: str,
) -> Statement:
    """One suspect as a statement.

    Args:
        row: the profile with its scores and, of other seeds, ``agreeing``, ``seeds`` and
            ``rank_correlation``.
        found: its attribution, with at least one driver.
        threshold: the tail at which a finding begins.
    """
    money = money_of(found.drivers, kind, row)
    rarity = math.log(threshold / max(float(row["tail"]), 1e-300))
    agreeing, seeds = int(row["agreeing"]), int(row["seeds"])
    profile, own = row.to_frame().T, pd.Series([row["peer_group"]])
    group = str(kind.ladder.said(profile, own).iloc[0])
    peers = peers_in_words(group, int(row["peer_size"]))
    said = [driver.words() for driver in found.drivers[:NAMED]]
    if found.absences and found.absences[0].cuts > found.drivers[0].cuts:
        said.append(found.absences[0].words())
    if agreeing < seeds:
        said.append(f"unstable, {agreeing} of {seeds} forests agree")
    return Statement(
        detector=f"forest.{kind.subject}s",
        version=version,
        subject_type=kind.subject,
        subject_id=str(row[kind.key]),
        # What only some of the seeds see is worth as much less.
        score=score_of(1.0 - math.exp(-rarity / TAIL), money.share, agreeing / seeds),
        excess=money.excess,
        undue=money.undue,
        rows=money.rows,
        reason=f"Profile apart from {peers}: {'; '.join(said)}",
        details={
            "anomaly": significant(float(row["anomaly"])),
            "calibrated": round(1.0 - float(row["tail"]), 9),
            "tail": significant(float(row["tail"])),
            "forest": "own" if row["forest"] == row["peer_group"] else "pooled",
            "stable": agreeing == seeds,
            "seeds_agreeing": agreeing,
            "seeds": seeds,
            "rank_correlation": significant(float(row["rank_correlation"])),
            "path": significant(found.path),
            "expected_path": significant(found.expected),
            "excess": money.excess,
            "undue_share": money.undue,
            "explained": significant(found.explained),
            "drivers": [_told(driver) for driver in found.drivers[:NAMED]],
            "absent": [_told(driver) for driver in found.absences[:NAMED]],
            "peers": {
                "group": group.split(":", 1)[1],
                "size": int(row["peer_size"]),
                "level": int(row["peer_level"]),
            },
        },
    )


def _told(driver: Driver) -> dict[str, object]:
    shared = {
        "feature": driver.feature.name,
        "cuts": significant(driver.cuts),
        "part": significant(driver.share),
    }
    if driver.absent:
        return shared
    return {
        **shared,
        "observed": significant(driver.observed),
        "expected": significant(driver.expected),
        "distance": significant(driver.distance),
    }
