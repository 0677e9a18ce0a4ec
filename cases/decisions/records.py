"""The model's records beside the acts: decisions that took effect, money that came back, files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from cases.decisions.acts import Act
from cases.decisions.state import CaseState
from cases.decisions.tables import ATTACHMENTS, DISPOSITIONS, RECOVERIES


@dataclass(frozen=True)
class Disposition:
    """One decision on one case that took effect: at once, or once a colleague confirmed it.

    Args:
        analyst, decided_at: who decided and when, not who confirmed.
        act_id: the act by which it took effect; ``None`` where another program recorded it.
    """

    disposition_id: int
    case_id: str
    subject: str | None
    analyst: str
    decided_at: datetime
    outcome: str
    amount_confirmed: Decimal | None
    minutes_spent: int | None
    note: str | None
    act_id: int | None


@dataclass(frozen=True)
class Recovery:
    """Money that came back on a case, one record a time."""

    recovery_id: int
    case_id: str
    recovered_at: date
    amount: Decimal
    act_id: int | None


def dispositions(engine: Engine, case_id: str | None = None) -> list[Disposition]:
    """Decisions on a case, or on all, oldest first."""
    order = (DISPOSITIONS.c.decided_at, DISPOSITIONS.c.disposition_id)
    wanted = select(DISPOSITIONS).order_by(*order)
    if case_id is not None:
        wanted = wanted.where(DISPOSITIONS.c.case_id == case_id)
    with engine.connect() as connection:
        return [Disposition(**row._mapping) for row in connection.execute(wanted)]


def recoveries(engine: Engine, case_id: str | None = None) -> list[Recovery]:
    """Money that came back on a case, or on all, oldest first."""
    wanted = select(RECOVERIES).order_by(RECOVERIES.c.recovered_at, RECOVERIES.c.recovery_id)
    if case_id is not None:
        wanted = wanted.where(RECOVERIES.c.case_id == case_id)
    with engine.connect() as connection:
        return [Recovery(**row._mapping) for row in connection.execute(wanted)]


def write_beside(
    connection: Connection, subject: str, before: CaseState, act: Act, content: bytes
) -> None:
    """Write, within the act's transaction, the records that belong to it.

    Args:
        before: the state that the act met.
        content: the bytes of an attached file.
    """
    if act.kind == "decide" and not act.details["needs_confirmation"]:
        _write_disposition(connection, subject, act, act)
    elif act.kind == "confirm" and before.moved is not None:
        _write_disposition(connection, subject, before.moved, act)
    elif act.kind == "recover":
        values = {
            "case_id": act.case_id,
            "recovered_at": date.fromisoformat(act.details["recovered_at"]),
            "amount": act.amount,
            "act_id": act.act_id,
        }
        connection.execute(insert(RECOVERIES).values(values))
    elif act.kind == "attach":
        _write_file(connection, act, content)


def _write_disposition(connection: Connection, subject: str, decided: Act, effective: Act) -> None:
    values: dict[str, Any] = {
        "case_id": decided.case_id,
        "subject": subject,
        "analyst": decided.analyst,
        "decided_at": decided.at,
        "outcome": decided.details["outcome"],
        "amount_confirmed": decided.amount,
        "minutes_spent": decided.details["minutes"],
        "note": decided.note,
        "act_id": effective.act_id,
    }
    connection.execute(insert(DISPOSITIONS).values(values))


def _write_file(connection: Connection, act: Act, content: bytes) -> None:
    """The bytes, once however often the same file is attached."""
    sha256 = act.details["sha256"]
    there = select(ATTACHMENTS.c.size).where(ATTACHMENTS.c.sha256 == sha256)
    if connection.scalar(there) is None:
        values = {"sha256": sha256, "size": act.details["size"], "content": content}
        connection.execute(insert(ATTACHMENTS).values(values))
