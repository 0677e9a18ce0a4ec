"""The store of decisions as analysts and jobs use it: one verb an act, and what follows from them.

Acts are only ever added. A verb that depends on where a case stands takes the number of the last
act that its author saw (``seen``), so that nobody decides over a colleague's decision unknowingly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from cases.decisions import admission, log, settings
from cases.decisions.acts import Act
from cases.decisions.faults import DecisionError
from cases.decisions.identity import Identity, identify
from cases.decisions.known import KnownCases
from cases.decisions.place import place_of
from cases.decisions.reader import Reader
from cases.decisions.records import write_beside
from cases.decisions.schema import connect, prepare
from cases.decisions.state import CaseState
from cases.decisions.vocabulary import MOVING, OPEN_OUTCOME, OUTCOMES, REASONS
from claims.lake import Lake
from claims.runs import now

LARGEST_FILE = 20 * 1024 * 1024


def open_store(
    url: str | None = None, *, lake: Lake | None = None, identity: Identity | None = None
) -> Store:
    """The store of decisions, its tables made where the database is empty.

    Args:
        url: a SQLAlchemy URL; else ``VIGIE_DECISIONS``; else SQLite in ``<lake>.decisions.db``.
        lake: acts on cases that none of its succeeded runs has are refused; without a lake the
            store can only be read.
        identity: who acts; found by :func:`cases.decisions.identity.identify` where absent.

    Raises:
        SchemaError: the database cannot be reached, is of another revision, or none was named.
    """
    engine = connect(place_of(lake, url))
    prepare(engine)
    return Store(engine, KnownCases(lake) if lake else None, identity)


@dataclass(frozen=True)
class Store(Reader):
    """An open store; see :func:`open_store`.

    Each verb gives the state that follows, and takes the keywords ``press`` (unique id of the press
    that brought it: the same press counts once), ``run_id`` (the run on show), ``shown`` (what was
    on show, or its SHA-256) and, where it is not told otherwise, ``note``. Verbs that move a case
    take ``seen``: the ``sequence`` of the state that was on show.

    Raises:
        UnknownCaseError: no succeeded run of the lake has the case.
        ConflictError: a colleague moved the case since ``seen``.
        DecisionError: the case does not admit the act where it stands, or a value makes no sense.
    """

    known: KnownCases | None = None
    stated: Identity | None = None

    @cached_property
    def identity(self) -> Identity:
        """Who acts."""
        return self.stated or identify(self.engine)

    def set_confirm_above(self, amount: Decimal | str, reason: str) -> None:
        """Set from which amount on four eyes decide; logged, and valid for decisions to come."""
        exact = admission.money("amount", amount)
        settings.put(self.engine, self.identity, settings.CONFIRM_ABOVE, str(exact), reason)

    def switch(self, name: str, on: bool, reason: str) -> None:
        """Switch something on or off for the office; logged."""
        settings.put(self.engine, self.identity, name, settings.ON if on else settings.OFF, reason)

    def assign(self, case_id: str, to: str, *, seen: int, **told: Any) -> CaseState:
        """Give the case to somebody."""
        return self._act(case_id, "assign", {"to": admission.text("to", to)}, seen, **told)

    def take(self, case_id: str, *, seen: int, **told: Any) -> CaseState:
        """Take the case oneself."""
        return self._act(case_id, "take", {}, seen, **told)

    def release(self, case_id: str, *, seen: int, **told: Any) -> CaseState:
        """Put one's case back into the queue."""
        return self._act(case_id, "release", {}, seen, **told)

    def snooze(
        self, case_id: str, until: date, reason: str, *, seen: int, **told: Any
    ) -> CaseState:
        """Leave the case out of the queue until a day."""
        details = {
            "until": admission.ahead(until, now().date()),
            "reason": admission.text("reason", reason),
        }
        return self._act(case_id, "snooze", details, seen, **told)

    def decide(
        self,
        case_id: str,
        outcome: str,
        *,
        seen: int,
        amount_confirmed: Decimal | None = None,
        minutes_spent: int | None = None,
        reasons: Sequence[str] = (),
        **told: Any,
    ) -> CaseState:
        """Decide the case; above the office's amount a colleague has to confirm it.

        Args:
            amount_confirmed: in the lake's currency, to the cent.
            reasons: codes of ``REASONS``.

        Raises:
            DecisionError: outcome or reason unknown, amount or minutes negative, or the case is
                unknown, closed or a colleague's.
            ConflictError: a colleague moved the case since ``seen``.
        """
        if outcome not in OUTCOMES:
            raise DecisionError(f"outcome '{outcome}' is not one of {', '.join(OUTCOMES)}")
        unknown = [code for code in reasons if code not in REASONS]
        if unknown:
            raise DecisionError(f"reason '{unknown[0]}' is not one of {', '.join(REASONS)}")
        if minutes_spent is not None and minutes_spent < 0:
            raise DecisionError("minutes_spent must be 0 or more")
        amount = admission.money("amount_confirmed", amount_confirmed)
        waits = amount is not None and outcome != OPEN_OUTCOME and amount > self.confirm_above
        details = {
            "outcome": outcome,
            "amount": None if amount is None else str(amount),
            "minutes": minutes_spent,
            "reasons": list(dict.fromkeys(reasons)),
            "needs_confirmation": waits,
        }
        return self._act(case_id, "decide", details, seen, **told)

    def confirm(self, case_id: str, *, seen: int, **told: Any) -> CaseState:
        """Confirm a colleague's decision, which then takes effect."""
        return self._act(case_id, "confirm", {}, seen, **told)

    def decline(self, case_id: str, note: str, *, seen: int, **told: Any) -> CaseState:
        """Not confirm a colleague's decision and say why; the case goes back to its author."""
        text = admission.text("note", note)
        return self._act(case_id, "decline", {}, seen, note=text, **told)

    def reopen(self, case_id: str, reason: str, *, seen: int, **told: Any) -> CaseState:
        """Bring a decided, snoozed or suppressed case back."""
        details = {"reason": admission.text("reason", reason)}
        return self._act(case_id, "reopen", details, seen, **told)

    def suppress(
        self,
        case_id: str,
        until: date,
        reason: str,
        *,
        seen: int,
        detector: str | None = None,
        **told: Any,
    ) -> CaseState:
        """Leave the case (its subject, that is), or one detector's findings on it, out until a day.

        Suppressed cases stay listed: a case is its subject's, so both are the same.
        """
        details = {
            "until": admission.ahead(until, now().date()),
            "reason": admission.text("reason", reason),
            "detector": detector,
        }
        return self._act(case_id, "suppress", details, seen, **told)

    def note(self, case_id: str, text: str, **told: Any) -> CaseState:
        """Add a note."""
        return self._act(case_id, "note", {}, note=admission.text("note", text), **told)

    def attach(self, case_id: str, name: str, content: bytes, **told: Any) -> CaseState:
        """Add a file, its bytes in the database: one backup, one set of rights, and no path breaks.

        Raises:
            DecisionError: it is empty, or larger than 20 MB.
        """
        if not 0 < len(content) <= LARGEST_FILE:
            raise DecisionError(f"a file of 1 byte to {LARGEST_FILE >> 20} MB can be attached")
        sha256 = hashlib.sha256(content).hexdigest()
        details = {"name": admission.text("name", name), "sha256": sha256, "size": len(content)}
        return self._act(case_id, "attach", details, content=content, **told)

    def unmask(self, case_id: str, reason: str, **told: Any) -> CaseState:
        """Record that personal values are shown, and why."""
        return self._act(case_id, "unmask", {"reason": admission.text("reason", reason)}, **told)

    def recover(
        self, case_id: str, amount: Decimal, recovered_at: date | None = None, **told: Any
    ) -> CaseState:
        """Record money that came back, today by default."""
        exact = admission.money("amount", amount)
        if exact is None:
            raise DecisionError("amount must be 0 or more, to the cent")
        day = recovered_at or now().date()
        details = {"amount": str(exact), "recovered_at": day.isoformat()}
        return self._act(case_id, "recover", details, **told)

    def _act(
        self,
        case_id: str,
        kind: str,
        details: Mapping[str, Any],
        seen: int | None = None,
        *,
        press: str | None = None,
        run_id: str | None = None,
        shown: str | bytes | None = None,
        note: str | None = None,
        content: bytes = b"",
    ) -> CaseState:
        if self.known is None:
            raise DecisionError("open the store with its lake: acts are on cases that a run found")
        case, subject = self.known.find(case_id)
        if case != case_id:
            raise DecisionError(f"give the whole id of the case: {case}")
        identity, at = self.identity, now()
        columns = {
            "at": at,
            "analyst": identity.name,
            "identity_source": identity.source,
            "press": press or uuid4().hex,
            "run_id": run_id,
            "shown_sha256": admission.shown_hash(shown),
            "note": note,
        }

        def admit(state: CaseState) -> None:
            if kind in MOVING:
                admission.check_seen(state, -1 if seen is None else seen)
            admission.check_act(kind, state, identity.name)

        def beside(connection: Connection, state: CaseState, act: Act) -> None:
            write_beside(connection, subject, state, act, content)

        entry = log.Entry(case, kind, columns, details, admit, beside)
        return log.add(self.engine, entry, at.date())
