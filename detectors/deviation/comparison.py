"""What a way of comparing subjects with peers must offer, and what it gives for each of them.

A comparison is fitted on one group of peers at a time and then judges the rows of that group. Who
belongs to which group, who stands out of it, and how many tests a run made is known elsewhere, so
that every comparison is treated alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from detectors.deviation.evidence_rows import Rows
from features.catalogue import Subject

Values = npt.NDArray[np.float64]

ALPHA = 0.05
"""Only p-values up to this are kept: no adjusted one is lower than its own."""

JUDGED_DDL = (
    "observed double, expected double, upper double, threshold double, base double, stake double,"
    " excess double, statistic double, p double, effect double, enough boolean,"
    " cells array<string>, facts string"
)
CANDIDATE_DDL = (
    f"measure string, subject_id string, {JUDGED_DDL}, above boolean, quantile double,"
    " peer_group string, peer_level bigint, peer_size bigint, tested bigint"
)
JUDGED_COLUMNS, CANDIDATE_COLUMNS = (
    tuple(part.split()[0] for part in ddl.split(", ")) for ddl in (JUDGED_DDL, CANDIDATE_DDL)
)


@runtime_checkable
class Comparison(Protocol):
    """One dimension on which subjects are compared with their peers; a frozen dataclass.

    Args:
        name: findings are of detector ``deviation.<name>``.
        label: how a reason names what is compared.
        unit: of what was observed; a share lies in [0, 1].
        test: name of the statistic.
        rows: which detail rows carry the excess.
        undue: stated share of the excess believed paid in error; 0 for a lead.
        strength: how strongly it speaks at most, against the family's 0.7.
        narrowest: first rung of peers that it looks at, and ``widest`` the last one on which it is
            still fair.
        columns: columns of profile or shape that it reads.
        shaped: it reads shapes (``features.shapes``), not profiles alone.
    """

    @property
    def name(self) -> str: ...
    @property
    def subject(self) -> Subject: ...
    @property
    def label(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def test(self) -> str: ...
    @property
    def rows(self) -> Rows: ...
    @property
    def undue(self) -> float: ...
    @property
    def strength(self) -> float: ...
    @property
    def narrowest(self) -> int: ...
    @property
    def widest(self) -> int: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def shaped(self) -> bool: ...

    def eligible(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The subjects with enough cases to be judged, with what fitting and judging read."""
        ...

    def fit(self, peers: pd.DataFrame) -> Any:
        """What is usual among one group of peers (ten or more eligible subjects)."""
        ...

    def judge(self, rows: pd.DataFrame, known: Any) -> pd.DataFrame:
        """Columns :data:`JUDGED_COLUMNS` for eligible rows of one group, in their order."""
        ...


def judged(
    rows: pd.DataFrame,
    *,
    observed: Values,
    expected: Values,
    p: Values,
    statistic: Values,
    effect: Values,
    enough: npt.NDArray[np.bool_],
    stake: Values,
    excess: Values,
    base: Values,
    upper: Values | None = None,
    threshold: Values | None = None,
    cells: Sequence[list[str]] | None = None,
    facts: Sequence[Mapping[str, Any]] | None = None,
) -> pd.DataFrame:
    """A frame of :data:`JUDGED_COLUMNS` on the index of the rows judged.

    Args:
        effect: how far a subject lies from its peers, higher is farther, comparable within a group.
        enough: the difference matters, beyond being certain.
        stake: money that the tested rows carry; ``excess`` is the part above expectation.
        upper: what no more than a quarter of the peers exceed, where the excess begins.
        cells: what names the rows that carry the excess (codes, hours, days), by row.
    """
    nothing = np.full(len(rows), np.nan)
    found = pd.DataFrame(
        {
            "observed": observed,
            "expected": expected,
            "upper": nothing if upper is None else upper,
            "threshold": nothing if threshold is None else threshold,
            "base": base,
            "stake": stake,
            "excess": np.maximum(np.round(excess, 2), 0.0),
            "statistic": statistic,
            "p": p,
            "effect": effect,
            "enough": enough,
        },
        index=rows.index,
    )
    found["cells"] = pd.Series(cells or [[] for _ in range(len(rows))], rows.index, dtype=object)
    said = facts or [{} for _ in range(len(rows))]
    found["facts"] = as_text(said)
    return found[list(JUDGED_COLUMNS)]


def as_text(facts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Facts as a frame carries them: JSON, by row."""
    return [json.dumps(dict(fact), sort_keys=True) for fact in facts]


def part_beyond(observed: Values, limit: Values | float) -> Values:
    """The part of what was observed that lies beyond a limit, 0 where nothing does."""
    part = 1.0 - np.divide(limit, observed, out=np.ones_like(observed), where=observed > 0)
    return np.asarray(np.maximum(part, 0.0), dtype=np.float64)


def doubles(column: pd.Series) -> Values:
    """A column as doubles, NaN where it is null."""
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    return np.asarray(numbers, dtype=np.float64)
