"""Named lists of codes: shipped ones, and a site's own in the table ``code_sets``.

A site's rows of a set take the place of the shipped set. A code that ends in ``*`` (or, as in
``11x``, in a small x) stands for every code that begins so. Licensed code lists (CPT, CDT) are not
shipped; rules that need one say so until a site has loaded its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa

from detectors.rulebook.documents import Document
from detectors.rulebook.rule import ALWAYS

SCHEMA = pa.schema(
    [
        ("code_set", pa.string()),
        ("code", pa.string()),
        ("pattern", pa.string()),
        ("related_code", pa.string()),
        ("value", pa.float64()),
        ("effective_date", pa.date32()),
        ("deletion_date", pa.date32()),
    ]
)


@cache
def shipped() -> tuple[Mapping[str, Any], ...]:
    """Rows of the sets that come with the rulebook."""
    return tuple(row for name, entries in _listed().items() for row in _rows(name, entries))


def to_load() -> tuple[str, ...]:
    """Sets that our rules name and only a site can fill."""
    return tuple(name for name, entries in _listed().items() if not entries)


def known() -> frozenset[str]:
    """Names of all sets, those without a code among them."""
    return frozenset(_listed())


@cache
def _listed() -> Mapping[str, list[Any]]:
    text = files("detectors.rulebook").joinpath("code_sets.yaml").read_text("utf-8")
    return dict(Document(text).value)


def _rows(name: str, entries: Iterable[Any]) -> list[dict[str, Any]]:
    rows = []
    for entry in entries:
        row = entry if isinstance(entry, Mapping) else {"code": entry}
        rows.append({"code_set": name, **row})
    return rows


def at_hand(loaded: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Loaded rows of ``code_sets``, and the shipped sets of which nothing was loaded."""
    own = list(loaded)
    named = {row["code_set"] for row in own}
    rows = [*own, *(row for row in shipped() if row["code_set"] not in named)]
    return pa.Table.from_pylist([_shaped(row) for row in rows], schema=SCHEMA)


def _shaped(row: Mapping[str, Any]) -> dict[str, Any]:
    code, value = str(row["code"]), row.get("value")
    stem = code.rstrip("*") if code.endswith("*") else code.removesuffix("x")
    return {
        "code_set": row["code_set"],
        "code": code,
        "pattern": f"{stem}%" if stem != code and stem else None,
        "related_code": row.get("related_code"),
        "value": None if value is None else float(value),
        "effective_date": _day(row.get("effective_date"), ALWAYS[0]),
        "deletion_date": _day(row.get("deletion_date"), ALWAYS[1]),
    }


def _day(value: Any, otherwise: date) -> date:
    if value is None:
        return otherwise
    return value if isinstance(value, date) else date.fromisoformat(str(value))
