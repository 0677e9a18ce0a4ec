"""Which act a case admits in the state it is in; the database knows no more than its order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from string import hexdigits

from cases.decisions.faults import ConflictError, DecisionError
from cases.decisions.state import CaseState

SHA256_DIGITS = 64
CLOSED = ("decided", "awaiting_confirmation", "suppressed")


def check_seen(state: CaseState, seen: int) -> None:
    """Refuse an act whose author has not seen what moved the case last.

    Raises:
        ConflictError: a colleague moved it since.
        DecisionError: the number seen is none the case has reached.
    """
    if not 0 <= seen <= state.sequence:
        raise DecisionError(
            f"seen={seen} is no state this case has been in (it is at {state.sequence}); read "
            "its state, then act"
        )
    if state.moved and state.moved.sequence > seen:
        raise ConflictError(state.moved)


def check_act(kind: str, state: CaseState, analyst: str) -> None:
    """Refuse an act that makes no sense in this state.

    Raises:
        DecisionError: saying where the case stands and which act comes first.
    """
    why = _REFUSALS.get(kind, _nothing)(state, analyst)
    if why:
        raise DecisionError(f"case {state.case_id} is {state.sentence}: {why}")


def _nothing(state: CaseState, analyst: str) -> str:
    return ""


def _closed(state: CaseState) -> str:
    if state.status == "awaiting_confirmation":
        return "a colleague confirms or declines it first"
    return "reopen it first" if state.status in CLOSED else ""


def _mine(state: CaseState, analyst: str) -> str:
    """A case that is somebody's is theirs to work on until it is handed over."""
    theirs = state.assignee not in (None, analyst)
    return _closed(state) or ("assigning it to you hands it over" if theirs else "")


def _take(state: CaseState, analyst: str) -> str:
    yours = state.status == "assigned" and state.assignee == analyst
    return "you have it already" if yours else _mine(state, analyst)


def _assign(state: CaseState, analyst: str) -> str:
    return _closed(state)


def _release(state: CaseState, analyst: str) -> str:
    return _closed(state) or ("" if state.assignee == analyst else "it is not yours to release")


def _second(state: CaseState, analyst: str) -> str:
    if state.status != "awaiting_confirmation":
        return "no decision awaits confirmation"
    return "another person than the one who decided confirms" * (state.decided_by == analyst)


def _reopen(state: CaseState, analyst: str) -> str:
    closed = state.status in ("decided", "suppressed", "snoozed")
    return "" if closed else "it need not be reopened"


def _suppress(state: CaseState, analyst: str) -> str:
    return _closed(state) if state.status == "awaiting_confirmation" else ""


_REFUSALS: Mapping[str, Callable[[CaseState, str], str]] = {
    "assign": _assign,
    "take": _take,
    "release": _release,
    "snooze": _mine,
    "decide": _mine,
    "confirm": _second,
    "decline": _second,
    "reopen": _reopen,
    "suppress": _suppress,
}


def money(name: str, amount: Decimal | int | str | None) -> Decimal | None:
    """An amount to the cent, or ``None``.

    Raises:
        DecisionError: it is no number, negative, or has fractions of a cent.
    """
    if amount is None:
        return None
    try:
        exact = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError):
        exact = Decimal("NaN")
    if not exact.is_finite() or exact < 0 or exact != round(exact, 2) or exact >= Decimal(10) ** 16:
        raise DecisionError(f"{name} must be 0 or more, to the cent")
    return round(exact, 2)


def text(name: str, value: str | None) -> str:
    """A text that says something.

    Raises:
        DecisionError: it is blank.
    """
    if value is None or not value.strip():
        raise DecisionError(f"{name} must not be blank: say it in a few words")
    return value.strip()


def ahead(until: date, today: date) -> str:
    """An end that lies ahead, in ISO form.

    Raises:
        DecisionError: it is today or past.
    """
    if until <= today:
        raise DecisionError(f"until must lie after today ({today}), not on {until}")
    return until.isoformat()


def shown_hash(shown: str | bytes | None) -> str | None:
    """The SHA-256 of what was on show; a text that is one already stays as it is."""
    if shown is None:
        return None
    if isinstance(shown, str) and len(shown) == SHA256_DIGITS and set(shown) <= set(hexdigits):
        return shown.lower()
    content = shown if isinstance(shown, bytes) else shown.encode()
    return hashlib.sha256(content).hexdigest()
