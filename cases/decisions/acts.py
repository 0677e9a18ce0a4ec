"""One act on one case, as it was recorded; a case's acts are its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Act:
    """What somebody did.

    Args:
        act_id: number in the store, in the order of commitment.
        sequence: number within the case, from 1 on without gaps.
        kind: one of :data:`cases.decisions.vocabulary.KINDS`.
        at: local wall-clock.
        analyst: who, and ``identity_source`` how that was established.
        press: unique id of the press that brought it.
        run_id: the run whose result was on show.
        shown_sha256: hash of exactly what was on show.
        details: what the kind needs: outcome, amount (text), minutes, reasons,
            needs_confirmation, to, until, reason, detector, name, sha256, size, recovered_at.
    """

    act_id: int
    case_id: str
    sequence: int
    kind: str
    at: datetime
    analyst: str
    identity_source: str
    press: str
    run_id: str | None = None
    shown_sha256: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def until(self) -> date:
        """The end of a snooze or suppression; the case is back on that day."""
        return date.fromisoformat(self.details["until"])

    @property
    def amount(self) -> Decimal | None:
        """The amount confirmed or recovered, in the lake's currency."""
        told = self.details.get("amount")
        return None if told is None else Decimal(told)

    @property
    def sentence(self) -> str:
        """Who did what, in one line of plain text."""
        return f"{self.analyst} {_TOLD[self.kind](self)}"


def _decided(act: Act) -> str:
    amount = "" if act.amount is None else f", {act.amount:,.2f}"
    waits = ", to be confirmed by a colleague" if act.details.get("needs_confirmation") else ""
    return f"decided: {act.details['outcome']}{amount}{waits}"


def _suppressed(act: Act) -> str:
    what = act.details.get("detector") or "the case"
    return f"suppressed {what} until {act.until}: {act.details['reason']}"


def _noted(act: Act) -> str:
    text = " ".join((act.note or "").split())
    return f"noted: {text[:SHOWN_CHARACTERS]}{'…' if len(text) > SHOWN_CHARACTERS else ''}"


_TOLD: Mapping[str, Callable[[Act], str]] = {
    "assign": lambda act: f"assigned the case to {act.details['to']}",
    "take": lambda act: "took the case",
    "release": lambda act: "released the case",
    "snooze": lambda act: f"snoozed the case until {act.until}: {act.details['reason']}",
    "decide": _decided,
    "confirm": lambda act: "confirmed the decision",
    "decline": lambda act: "did not confirm the decision",
    "reopen": lambda act: f"reopened the case: {act.details['reason']}",
    "suppress": _suppressed,
    "note": _noted,
    "attach": lambda act: f"attached {act.details['name']} ({act.details['size']:,} bytes)",
    "unmask": lambda act: f"unmasked personal values: {act.details['reason']}",
    "recover": lambda act: (
        f"recorded a recovery of {act.amount:,.2f} on {act.details['recovered_at']}"
    ),
}
