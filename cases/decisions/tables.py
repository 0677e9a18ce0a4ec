"""The tables of the store, as the newest migration leaves them.

``dispositions`` and ``recoveries`` are the model's; ``acts`` is the history from which the state of
a case follows, ``attachments`` holds files, and ``settings`` what a person switched for the office.
Rows are only ever added: triggers refuse the rest, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

Number = BigInteger().with_variant(Integer, "sqlite")
METADATA = MetaData()


class Money(TypeDecorator[Decimal]):
    """decimal(18,2), also on SQLite, which knows no decimals but holds cents exactly as floats."""

    impl = Numeric(18, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Floats on SQLite, decimals elsewhere."""
        sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(Float() if sqlite else Numeric(18, 2))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """As the database holds it."""
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """To the cent."""
        return None if value is None else round(Decimal(str(value)), 2)


ACTS = Table(
    "acts",
    METADATA,
    Column("act_id", Number, primary_key=True),
    Column("case_id", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("analyst", String, nullable=False),
    Column("identity_source", String(20), nullable=False),
    Column("press", String(64), nullable=False, unique=True),
    Column("run_id", String(64)),
    Column("shown_sha256", String(64)),
    Column("note", Text),
    Column("details", Text, nullable=False),
    UniqueConstraint("case_id", "sequence"),
)
DISPOSITIONS = Table(
    "dispositions",
    METADATA,
    Column("disposition_id", Integer, primary_key=True),
    Column("case_id", String(64), nullable=False, index=True),
    Column("subject", String),
    Column("analyst", String, nullable=False),
    Column("decided_at", DateTime, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("amount_confirmed", Money),
    Column("minutes_spent", Integer),
    Column("note", String),
    Column("act_id", Number, ForeignKey("acts.act_id")),
)
RECOVERIES = Table(
    "recoveries",
    METADATA,
    Column("recovery_id", Integer, primary_key=True),
    Column("case_id", String(64), nullable=False, index=True),
    Column("recovered_at", Date, nullable=False),
    Column("amount", Money, nullable=False),
    Column("act_id", Number, ForeignKey("acts.act_id")),
)
ATTACHMENTS = Table(
    "attachments",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("size", Number, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
SETTINGS = Table(
    "settings",
    METADATA,
    Column("setting_id", Number, primary_key=True),
    Column("name", String(200), nullable=False, index=True),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_at", DateTime, nullable=False),
    Column("analyst", String, nullable=False),
    Column("identity_source", String(20), nullable=False),
)
