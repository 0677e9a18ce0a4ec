"""Where the decisions on a lake's cases are kept."""

from __future__ import annotations

import os
from pathlib import Path

from cases.decisions.faults import SchemaError
from claims.lake import Lake

VARIABLE = "VIGIE_DECISIONS"


def place_of(lake: Lake | None, url: str | None = None) -> str:
    """The database's URL: as given, else by ``VIGIE_DECISIONS``, else a SQLite file by the lake.

    The file lies beside the lake's folder, not in it: the lake can be made again, decisions cannot.

    Raises:
        SchemaError: none was given, and there is no folder to put a file beside.
    """
    named = url or os.environ.get(VARIABLE)
    if named:
        return named
    if lake is None or not _local(lake):
        raise SchemaError(
            f"say where decisions are kept: --decisions URL, or the environment's {VARIABLE}"
        )
    return f"sqlite:///{lake.root.removeprefix('file://')}.decisions.db"


def kept(lake: Lake, url: str | None = None) -> str | None:
    """The database's URL where decisions can be; ``None`` where none was ever recorded.

    Only the file beside the lake may be missing: a database that was named must be there.
    """
    named = url or os.environ.get(VARIABLE)
    if named or not _local(lake):
        return named
    found = place_of(lake)
    return found if Path(found.removeprefix("sqlite:///")).exists() else None


def _local(lake: Lake) -> bool:
    return "://" not in lake.root or lake.root.startswith("file://")
