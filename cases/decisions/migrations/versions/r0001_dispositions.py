"""Dispositions and recoveries, as stores had them before they knew of migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cases.decisions.migrations.append_only import triggers
from cases.decisions.tables import Money

revision, down_revision = "0001", None
branch_labels = depends_on = None

OUTCOMES = "'substantiated', 'unsubstantiated', 'education', 'referred', 'more_information'"


def upgrade() -> None:
    """Make the two tables where they are missing, and guard them."""
    op.create_table(
        "dispositions",
        sa.Column("disposition_id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.String(64), nullable=False, index=True),
        sa.Column("subject", sa.String),
        sa.Column("analyst", sa.String, nullable=False),
        sa.Column("decided_at", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("amount_confirmed", Money),
        sa.Column("minutes_spent", sa.Integer),
        sa.Column("note", sa.String),
        sa.CheckConstraint(f"outcome in ({OUTCOMES})"),
        sa.CheckConstraint("amount_confirmed >= 0"),
        sa.CheckConstraint("minutes_spent >= 0"),
        if_not_exists=True,
    )
    op.create_table(
        "recoveries",
        sa.Column("recovery_id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.String(64), nullable=False, index=True),
        sa.Column("recovered_at", sa.Date, nullable=False),
        sa.Column("amount", Money, nullable=False),
        sa.CheckConstraint("amount >= 0"),
        if_not_exists=True,
    )
    dialect = op.get_bind().dialect.name
    for table, key in (("dispositions", "disposition_id"), ("recoveries", "recovery_id")):
        for statement in triggers(table, key, dialect):
            op.execute(statement)
