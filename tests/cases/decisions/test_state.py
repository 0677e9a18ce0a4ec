"""Where a case stands follows from its acts, whatever they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.decisions import Act, CaseState, ConflictError, DecisionError
from cases.decisions.admission import check_act, check_seen
from cases.decisions.state import state_of
from cases.decisions.vocabulary import KINDS, MOVING, OUTCOMES, RESTING, STATUSES

START = datetime(2026, 1, 1, 9)
PEOPLE = ("ann", "bob", "eve")
Try = tuple[str, str, str, int, bool]
tries = st.lists(
    st.tuples(
        st.sampled_from(KINDS), st.sampled_from(PEOPLE), st.sampled_from(OUTCOMES),
        st.integers(1, 20), st.booleans(),
    ),
    max_size=25,
)  # fmt: skip
proved = settings(max_examples=150, deadline=None, derandomize=True)


def act(number: int, wanted: Try) -> Act:
    kind, analyst, outcome, days, large = wanted
    at = START + timedelta(days=number)
    details = {
        "to": PEOPLE[days % 3],
        "until": (at.date() + timedelta(days=days)).isoformat(),
        "reason": "why",
        "detector": "rules.x.y" if large else None,
        "outcome": outcome,
        "amount": "12.00" if large or kind == "recover" else None,
        "needs_confirmation": large and outcome != "more_information",
        "recovered_at": "2026-01-01",
        "name": "a.txt",
        "size": 1,
    }
    return Act(number, "c", number, kind, at, analyst, "stated", str(number), details=details)


def admitted(wanted: list[Try]) -> list[Act]:
    """The acts of the attempts that a store would have let through."""
    acts: list[Act] = []
    for one in wanted:
        new = act(len(acts) + 1, one)
        try:
            check_act(new.kind, state_of("c", acts, new.at.date()), new.analyst)
        except DecisionError:
            continue
        acts.append(new)
    return acts


@given(tries, st.randoms(use_true_random=False))
@proved
def test_the_state_is_a_function_of_the_acts_alone(wanted: list[Try], random: object) -> None:
    acts = admitted(wanted)
    day = START.date() + timedelta(days=len(acts))
    state = state_of("c", acts, day)
    shuffled = list(acts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert state_of("c", shuffled, day) == state
    assert state.sequence == len(acts)
    assert state.status in STATUSES
    assert state.sentence
    assert all(one.sentence for one in acts)


@given(tries)
@proved
def test_a_decision_holds_until_somebody_reopens_it(wanted: list[Try]) -> None:
    acts = admitted(wanted)
    states = [state_of("c", acts[:n], START.date()) for n in range(len(acts) + 1)]
    for (before, after), one in zip(pairwise(states), acts, strict=True):
        if before.in_force and one.kind != "reopen":
            assert (after.in_force, after.outcome) == (True, before.outcome)
        if one.kind in RESTING:
            assert replace(after, sequence=0) == replace(before, sequence=0)
        if after.in_force and not before.in_force:
            assert one.kind in ("decide", "confirm")
        if one.kind == "confirm":
            assert one.analyst != before.decided_by
        if one.kind in ("decide", "take", "release"):
            assert before.assignee in (None, one.analyst)


@given(tries, st.integers(0, 60))
@proved
def test_pauses_end_on_their_day_and_leave_what_was_before(wanted: list[Try], days: int) -> None:
    acts = admitted(wanted)
    day = START.date() + timedelta(days=days)
    state = state_of("c", acts, day)
    if state.status in ("snoozed", "suppressed"):
        assert state.until is not None
        assert day < state.until
        assert not state.in_work
        after = state_of("c", acts, state.until)
        assert after.status != state.status or after.until != state.until
    assert all(day < end for end in state.suppressed_detectors.values())


@given(tries, st.integers(0, 30))
@proved
def test_only_moves_since_what_was_seen_conflict(wanted: list[Try], seen: int) -> None:
    acts = admitted(wanted)
    state = state_of("c", acts, START.date())
    if seen > len(acts):
        with pytest.raises(DecisionError, match="no state"):
            check_seen(state, seen)
        return
    since = [one for one in acts if one.sequence > seen and one.kind in MOVING]
    if not since:
        check_seen(state, seen)
        return
    with pytest.raises(ConflictError) as error:
        check_seen(state, seen)
    assert error.value.act == since[-1]


def known(*steps: tuple[str, str, str]) -> CaseState:
    """The state after steps of (kind, analyst, outcome), on the day of the last."""
    acts = [act(n, (*step, 5, False)) for n, step in enumerate(steps, 1)]
    return state_of("c", acts, START.date() + timedelta(days=len(acts)))


def test_known_answers() -> None:
    none = ""
    assert state_of("c", [], date(2026, 1, 1)) == CaseState("c")
    assert known(("take", "ann", none)).sentence == "assigned to ann since 2026-01-02 09:00"
    assert known(("take", "ann", none), ("release", "ann", none)).status == "open"
    asked = known(("decide", "ann", "more_information"))
    assert (asked.status, asked.assignee, asked.outcome) == ("assigned", "ann", None)
    snoozed = known(("take", "ann", none), ("snooze", "ann", none))
    assert (snoozed.status, snoozed.assignee, snoozed.until) == (
        "snoozed", "ann", date(2026, 1, 8),
    )  # fmt: skip
    woken = known(("take", "ann", none), ("snooze", "ann", none), ("reopen", "bob", none))
    assert (woken.status, woken.assignee, woken.reason) == ("reopened", None, "why")
    decided = known(("decide", "ann", "education"), ("suppress", "bob", none))
    assert (decided.status, decided.in_force, decided.in_work) == ("suppressed", True, False)
    back = known(("decide", "ann", "education"), ("reopen", "bob", none), ("take", "eve", none),
                 ("release", "eve", none))  # fmt: skip
    assert (back.status, back.reason, back.in_force) == ("reopened", "why", False)
