"""What decisions so far say to a ranking; without any, it ranks by judgement alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pyspark.sql import Column


@dataclass(frozen=True)
class Experience:
    """Handed to :func:`cases.ranking.rank`; learned weights are the policy's.

    Args:
        settled: cases that are decided without news, snoozed or suppressed: ranked as all others,
            but no capacity is kept for them.
        muted: cases and detectors whose findings on them are suppressed.
        suspicion: the probability of a score, where decisions calibrate it.
        learned: by case, the probability of the learned order, where it is switched on.
    """

    settled: frozenset[str] = frozenset()
    muted: frozenset[tuple[str, str]] = frozenset()
    suspicion: Callable[[Column], Column] | None = None
    learned: Mapping[str, float] = field(default_factory=dict)
