"""Acts, attachments and settings; a disposition written by another program becomes an act too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cases.decisions.migrations.append_only import triggers
from cases.decisions.tables import Number

revision, down_revision = "0002", "0001"
branch_labels = depends_on = None

KINDS = (
    "'assign', 'take', 'release', 'snooze', 'decide', 'confirm', 'decline', 'reopen', 'suppress', "
    "'note', 'attach', 'unmask', 'recover'"
)
SOURCES = "'jupyterhub', 'database', 'operating_system', 'stated'"
KEYS = {"acts": "act_id", "attachments": "sha256", "settings": "setting_id"}

# The lock by which the store's own writers take turns.
TURN = 7_316_204_118

# Columns of the act that a disposition without one becomes.
ACT = (
    "insert into acts (case_id, sequence, kind, at, analyst, identity_source, press, note, details)"
)
DETAILS = {
    "sqlite": "json_object('outcome', {0}.outcome, 'amount', "
    "case when {0}.amount_confirmed is not null then printf('%.2f', {0}.amount_confirmed) end, "
    "'minutes', {0}.minutes_spent, 'reasons', json_array(), "
    "'needs_confirmation', json('false'))",
    "postgresql": "json_build_object('outcome', {0}.outcome, 'amount', "
    "cast({0}.amount_confirmed as text), 'minutes', {0}.minutes_spent, "
    "'reasons', json_build_array(), 'needs_confirmation', false)::text",
}
NEXT = "coalesce((select max(sequence) from acts where case_id = new.case_id), 0) + 1"


def upgrade() -> None:
    """Make the new tables, guard them, and give every disposition there is its act."""
    dialect = op.get_bind().dialect.name
    _create_tables()
    op.add_column("dispositions", sa.Column("act_id", Number))
    op.add_column("recoveries", sa.Column("act_id", Number))
    for table, key in KEYS.items():
        for statement in triggers(table, key, dialect):
            op.execute(statement)
    op.execute(
        f"{ACT} select d.case_id, row_number() over "
        "(partition by d.case_id order by d.decided_at, d.disposition_id), 'decide', "
        "d.decided_at, d.analyst, 'stated', 'disposition ' || d.disposition_id, d.note, "
        f"{DETAILS[dialect].format('d')} from dispositions d "
        "order by d.decided_at, d.disposition_id"
    )
    _follow_outsiders(dialect)


def _create_tables() -> None:
    op.create_table(
        "acts",
        sa.Column("act_id", Number, primary_key=True),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("analyst", sa.String, nullable=False),
        sa.Column("identity_source", sa.String(20), nullable=False),
        sa.Column("press", sa.String(64), nullable=False, unique=True),
        sa.Column("run_id", sa.String(64)),
        sa.Column("shown_sha256", sa.String(64)),
        sa.Column("note", sa.Text),
        sa.Column("details", sa.Text, nullable=False),
        sa.UniqueConstraint("case_id", "sequence"),
        sa.CheckConstraint(f"kind in ({KINDS})"),
        sa.CheckConstraint(f"identity_source in ({SOURCES})"),
        sa.CheckConstraint("sequence >= 1"),
        sa.CheckConstraint("length(shown_sha256) = 64"),
        sa.CheckConstraint("length(trim(analyst)) > 0"),
    )
    op.create_table(
        "attachments",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("size", Number, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(content) = size"),
    )
    op.create_table(
        "settings",
        sa.Column("setting_id", Number, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, index=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("set_at", sa.DateTime, nullable=False),
        sa.Column("analyst", sa.String, nullable=False),
        sa.Column("identity_source", sa.String(20), nullable=False),
    )


def _follow_outsiders(dialect: str) -> None:
    """A program that knows the model's columns alone may add a disposition: it counts as an act."""
    values = (
        f"new.case_id, {NEXT}, 'decide', new.decided_at, new.analyst, 'stated', "
        f"'disposition ' || new.disposition_id, new.note, {DETAILS[dialect].format('new')}"
    )
    if dialect == "sqlite":
        op.execute(
            "create trigger disposition_is_an_act after insert on dispositions "
            f"when new.act_id is null begin {ACT} values ({values}); end"
        )
        return
    op.execute(
        "create function vigie_disposition_is_an_act() returns trigger language plpgsql as $$ "
        f"begin perform pg_advisory_xact_lock({TURN}); {ACT} values ({values}); return new; end $$"
    )
    op.execute(
        "create trigger disposition_is_an_act after insert on dispositions for each row "
        "when (new.act_id is null) execute function vigie_disposition_is_an_act()"
    )
