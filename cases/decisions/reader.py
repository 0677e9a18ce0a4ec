"""Reading the store: where cases stand, how they came there, and what was decided and came back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Engine, select

from cases.decisions import log, settings
from cases.decisions.acts import Act
from cases.decisions.faults import DecisionError
from cases.decisions.records import Disposition, Recovery, dispositions, recoveries
from cases.decisions.state import CaseState
from cases.decisions.tables import ATTACHMENTS
from claims.runs import now


@dataclass(frozen=True)
class Reader:
    """What can be asked of a store."""

    engine: Engine

    @property
    def url(self) -> str:
        """Where it lies, without the password."""
        return self.engine.url.render_as_string(hide_password=True)

    def state(self, case_id: str, on: date | None = None) -> CaseState:
        """Where a case stands, today by default."""
        return self.states([case_id], on)[case_id]

    def states(
        self, case_ids: Iterable[str] | None = None, on: date | None = None, upto: int | None = None
    ) -> dict[str, CaseState]:
        """States by case: of those asked for, or of all that have an act.

        Args:
            upto: as they stood after the act of that number (see :meth:`pin`).
        """
        return log.states_of(self.engine, case_ids, on or now().date(), upto)

    def history(self, case_id: str) -> list[Act]:
        """All acts on a case, oldest first."""
        return log.acts_of(self.engine, case_id)

    def acts(self, *kinds: str, upto: int | None = None) -> list[Act]:
        """Acts of these kinds on any case, in the order of commitment."""
        return log.all_acts(self.engine, *kinds, upto=upto)

    def outcomes(self) -> dict[str, str]:
        """By case, the decision in force."""
        states = self.states().values()
        return {s.case_id: s.outcome for s in states if s.in_force and s.outcome}

    def dispositions(self, case_id: str | None = None) -> list[Disposition]:
        """Decisions that took effect, of one case or all, oldest first."""
        return dispositions(self.engine, case_id)

    def recoveries(self, case_id: str | None = None) -> list[Recovery]:
        """Money that came back, of one case or all, oldest first."""
        return recoveries(self.engine, case_id)

    def attachment(self, sha256: str) -> bytes:
        """A file's content.

        Raises:
            DecisionError: no file of that hash is there, or its content is not what was attached.
        """
        with self.engine.connect() as connection:
            wanted = select(ATTACHMENTS.c.content).where(ATTACHMENTS.c.sha256 == sha256)
            content = connection.scalar(wanted)
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            raise DecisionError("no attachment of that hash; `vigie decisions history` names them")
        return bytes(content)

    def pin(self, upto: int | None = None) -> log.Pin:
        """The acts there are, as a number and a hash: what a run records to be replayed by."""
        return log.pin(self.engine, upto)

    def settings(self) -> list[settings.Setting]:
        """What people switched for the office, oldest first."""
        return settings.every(self.engine)

    def switched(self, name: str) -> bool:
        """Whether a person has switched something on, and nobody off since."""
        found = settings.current(self.engine).get(name)
        return found is not None and found.value == settings.ON

    @property
    def confirm_above(self) -> Decimal:
        """Confirmed amounts above this need a second person."""
        return settings.confirm_above(self.engine)
