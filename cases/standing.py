"""The queue as people have left it: which cases are at work, paused, decided, or back with news.

The ``cases`` table lists every case of a run. What is to be opened next is less: a decided case is
left out until a run has new evidence on it, a snoozed or suppressed one until its day; all of them
are counted and can be listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.decisions import CaseState, Store
from cases.decisions.news import News, news_of
from cases.reading import Row, run_of, top_cases
from claims.lake import Lake
from claims.runs import runs


@dataclass(frozen=True)
class Standing:
    """Where a case stands beside a run."""

    state: CaseState
    news: News | None = None

    @property
    def in_queue(self) -> bool:
        """Whether it is to be worked on: open, somebody's, or decided and back with news."""
        return self.state.in_work or (self.state.status == "decided" and self.news is not None)


@dataclass(frozen=True)
class Worklist:
    """The head of the queue, and how many cases before its end were left out, by status.

    Args:
        rows: the columns of ``cases`` with status, assignee, since and news.
    """

    rows: list[Row]
    hidden: Mapping[str, int]


def standings(
    lake: Lake,
    store: Store,
    run_id: str | None = None,
    on: date | None = None,
    upto: int | None = None,
) -> dict[str, Standing]:
    """By case, where it stands beside a succeeded run; cases without an act are left out.

    Args:
        run_id: the run to look for news in; the latest by default.
        upto: as the store stood after the act of that number.

    Raises:
        LakeError: no such run has succeeded.
    """
    run = run_of(lake, run_id)["run_id"]
    return beside(lake, store.states(on=on, upto=upto).values(), run)


def beside(lake: Lake, states: Iterable[CaseState], run_id: str) -> dict[str, Standing]:
    """Standings of the states given beside a run, which need not have ended."""
    all_states = list(states)
    succeeded = [row for row in runs(lake) if (row["kind"], row["status"]) == ("run", "succeeded")]
    decided = {s.case_id: decided_run(s, succeeded) for s in all_states if s.in_force}
    muted = [(s.case_id, name) for s in all_states for name in s.suppressed_detectors]
    news = news_of(lake, decided, run_id, muted)
    return {s.case_id: Standing(s, news.get(s.case_id)) for s in all_states}


def decided_run(state: CaseState, succeeded: Iterable[Row]) -> str:
    """The run told with the decision, else the one that was the latest at that time.

    Args:
        succeeded: the lake's succeeded detection runs, oldest first.
    """
    if state.run_id:
        return state.run_id
    at = state.decided_at
    before = [row["run_id"] for row in succeeded if at and row["finished_at"] <= at]
    return str(before[-1]) if before else ""


def worklist(
    lake: Lake, store: Store, n: int, run_id: str | None = None, everything: bool = False
) -> Worklist:
    """The first ``n`` cases that are to be worked on, in rank order.

    Args:
        everything: leave nothing out.

    Raises:
        LakeError: no such run has succeeded.
    """
    known = standings(lake, store, run_id)
    away = {case: s for case, s in known.items() if not s.in_queue}
    shown: list[Row] = []
    hidden: Counter[str] = Counter()
    for row in top_cases(lake, n + (0 if everything else len(away)), run_id):
        if len(shown) == n:
            break
        if row["case_id"] in away and not everything:
            hidden[away[row["case_id"]].state.status] += 1
            continue
        shown.append({**row, **_columns(known.get(row["case_id"]))})
    return Worklist(shown, dict(hidden))


def _columns(standing: Standing | None) -> dict[str, Any]:
    if standing is None:
        return {"status": "open", "assignee": None, "since": None, "news": None}
    state = standing.state
    return {
        "status": state.status,
        "assignee": state.assignee,
        "since": state.since,
        "news": standing.news.sentence if standing.news else None,
    }
