"""Comparing subjects with their groups: fitted on all rungs, judged on the narrowest fair one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detectors.deviation.comparison import (
    ALPHA,
    CANDIDATE_COLUMNS,
    Comparison,
    Values,
)
from features.peers import ENOUGH, LADDERS, NARROW, assign, columns_of, group_sizes


@dataclass(frozen=True)
class Standing:
    """The effects of one group's members, lowest first: where a subject stands among them."""

    effects: Values

    @property
    def cut(self) -> float:
        """At most five members, or one in a hundred, lie above it."""
        n = len(self.effects)
        rank = min(n - 1, max(5, int(np.ceil(0.01 * n))))
        return float(self.effects[n - 1 - rank])

    def quantile(self, effects: Values) -> Values:
        """Part of the members that lie below."""
        return np.searchsorted(self.effects, effects, side="left") / len(self.effects)


@dataclass(frozen=True)
class Fitted:
    """One comparison fitted: by group what is usual and who stands where, and groups' sizes."""

    usual: Mapping[str, Any]
    standing: Mapping[str, Standing]
    sizes: Mapping[str, int]


Known = Mapping[str, Fitted]


def fitted(frame: pd.DataFrame, comparisons: Iterable[Comparison], whole: bool = True) -> Known:
    """Every comparison fitted on the groups of its ladder in which subjects are judged.

    Args:
        frame: profiles (and shapes) of one kind of subject, or a sample of them.
        whole: the frame holds everyone, so that groups nobody stands in need no norm.
    """
    return {comparison.name: _fitted(frame, comparison, whole) for comparison in comparisons}


def _fitted(frame: pd.DataFrame, comparison: Comparison, whole: bool) -> Fitted:
    if frame.empty:
        return Fitted({}, {}, {})
    rows = comparison.eligible(frame)
    ladder = LADDERS[comparison.subject]
    keys = ladder.keys(rows)
    sizes = group_sizes(keys[comparison.narrowest :])
    used = set(assign(keys, sizes, ladder)["peer_group"])
    usual: dict[str, Any] = {}
    standing: dict[str, Standing] = {}
    for key in keys[comparison.narrowest : comparison.widest + 1]:
        for group, peers in rows.groupby(key):
            if len(peers) >= NARROW and (group in used or not whole):
                usual[str(group)] = comparison.fit(peers)
                effects = comparison.judge(peers, usual[str(group)])["effect"].to_numpy(np.float64)
                standing[str(group)] = Standing(np.sort(effects))
    return Fitted(usual, standing, sizes)


def judge(
    frame: pd.DataFrame,
    subject_id: str,
    comparisons: Iterable[Comparison],
    known: Known,
    alpha: float = ALPHA,
) -> pd.DataFrame:
    """Subjects who stand apart with p ≤ α, comparison by comparison, and how many each tested.

    Returns:
        Columns of ``CANDIDATE_DDL``; a row without a subject carries a number of tests.
    """
    found = [_judged(frame, subject_id, one, known[one.name], alpha) for one in comparisons]
    return pd.concat(found, ignore_index=True)[list(CANDIDATE_COLUMNS)]


def _judged(
    frame: pd.DataFrame, subject_id: str, comparison: Comparison, known: Fitted, alpha: float
) -> pd.DataFrame:
    if frame.empty:
        return _counted(comparison, 0)
    rows, ladder = comparison.eligible(frame), LADDERS[comparison.subject]
    peers = assign(ladder.keys(rows), dict(known.sizes), ladder)
    fair = (
        peers["peer_group"].isin(known.usual.keys())
        & (peers["peer_level"] <= comparison.widest)
        & ((peers["peer_size"] >= ENOUGH) | (peers["peer_level"] == ladder.narrow))
    )
    rows, peers = rows[fair], peers[fair]
    found = [
        _of_group(comparison, rows.loc[members.index], known, str(group)).join(members)
        for group, members in peers.groupby("peer_group")
    ]
    counted = _counted(comparison, len(rows))
    if not found:
        return counted
    whole = pd.concat(found)
    whole = whole[whole["p"] <= alpha].sort_index()
    named = whole.assign(
        measure=comparison.name,
        subject_id=rows.loc[whole.index, subject_id],
        peer_group=ladder.said(rows.loc[whole.index], whole["peer_group"]),
        tested=0,
    )
    return pd.concat([named, counted], ignore_index=True) if len(named) else counted


def _counted(comparison: Comparison, tests: int) -> pd.DataFrame:
    counted = pd.DataFrame([{"measure": comparison.name, "tested": tests}])
    # A column of nothing is one of numbers, which Arrow does not take for lists.
    return counted.reindex(columns=list(CANDIDATE_COLUMNS)).astype({"cells": object})


def _of_group(
    comparison: Comparison, rows: pd.DataFrame, known: Fitted, group: str
) -> pd.DataFrame:
    """Judged rows of one group; who does not stand apart, or not by enough, has p = 1.

    What may be named is settled before p-values are adjusted: the adjusted ones speak of those
    rejected, and would not hold of a part picked from them afterwards. A p-value only grows so.
    """
    standing = known.standing[group]
    found = comparison.judge(rows, known.usual[group])
    effect = found["effect"].to_numpy(dtype=np.float64)
    above = effect > standing.cut
    apart = above & found["enough"].to_numpy(dtype=bool)
    return found.assign(
        above=above, quantile=standing.quantile(effect), p=found["p"].where(apart, 1.0)
    )


def columns_read(comparisons: Iterable[Comparison]) -> tuple[str, ...]:
    """Columns that these comparisons of one kind of subject read, beside the subject's id."""
    listed = list(comparisons)
    own = [column for comparison in listed for column in comparison.columns]
    return tuple(dict.fromkeys([*columns_of(listed[0].subject), *own]))
