"""What a deviation costs, and how it is said."""

from __future__ import annotations

import math
from typing import Any

from detectors.deviation.findings import Statement, score_of, significant, undue_share
from detectors.deviation.measures import Measure

TAIL = 4.0
"""Spreads beyond the threshold after which a finding is two thirds as strong as it can be."""


def excess_of(measure: Measure, row: Any) -> float:
    """Money beyond the peers' upper quartile, in currency: the part of the stake above it."""
    if measure.direct:
        return max(0.0, float(row.stake))
    high, low = (row.observed, row.upper) if measure.sign > 0 else (row.upper, row.observed)
    if not high > 0:
        return 0.0
    part = max(0.0, 1.0 - float(low) / float(high))
    return round(max(0.0, float(row.stake)) * part, 2)


def amount(value: float, unit: str) -> str:
    """A value in words of its unit."""
    if unit == "share":
        return f"{100 * value:.1f} %"
    text = f"{value:,.2f}"
    return {"currency": text, "ratio": f"{text} times"}.get(unit, f"{text} {unit}")


def peers_in_words(group: str, size: int) -> str:
    """The peers as a reason names them."""
    return f"{size} peers ({group.split(':', 1)[1]})"


def statement(measure: Measure, row: Any, threshold: float, version: str) -> Statement:
    """One flagged candidate as a statement, with what it needs to be checked."""
    excess = excess_of(measure, row)
    stake = max(float(row.stake), excess)
    tail = 1.0 - math.exp(-(float(row.z) - threshold) / TAIL)
    undue = undue_share(measure.undue, measure.subject, row.peer_group)
    money = excess / stake * undue if stake > 0 else 0.0
    unit = measure.feature.unit
    reason = (
        f"{measure.feature.label.capitalize()}: {amount(row.observed, unit)} against "
        f"{amount(row.expected, unit)} expected from "
        f"{peers_in_words(row.peer_group, int(row.peer_size))}; "
        f"z {row.z:.1f}, q {row.q:.2g}; {excess:,.2f} above expectation"
    )
    details = {
        "measure": measure.feature_name,
        "unit": unit,
        "observed": significant(row.observed),
        "expected": significant(row.expected),
        "upper_quartile": significant(row.upper),
        "threshold": significant(row.threshold),
        "cases": significant(row.base),
        "z": significant(row.z),
        "q": significant(row.q),
        "excess": round(excess, 2),
        "undue_share": undue,
        "peers": {
            "group": row.peer_group.split(":", 1)[1],
            "size": int(row.peer_size),
            "level": int(row.peer_level),
        },
    }
    return Statement(
        detector=f"deviation.{measure.name}",
        version=version,
        subject_type=measure.subject,
        subject_id=str(row.subject_id),
        score=score_of(tail, money, measure.strength),
        excess=excess,
        undue=undue,
        rows=measure.rows,
        reason=reason,
        details=details,
    )
