"""Lakes that know a few cases, without Spark, and a PostgreSQL of the test run's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pgserver
from sqlalchemy import create_engine, make_url, text

from cases.decisions import Identity, Store, open_store
from claims.lake import Lake
from claims.runs import Run, recorded
from tests.cases.lakes import Rows, case_row, write_rows

RESULTS = ("cases", "case_contributions", "findings", "evidence")


def add_run(lake: Lake, run_id: str, **tables: Rows) -> None:
    """A succeeded run with the result rows given by table."""
    run = Run(lake, "run", run_id=run_id, period=(date(2024, 1, 1), date(2024, 12, 31)), seed=1)
    with recorded(run):
        for name in (*RESULTS, *(set(tables) - set(RESULTS))):
            write_rows(lake, name, run_id, tables.get(name, ()))


def lake_with(folder: Path, runs: Mapping[str, Sequence[str]]) -> Lake:
    """A lake whose runs have cases ``case-…`` about the providers named."""
    lake = Lake(str(folder / "lake"))
    for run_id, subjects in runs.items():
        rows = [case_row(n, "provider", s) for n, s in enumerate(subjects, 1)]
        add_run(lake, run_id, cases=rows)
    return lake


def at_work(store: Store, name: str) -> Store:
    """The same store as another analyst opens it, over connections of their own."""
    url = store.engine.url.render_as_string(hide_password=False)
    assert store.known
    return open_store(url, lake=store.known.lake, identity=Identity(name))


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A server with its own data; gives the URL of its first database."""
    server = pgserver.get_server(folder, cleanup_mode="delete")
    # What a power cut would lose, a test may lose: its files are never forced to the disk.
    server.psql("alter system set fsync = off")
    server.psql("select pg_reload_conf()")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def new_schema(url: str) -> str:
    """The URL of an empty schema on the server: to a store as good as a database of its own."""
    server = make_url(url).set(drivername="postgresql+psycopg")
    name = f"vigie_{uuid4().hex}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"create schema {name}"))
    engine.dispose()
    own = server.update_query_dict({"options": f"-csearch_path={name}"})
    return own.render_as_string(hide_password=False)


def tables(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All rows of the store as they lie there."""
    names = ("acts", "dispositions", "recoveries", "attachments", "settings")
    with store.engine.connect() as connection:
        return {
            name: [dict(row._mapping) for row in connection.execute(text(f"select * from {name}"))]
            for name in names
        }
