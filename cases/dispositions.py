"""What analysts decided and what came back: an append-only record in a SQL database.

A decision is never changed or removed; a later record outweighs an earlier one. The state of a
case is a function of its records.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    Engine,
    Float,
    Numeric,
    String,
    create_engine,
    event,
    select,
)  # fmt: skip
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from claims.errors import VigieError
from claims.runs import now

Outcome = Literal["substantiated", "unsubstantiated", "education", "referred", "more_information"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)


class DispositionError(VigieError):
    """A record of a decision or of a recovery is not admitted."""


class _Money(TypeDecorator[Decimal]):
    """decimal(18,2), also on SQLite, which knows no decimals but holds cents exactly as floats."""

    impl = Numeric(18, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(Float() if sqlite else Numeric(18, 2))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else round(Decimal(str(value)), 2)


class _Base(DeclarativeBase):
    pass


class Disposition(_Base):
    """One decision on one case."""

    __tablename__ = "dispositions"
    __table_args__ = (
        CheckConstraint(f"outcome in ({', '.join(repr(o) for o in OUTCOMES)})"),
        CheckConstraint("amount_confirmed >= 0"),
        CheckConstraint("minutes_spent >= 0"),
    )

    disposition_id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str | None]
    analyst: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(DateTime)
    outcome: Mapped[str] = mapped_column(String(32))
    amount_confirmed: Mapped[Decimal | None] = mapped_column(_Money)
    minutes_spent: Mapped[int | None]
    note: Mapped[str | None]


class Recovery(_Base):
    """Money that came back on a case, one row a time."""

    __tablename__ = "recoveries"
    __table_args__ = (CheckConstraint("amount >= 0"),)

    recovery_id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(String(64), index=True)
    recovered_at: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(_Money)


for _table in (Disposition.__table__, Recovery.__table__):
    for _change in ("update", "delete"):
        event.listen(
            _table,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]
                f"create trigger no_{_change}_of_%(table)s before {_change} on %(table)s begin "
                "select raise(abort, 'records of decisions are never changed'); end"
            ).execute_if(dialect="sqlite"),
        )


def open_store(url: str) -> Engine:
    """The database of decisions, its tables made where they are missing.

    Args:
        url: a SQLAlchemy URL. SQLite itself refuses changes and removals; on a server, grant its
            users no more than insert and select.
    """
    store = create_engine(url)
    _Base.metadata.create_all(store)
    return store


def record(
    store: Engine,
    case_id: str,
    analyst: str,
    outcome: str,
    *,
    subject: str | None = None,
    amount_confirmed: Decimal | None = None,
    minutes_spent: int | None = None,
    note: str | None = None,
    decided_at: datetime | None = None,
) -> int:
    """Add one decision and give its number.

    Args:
        amount_confirmed: in the lake's currency, to the cent.
        decided_at: local wall-clock; now by default.

    Raises:
        DispositionError: the outcome is unknown, an amount or the minutes are negative, or it is
            not said who decides or on what.
    """
    if outcome not in OUTCOMES:
        raise DispositionError(f"outcome '{outcome}' is not one of {', '.join(OUTCOMES)}")
    if not case_id.strip() or not analyst.strip():
        raise DispositionError("a decision needs a case_id and the analyst who takes it")
    _admit("amount_confirmed", amount_confirmed)
    if minutes_spent is not None and minutes_spent < 0:
        raise DispositionError("minutes_spent must be 0 or more")
    row = Disposition(
        case_id=case_id,
        subject=subject,
        analyst=analyst,
        decided_at=decided_at or now(),
        outcome=outcome,
        amount_confirmed=amount_confirmed,
        minutes_spent=minutes_spent,
        note=note,
    )
    with Session(store) as session, session.begin():
        session.add(row)
        session.flush()
        return row.disposition_id


def record_recovery(store: Engine, case_id: str, recovered_at: date, amount: Decimal) -> int:
    """Add money that came back on a case and give the record's number.

    Raises:
        DispositionError: the amount is negative or has fractions of a cent, or no case is named.
    """
    if not case_id.strip():
        raise DispositionError("a recovery needs a case_id")
    _admit("amount", amount)
    row = Recovery(case_id=case_id, recovered_at=recovered_at, amount=amount)
    with Session(store) as session, session.begin():
        session.add(row)
        session.flush()
        return row.recovery_id


def _admit(name: str, amount: Decimal | None) -> None:
    if amount is None:
        return
    if not amount.is_finite() or amount < 0 or amount != round(amount, 2):
        raise DispositionError(f"{name} must be 0 or more, to the cent")


def dispositions(store: Engine, case_id: str) -> list[Disposition]:
    """All decisions on a case, oldest first."""
    chosen = select(Disposition).where(Disposition.case_id == case_id)
    order = (Disposition.decided_at, Disposition.disposition_id)
    with Session(store) as session:
        return list(session.scalars(chosen.order_by(*order)))


def recoveries(store: Engine, case_id: str) -> list[Recovery]:
    """All money that came back on a case, oldest first."""
    chosen = select(Recovery).where(Recovery.case_id == case_id)
    with Session(store) as session:
        return list(session.scalars(chosen.order_by(Recovery.recovered_at, Recovery.recovery_id)))


def latest_outcomes(store: Engine) -> dict[str, str]:
    """By case, the outcome of its last decision."""
    chosen = select(Disposition.case_id, Disposition.outcome)
    order = (Disposition.decided_at, Disposition.disposition_id)
    with Session(store) as session:
        return {row.case_id: row.outcome for row in session.execute(chosen.order_by(*order))}
