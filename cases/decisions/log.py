"""Reading the store's tables and adding one act to them: the only place that speaks SQL of acts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, insert, select
from sqlalchemy.exc import IntegrityError

from cases.decisions.acts import Act
from cases.decisions.faults import DecisionError
from cases.decisions.schema import take_turn, writing
from cases.decisions.state import CaseState, state_of
from cases.decisions.tables import ACTS
from cases.decisions.vocabulary import MOVING

IDS_A_QUERY = 10_000
ATTEMPTS = 5
PINNED = (
    ACTS.c.act_id, ACTS.c.case_id, ACTS.c.sequence, ACTS.c.kind, ACTS.c.at, ACTS.c.analyst,
    ACTS.c.run_id, ACTS.c.details,
)  # fmt: skip


@dataclass(frozen=True)
class Pin:
    """Which acts were read: all up to a number, and a hash of them to tell whether they are these.

    Args:
        last_act: number of the last one; 0 of an empty store.
        sha256: over numbers, cases, kinds, times, authors, runs and details.
    """

    last_act: int
    sha256: str


@dataclass(frozen=True)
class Entry:
    """An act to be added.

    Args:
        admit: refuses it in the state given.
        beside: writes the rows of other tables that belong to it, given the state before it.
    """

    case_id: str
    kind: str
    columns: Mapping[str, Any]
    details: Mapping[str, Any]
    admit: Callable[[CaseState], None]
    beside: Callable[[Connection, CaseState, Act], None]


def add(engine: Engine, entry: Entry, on: date) -> CaseState:
    """Add an act in the case's next place and give the state that follows.

    The place is unique in the database, so of two writers that saw the same state one comes first;
    the other reads again what is now there, and is refused where the case was moved. A press that
    is recorded already is not recorded again.

    Raises:
        DecisionError: the act is not admitted, or the press belongs to another act.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with writing(engine).begin() as connection:
                take_turn(connection)
                return _added(connection, entry, on)
        except IntegrityError as error:
            if attempt == ATTEMPTS:
                raise DecisionError(
                    f"case {entry.case_id}: the database refused the act; see that its tables are "
                    "as `vigie decisions upgrade` leaves them"
                ) from error
    raise AssertionError("unreachable")


def _added(connection: Connection, entry: Entry, on: date) -> CaseState:
    acts = _read(connection, select(ACTS).where(ACTS.c.case_id == entry.case_id))
    state = state_of(entry.case_id, acts, on)
    pressed = _read(connection, select(ACTS).where(ACTS.c.press == entry.columns["press"]))
    if pressed:
        return _again(pressed[0], entry, acts, on)
    entry.admit(state)
    row = {
        "case_id": entry.case_id,
        "sequence": state.sequence + 1,
        "kind": entry.kind,
        "details": json.dumps(entry.details, sort_keys=True, ensure_ascii=False),
        **entry.columns,
    }
    number = connection.execute(insert(ACTS).values(row).returning(ACTS.c.act_id)).scalar_one()
    act = _act({**row, "act_id": number})
    entry.beside(connection, state, act)
    return state_of(entry.case_id, [*acts, act], on)


def _again(act: Act, entry: Entry, acts: Sequence[Act], on: date) -> CaseState:
    same = (act.case_id, act.kind, act.analyst) == (
        entry.case_id, entry.kind, entry.columns["analyst"],
    )  # fmt: skip
    if not same:
        raise DecisionError("this press is recorded as another act; give each press its own id")
    return state_of(entry.case_id, [a for a in acts if a.sequence <= act.sequence], on)


def acts_of(engine: Engine, case_id: str) -> list[Act]:
    """All acts on one case, oldest first."""
    with engine.connect() as connection:
        wanted = select(ACTS).where(ACTS.c.case_id == case_id)
        return _read(connection, wanted.order_by(ACTS.c.sequence))


def states_of(
    engine: Engine, case_ids: Iterable[str] | None, on: date, upto: int | None = None
) -> dict[str, CaseState]:
    """States by case: of those asked for, or of all with an act; one query for 10,000 ids.

    Args:
        upto: leave out acts of a higher number.
    """
    asked = None if case_ids is None else list(dict.fromkeys(case_ids))
    wanted = select(*[c for c in ACTS.c if c.name != "note"])
    if upto is not None:
        wanted = wanted.where(ACTS.c.act_id <= upto)
    by_case: dict[str, list[Act]] = {} if asked is None else {case: [] for case in asked}
    with engine.connect() as connection:
        for start in range(0, 1 if asked is None else len(asked), IDS_A_QUERY):
            part = wanted
            if asked is not None:
                part = wanted.where(ACTS.c.case_id.in_(asked[start : start + IDS_A_QUERY]))
            for act in _read(connection, part):
                by_case.setdefault(act.case_id, []).append(act)
    return {case: state_of(case, acts, on) for case, acts in by_case.items()}


def all_acts(engine: Engine, *kinds: str, upto: int | None = None) -> list[Act]:
    """Acts of these kinds (all by default) in the order of commitment."""
    wanted = select(ACTS).where(ACTS.c.kind.in_(kinds or (*MOVING, "recover", "note")))
    if upto is not None:
        wanted = wanted.where(ACTS.c.act_id <= upto)
    with engine.connect() as connection:
        return _read(connection, wanted.order_by(ACTS.c.act_id))


def pin(engine: Engine, upto: int | None = None) -> Pin:
    """The acts there are now, or those up to a number, as a number and a hash."""
    wanted = select(*PINNED).order_by(ACTS.c.act_id)
    if upto is not None:
        wanted = wanted.where(ACTS.c.act_id <= upto)
    digest, last = hashlib.sha256(), 0
    with engine.begin() as connection:
        # A writer at work has a number already: wait, lest it appear below the last one read.
        take_turn(connection)
        for row in connection.execution_options(yield_per=10_000).execute(wanted):
            last = row.act_id
            values = [*row[:4], row.at.isoformat(), *row[5:]]
            digest.update((json.dumps(values, ensure_ascii=False) + "\n").encode())
    return Pin(last, digest.hexdigest())


def _read(connection: Connection, wanted: Select[Any]) -> list[Act]:
    return [_act(row) for row in connection.execute(wanted)]


def _act(row: Row[Any] | Mapping[str, Any]) -> Act:
    values = dict(row) if isinstance(row, Mapping) else dict(row._mapping)
    return Act(**{**values, "details": json.loads(values["details"])})
