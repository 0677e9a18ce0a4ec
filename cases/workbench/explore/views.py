"""The lake's tables as one run read them, for SQL that can only read; personal values masked.

A masked text is a token that is equal where the texts are, so that shared phones or addresses can
be joined and counted without being read. Tokens differ from session to session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from cases.reading import attach_run
from cases.workbench.masking import PERSONAL
from claims.lake import Lake
from claims.model import INPUT_TABLES, RESULT_TABLES

OF_RUNS = ("runs", "quarantine", "checks")
DERIVED = ("superseded",)
VALUES = '"value": "[^"]*"'


def connect(
    lake: Lake, run: Mapping[str, Any], salt: str, masked: bool
) -> tuple[duckdb.DuckDBPyConnection, list[str]]:
    """A connection to a run's tables that reaches nothing else, and the tables' names.

    Args:
        salt: what tokens are made with.
    """
    connection = duckdb.connect()
    inputs = input_versions(lake, run)
    for table, version in inputs.items():
        lake.attach(connection, table, version)
    results = [name for name in (*RESULT_TABLES, "shadow_findings", "shadow_evidence",
                                 *run["parameters"].get("profiles", ()))
               if name not in inputs and name not in OF_RUNS and lake.exists(name)]  # fmt: skip
    attach_run(connection, lake, run["run_id"], *results)
    names = sorted({*inputs, *results})
    if masked:
        for table in names:
            _mask(connection, table, salt)
    files = _files(lake, run, inputs, results)
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    connection.execute(f"set allowed_paths = [{listed}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection, names


def input_versions(lake: Lake, run: Mapping[str, Any]) -> dict[str, int]:
    """By table that was loaded, the version that the run read."""
    versions = {table: int(said["version"]) for table, said in run["rows"].items()}
    derived = run["parameters"].get("derived", {})
    return versions | {t: int(v) for t, v in derived.items() if t in DERIVED and lake.exists(t)}


def _mask(connection: duckdb.DuckDBPyConnection, table: str, salt: str) -> None:
    described = connection.sql(f'describe "{table}"').fetchall()
    types = {str(row[0]): str(row[1]) for row in described}
    hidden = [name for name in types if hides(table, name)]
    replaced = [f'{_token(name, types[name], salt)} as "{name}"' for name in hidden]
    if table.endswith("findings") and "details" in types:
        shown = f"regexp_replace(details, '{VALUES}', '\"value\": \"•••\"', 'g')"
        replaced.append(f"{shown} as details")
    kept = " exclude (bucket)" if "bucket" in types else ""
    if not replaced and not kept:
        return
    chosen = f" replace ({', '.join(replaced)})" if replaced else ""
    connection.execute(f'alter view "{table}" rename to "{table}_as_stored"')
    connection.execute(f'create view "{table}" as select *{kept}{chosen} from "{table}_as_stored"')


def hides(table: str, column: str) -> bool:
    """Whether a column of a loaded table is personal, or not the model's own."""
    if table not in INPUT_TABLES:
        return False
    return column in PERSONAL or column not in {*INPUT_TABLES[table].names, "bucket"}


def _token(name: str, kind: str, salt: str) -> str:
    """A token of a text, the year of a date, and nothing of a number."""
    if kind == "VARCHAR":
        return f"'•' || left(md5('{salt}' || \"{name}\"), 8)"
    if kind == "DATE":
        return f"date_trunc('year', \"{name}\")::date"
    return f"cast(null as {kind})"


def _files(
    lake: Lake, run: Mapping[str, Any], inputs: Mapping[str, int], results: Iterable[str]
) -> list[str]:
    """The data files that the views read; of a lake elsewhere none, as it is read by Arrow."""
    if "://" in lake.root and not lake.root.startswith("file://"):
        return []
    found = [
        file
        for table, version in inputs.items()
        for files in lake.files(table, version).values()
        for file in files
    ]
    for table in results:
        found += lake.delta(table).file_uris([("run_id", "=", run["run_id"])])
    return sorted(found)
