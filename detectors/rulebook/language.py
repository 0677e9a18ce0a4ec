"""What a rule may read and call, told to its author: views, columns, functions and code sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from claims.model import INPUT_TABLES
from detectors.rulebook.code_sets import shipped
from detectors.rulebook.documents import Document
from detectors.rulebook.problems import Problem, RuleError
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.sources import View

LOADED, COMPUTED = "loaded", "computed"


@dataclass(frozen=True)
class Column:
    """A column that an expression may name in a view.

    Args:
        name: as an author writes it, a look-up's with its dot.
        type: DuckDB's.
        origin: ``loaded``, ``computed``, or the table of a look-up and what it is joined by.
    """

    name: str
    type: str
    origin: str


@dataclass(frozen=True)
class Call:
    """A function as an author calls it.

    Args:
        kind: what it is for, or ``Aggregates`` and ``Windows``, which have places of their own.
    """

    kind: str
    call: str
    answer: str


def calls() -> tuple[Call, ...]:
    """Every function that rule expressions admit."""
    told = _told()
    groups = {**told["functions"], "Aggregates": told["aggregates"], "Windows": told["windows"]}
    return tuple(
        Call(kind, call, answer) for kind, group in groups.items() for call, answer in group.items()
    )


def views() -> Mapping[str, str]:
    """Every view by name, and what one row of it is."""
    rows: Mapping[str, str] = _told()["views"]
    return {name: rows[name] for name in VIEWS}


def columns(view: str) -> tuple[Column, ...]:
    """Every column of a view.

    Raises:
        RuleError: there is no such view.
    """
    found = VIEWS.get(view)
    if found is None:
        near = get_close_matches(view, VIEWS, 3)
        remedy = f"did you mean {' or '.join(near)}?" if near else "see `vigie rules columns`"
        raise RuleError([Problem(view, 0, "no such view", remedy)])
    return tuple(
        Column(path, found.column(tuple(path.split("."))) or "", _origin(found, path))
        for path in found.paths()
    )


def code_sets() -> Mapping[str, int]:
    """The code sets that are shipped, with the number of their codes."""
    names = [row["code_set"] for row in shipped()]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def _origin(view: View, path: str) -> str:
    name = path.split(".", maxsplit=1)[0]
    if "." in path:
        lookup = view.lookups[name]
        return f"{lookup.table} by {lookup.column}" + (" on the row's date" * bool(lookup.dated))
    loaded = view.table and name in INPUT_TABLES[view.table].names and name not in view.derived
    return LOADED if loaded else COMPUTED


@cache
def _told() -> Mapping[str, Any]:
    text = files("detectors.rulebook").joinpath("language.yaml").read_text("utf-8")
    return dict(Document(text).value or {})
