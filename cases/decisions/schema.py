"""The database behind the store: opened, made where empty, never read at a wrong revision.

Alembic's scripts travel with the package. An empty database is migrated when it is opened; one of
another revision is left alone, and the error says what to do.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from cases.decisions.faults import SchemaError

VERSION_TABLE = "vigie_decisions_revision"
SCRIPTS = "cases.decisions:migrations"
REVISION = "0002"
BEFORE_REVISIONS = "0001"
UPGRADE = "run `vigie decisions upgrade`"

# Writers take turns: numbers of acts are then committed in their order, and a number read as the
# last is the last for good.
TURN = 7_316_204_118
WAIT_SECONDS = 60


def connect(url: str) -> Engine:
    """An engine on the database, without looking into it.

    Raises:
        SchemaError: the URL is none, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgres", "postgresql"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise SchemaError(
                f"decisions are kept in SQLite or PostgreSQL, not in {parsed.get_backend_name()}"
            )
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            _private_file(Path(parsed.database))
            arguments: dict[str, Any] = {"timeout": WAIT_SECONDS}
        else:
            arguments = {}
        engine = create_engine(parsed, connect_args=arguments)
    except (ArgumentError, NoSuchModuleError) as error:
        raise SchemaError(
            "no database URL; write sqlite:///decisions.db or postgresql://host/database"
        ) from error
    except ModuleNotFoundError as error:
        raise SchemaError(
            "PostgreSQL's driver is missing; install Vigie with its extra: vigie[postgres]"
        ) from error
    if engine.dialect.name == "sqlite":
        _let_sqlalchemy_begin(engine)
    return engine


def _private_file(path: Path) -> None:
    """Make the file its owner's alone: notes and names are in it."""
    if str(path) == ":memory:" or path.exists():
        return
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise SchemaError(
            f"{path}: the file of decisions cannot be made; name another place with --decisions"
        ) from error


def _let_sqlalchemy_begin(engine: Engine) -> None:
    """Python's driver begins late, and not before DDL; a writer holds its turn from the start."""

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        connection.execute("pragma foreign_keys = on")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("begin immediate" if writes else "begin")


def writing(engine: Engine) -> Engine:
    """The engine for transactions that write."""
    return engine.execution_options(writes=True)


def take_turn(connection: Connection) -> None:
    """Wait until no other writer is at work; held to the end of the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:turn)"), {"turn": TURN})


def prepare(engine: Engine) -> None:
    """Make the tables of an empty database, and refuse one of another revision.

    Raises:
        SchemaError: it cannot be reached, or is older or newer than this code.
    """
    try:
        found = revision(engine)
        if found is None:
            upgrade(engine, only_if_empty=True)
            found = revision(engine)
    except SQLAlchemyError as error:
        raise SchemaError(
            f"{_shown(engine)}: the database of decisions cannot be read or made; see that it "
            "runs, and that you may create tables in it or have had them made"
        ) from error
    if found == REVISION:
        return
    if found is None or found < REVISION:
        raise SchemaError(
            f"{_shown(engine)}: the database is of revision {found}, this code reads {REVISION}; "
            f"{UPGRADE}"
        )
    raise SchemaError(
        f"{_shown(engine)}: the database is of revision {found}, newer than this code "
        f"({REVISION}); install the version of Vigie that made it"
    )


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def revision(engine: Engine) -> str | None:
    """The database's revision; ``None`` where it has no table of ours."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        told = connection.scalar(text(f"select version_num from {VERSION_TABLE}"))
        return None if told is None else str(told)
    return BEFORE_REVISIONS if "dispositions" in tables else None


def upgrade(engine: Engine, only_if_empty: bool = False) -> str:
    """Bring the database to this code's revision in one transaction; returns the revision it had.

    Args:
        only_if_empty: leave a database alone that another process has filled meanwhile.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    with writing(engine).begin() as connection:
        take_turn(connection)
        before = _revision(connection)
        if before is not None and (only_if_empty or before >= REVISION):
            return before
        config.attributes["connection"] = connection
        if (
            before == BEFORE_REVISIONS
            and VERSION_TABLE not in inspect(connection).get_table_names()
        ):
            command.stamp(config, BEFORE_REVISIONS)
        command.upgrade(config, REVISION)
    return before or "empty"
