"""The state of a case: a pure function of its acts and of the day it is asked on.

The idea is nomenklatura's: what was judged is a list of records, and what holds follows from it.
Two things lie over the state and end by themselves: a snooze and a suppression. When one ends, what
was before holds again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal

from cases.decisions.acts import Act
from cases.decisions.vocabulary import MOVING, OPEN_OUTCOME, Status

IN_WORK = ("open", "assigned", "reopened", "awaiting_confirmation")


@dataclass(frozen=True)
class Pause:
    """A snooze or a suppression that ends by itself."""

    until: date
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True)
class CaseState:
    """Where a case stands.

    Args:
        since: when it came there, by ``by``; ``None`` of a case that nobody touched.
        assignee: who has it.
        until: the day on which a snooze or suppression ends.
        outcome: the decision in force or awaiting confirmation, with its amount and author.
        run_id: the run on whose result it was decided, where that was told.
        reason: why it is snoozed, suppressed or reopened.
        sequence: number of its last act: what a verb takes as ``seen``.
        moved: the last act that moved it.
        suppressed_detectors: detectors whose findings on this subject do not count, and until when.
    """

    case_id: str
    status: Status = "open"
    since: datetime | None = None
    by: str | None = None
    assignee: str | None = None
    until: date | None = None
    outcome: str | None = None
    amount: Decimal | None = None
    run_id: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    sequence: int = 0
    moved: Act | None = field(default=None, repr=False)
    suppressed_detectors: Mapping[str, date] = field(default_factory=dict)
    confirmed: bool = field(default=False, repr=False)
    snooze: Pause | None = field(default=None, repr=False)
    suppression: Pause | None = field(default=None, repr=False)

    @property
    def in_work(self) -> bool:
        """Whether the case is to be worked on now."""
        return self.status in IN_WORK

    @property
    def in_force(self) -> bool:
        """Whether a decision holds, also under a suppression."""
        return self.confirmed

    @property
    def sentence(self) -> str:
        """The state in one line of plain text."""
        told: str = self.status.replace("_", " ")
        if self.status == "assigned":
            told = f"assigned to {self.assignee}"
        elif self.status in ("decided", "awaiting_confirmation"):
            amount = "" if self.amount is None else f", {self.amount:,.2f}"
            told = f"{told}: {self.outcome}{amount} by {self.decided_by}"
        elif self.until:
            told = f"{told} until {self.until} by {self.by}: {self.reason}"
        return f"{told} since {self.since:%Y-%m-%d %H:%M}" if self.since else told


def state_of(case_id: str, acts: Iterable[Act], on: date) -> CaseState:
    """The state of a case on a day.

    Args:
        acts: the case's own, in any order; their sequence decides.
    """
    state = CaseState(case_id)
    for act in sorted(acts, key=lambda act: act.sequence):
        state = replace(state, sequence=act.sequence)
        if act.kind in MOVING:
            state = replace(_MOVES[act.kind](state, act), moved=act)
    return _on(state, on)


def _on(state: CaseState, on: date) -> CaseState:
    current = {name: end for name, end in state.suppressed_detectors.items() if on < end}
    state = replace(state, suppressed_detectors=current)
    over: tuple[tuple[Status, Pause | None], ...] = (
        ("suppressed", state.suppression),
        ("snoozed", state.snooze),
    )
    for status, pause in over:
        if pause and on < pause.until:
            return replace(
                state,
                status=status,
                since=pause.at,
                by=pause.by,
                until=pause.until,
                reason=pause.reason,
            )
    ended = [pause for _, pause in over if pause]
    if ended:
        last = max(ended, key=lambda pause: pause.until)
        back = datetime.combine(last.until, time())
        if state.since is None or back > state.since:
            state = replace(state, since=back, by=last.by)
    return state


def _moved(state: CaseState, act: Act, status: Status, assignee: str | None) -> CaseState:
    return replace(
        state, status=status, since=act.at, by=act.analyst, assignee=assignee, snooze=None
    )


def _assign(state: CaseState, act: Act) -> CaseState:
    return _moved(state, act, "assigned", act.details["to"])


def _take(state: CaseState, act: Act) -> CaseState:
    return _moved(state, act, "assigned", act.analyst)


def _release(state: CaseState, act: Act) -> CaseState:
    return _moved(state, act, "reopened" if state.reason else "open", None)


def _snooze(state: CaseState, act: Act) -> CaseState:
    return replace(state, snooze=Pause(act.until, act.details["reason"], act.at, act.analyst))


def _decide(state: CaseState, act: Act) -> CaseState:
    outcome = act.details["outcome"]
    if outcome == OPEN_OUTCOME:
        return _undecided(_moved(state, act, "assigned", act.analyst))
    waits = bool(act.details.get("needs_confirmation"))
    status: Status = "awaiting_confirmation" if waits else "decided"
    return replace(
        _moved(state, act, status, state.assignee or act.analyst),
        outcome=outcome,
        amount=act.amount,
        run_id=act.run_id,
        decided_by=act.analyst,
        decided_at=act.at,
        reason=None,
        confirmed=not waits,
    )


def _confirm(state: CaseState, act: Act) -> CaseState:
    return replace(_moved(state, act, "decided", state.assignee), confirmed=True)


def _decline(state: CaseState, act: Act) -> CaseState:
    return _undecided(_moved(state, act, "assigned", state.decided_by))


def _reopen(state: CaseState, act: Act) -> CaseState:
    opened = replace(_moved(state, act, "reopened", None), suppression=None)
    return replace(_undecided(opened), reason=act.details["reason"])


def _suppress(state: CaseState, act: Act) -> CaseState:
    detector = act.details.get("detector")
    if detector:
        ends = {**state.suppressed_detectors, detector: act.until}
        return replace(state, suppressed_detectors=ends)
    pause = Pause(act.until, act.details["reason"], act.at, act.analyst)
    return replace(state, suppression=pause)


def _undecided(state: CaseState) -> CaseState:
    return replace(
        state, outcome=None, amount=None, run_id=None, decided_by=None, decided_at=None,
        reason=None, confirmed=False,
    )  # fmt: skip


_MOVES: Mapping[str, Callable[[CaseState, Act], CaseState]] = {
    "assign": _assign,
    "take": _take,
    "release": _release,
    "snooze": _snooze,
    "decide": _decide,
    "confirm": _confirm,
    "decline": _decline,
    "reopen": _reopen,
    "suppress": _suppress,
}
