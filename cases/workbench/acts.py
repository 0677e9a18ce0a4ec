"""What an analyst does to a case; each act is a row of the store: who, when, and what was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claims.errors import VigieError

if TYPE_CHECKING:
    from cases.decisions import CaseState, Store

Amount = Decimal | int | float | str


class CaseActs:
    """The verbs of a case. Each returns its new state, and is refused where a colleague was first.

    Attributes:
        store: where acts are kept; none where it could not be opened.
        seen: the number of the case's last act when it was shown.
    """

    store: Store | None
    seen: int

    @property
    def case_id(self) -> str:
        """The case's id, stable over runs."""
        raise NotImplementedError

    def _context(self) -> dict[str, Any]:
        """The run on show, and what was on show."""
        raise NotImplementedError

    @property
    def state(self) -> CaseState:
        """Where the case stands now: status, who has it, since when, how it was decided."""
        return self._open_store().state(self.case_id)

    def take(self, press: str | None = None) -> CaseState:
        """Work on this case oneself."""
        return self._do(self._open_store().take, press)

    def assign(self, to: str, note: str | None = None, press: str | None = None) -> CaseState:
        """Give the case to a colleague."""
        return self._do(self._open_store().assign, press, to, note=note)

    def release(self, note: str | None = None, press: str | None = None) -> CaseState:
        """Give the case back to all."""
        return self._do(self._open_store().release, press, note=note)

    def snooze(self, until: date, reason: str, press: str | None = None) -> CaseState:
        """Leave the case until a day; it is back in the queue then."""
        return self._do(self._open_store().snooze, press, until, reason)

    def decide(
        self,
        outcome: str,
        amount: Amount | None = None,
        minutes: int | None = None,
        reasons: Sequence[str] = (),
        note: str | None = None,
        press: str | None = None,
    ) -> CaseState:
        """Decide the case.

        Args:
            outcome: one of ``cases.decisions.OUTCOMES``.
            amount: what is confirmed as undue, in the lake's currency.
            minutes: working time spent.
            reasons: codes of ``cases.decisions.REASONS``.
            press: the same one twice counts once.

        Raises:
            DecisionError: the outcome, a reason, the amount or the minutes are not admitted.
            ConflictError: a colleague has moved the case since it was opened here.
        """
        return self._do(
            self._open_store().decide,
            press,
            outcome,
            amount_confirmed=money(amount),
            minutes_spent=minutes,
            reasons=tuple(reasons),
            note=note or None,
        )

    def confirm(self, note: str | None = None, press: str | None = None) -> CaseState:
        """Agree, as the second reader, with a decision above the amount that needs one."""
        return self._do(self._open_store().confirm, press, note=note)

    def decline(self, note: str, press: str | None = None) -> CaseState:
        """Disagree as the second reader; the case is back with who decided."""
        return self._do(self._open_store().decline, press, note)

    def reopen(self, reason: str, press: str | None = None) -> CaseState:
        """Open a decided case again."""
        return self._do(self._open_store().reopen, press, reason)

    def suppress(
        self, until: date, reason: str, detector: str | None = None, press: str | None = None
    ) -> CaseState:
        """Keep the case, or what one detector finds of its subject, out of the queue to a day."""
        return self._do(self._open_store().suppress, press, until, reason, detector=detector)

    def note(self, text: str, press: str | None = None) -> CaseState:
        """Write a note on the case."""
        return self._tell(self._open_store().note, press, text)

    def attach(
        self,
        file: str | Path,
        content: bytes | None = None,
        note: str | None = None,
        press: str | None = None,
    ) -> CaseState:
        """Keep a file with the case, at most 20 MB.

        Args:
            content: the file's bytes, where it does not lie on this machine.
        """
        path = Path(file)
        if content is None and not path.is_file():
            raise VigieError(f"no file {path}; name one that lies on this machine")
        held = path.read_bytes() if content is None else content
        return self._tell(self._open_store().attach, press, path.name, held, note=note)

    def recover(self, amount: Amount, on: date | None = None, note: str | None = None) -> CaseState:
        """Record money that came back."""
        return self._tell(self._open_store().recover, None, money(amount), on, note=note)

    def _do(
        self, verb: Callable[..., CaseState], press: str | None, *given: Any, **named: Any
    ) -> CaseState:
        """An act that depends on the state that was seen."""
        state = verb(self.case_id, *given, seen=self.seen, press=press, **named, **self._context())
        self.seen = state.sequence
        return state

    def _tell(
        self, verb: Callable[..., CaseState], press: str | None, *given: Any, **named: Any
    ) -> CaseState:
        """An act that goes with whatever colleagues did; what they did is still to be seen."""
        return verb(self.case_id, *given, press=press, **named, **self._context())

    def _open_store(self) -> Store:
        if self.store is None:
            raise VigieError(
                "no store of decisions is open; set VIGIE_DECISIONS to a database, or make the "
                "lake's folder writable"
            )
        return self.store


def money(amount: Amount | None) -> Decimal | None:
    """An amount as a decimal, whatever it was written as.

    Raises:
        VigieError: it is no number.
    """
    if amount is None or (isinstance(amount, str) and not amount.strip()):
        return None
    try:
        return Decimal(str(amount).replace(",", "").strip())
    except InvalidOperation as error:
        raise VigieError("the amount is no number; write it as 1234.50") from error
