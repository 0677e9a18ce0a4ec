"""How a deviation is said, and what of it is claimed."""

from __future__ import annotations

import json
import math
from typing import Any

from scipy import stats

from detectors.deviation.comparison import Comparison
from detectors.deviation.findings import Statement, score_of, significant, undue_share

THRESHOLD = 3.5
"""Distance at which a finding begins to speak, in standard deviations of the normal tail."""

TAIL = 4.0
"""Standard deviations beyond the threshold after which it is two thirds as strong as it can be."""


def amount(value: float, unit: str) -> str:
    """A value in words of its unit."""
    if unit == "share":
        return f"{100 * value:.1f} %"
    text = f"{value:,.2f}"
    return {"currency": text, "ratio": f"{text} times"}.get(unit, f"{text} {unit}")


def peers_in_words(group: str, size: int) -> str:
    """The peers as a reason names them."""
    return f"{size} peers ({group.split(':', 1)[1]})"


def strength_of(p: float, statistic: float, test: str) -> float:
    """How far in the tail, 0 at the threshold to 1: by z itself, else by the p-value's z."""
    z = statistic if test == "z" else float(stats.norm.isf(max(p, 1e-300)))
    return max(0.0, 1.0 - math.exp(-(z - THRESHOLD) / TAIL))


def statement(comparison: Comparison, row: Any, version: str) -> Statement:
    """One candidate that stands apart as a statement, with what it needs to be checked."""
    excess = float(row.excess)
    stake = max(float(row.stake), excess)
    undue = undue_share(comparison.undue, comparison.subject, row.peer_group)
    money = excess / stake * undue if stake > 0 else 0.0
    facts = json.loads(row.facts)
    more = f" ({facts.pop('said')})" if "said" in facts else ""
    unit = comparison.unit
    reason = (
        f"{comparison.label.capitalize()}: {amount(row.observed, unit)} against "
        f"{amount(row.expected, unit)} expected from "
        f"{peers_in_words(row.peer_group, int(row.peer_size))}{more}; "
        f"{comparison.test} {row.statistic:.1f}, q {row.q:.2g}; {excess:,.2f} above expectation"
    )
    known = {
        "observed": row.observed,
        "expected": row.expected,
        "upper_quartile": row.upper,
        "threshold": row.threshold,
        "cases": row.base,
        "z" if comparison.test == "z" else "statistic": row.statistic,
        "p": row.p,
        "q": row.q,
    }
    details = {
        "measure": comparison.name,
        "unit": unit,
        "test": comparison.test,
        **{name: significant(float(v)) for name, v in known.items() if math.isfinite(float(v))},
        "excess": round(excess, 2),
        "undue_share": undue,
        **facts,
        "peers": {
            "group": row.peer_group.split(":", 1)[1],
            "size": int(row.peer_size),
            "level": int(row.peer_level),
            "quantile": significant(float(row.quantile)),
        },
    }
    return Statement(
        detector=f"deviation.{comparison.name}",
        version=version,
        subject_type=comparison.subject,
        subject_id=str(row.subject_id),
        score=score_of(
            strength_of(row.p, row.statistic, comparison.test), money, comparison.strength
        ),
        excess=excess,
        undue=undue,
        rows=comparison.rows,
        cells=tuple(row.cells),
        reason=reason,
        details=details,
    )
