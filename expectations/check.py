"""The vocabulary of the gate: what a check is, what it reads and when it cannot run."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from sqlglot import exp, parse_one

from claims.identifiers import written_placeholder

Severity = Literal["critical", "warning"]
Kind = Literal["row", "key", "schema", "load"]


@dataclass(frozen=True)
class Lookup:
    """Rows of another table, at most one a key, joined to a table's rows under an alias.

    Args:
        alias: by which a condition names the joined columns.
        table: the table looked into.
        on: pairs (column here, column there); rows whose first column is null have nothing to look
            up and are not counted. Further columns match null with null.
        columns: what else is read there; where a key repeats, the smallest value.
    """

    alias: str
    table: str
    on: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The key columns of the table looked into."""
        return tuple(there for _, there in self.on)


@dataclass(frozen=True)
class Check:
    """One statement about a table that its rows, or a load as a whole, must bear out.

    Args:
        table: a table of the model.
        name: unique within the table.
        meaning: a sentence on what a failure says.
        failing: Spark SQL condition that is true for a failing row; ``:as_of`` and ``:currency``
            stand for the gate's arguments, ``alias.column`` for a looked-up column.
        severity: ``critical`` stops a run; ``warning`` is carried on its reports.
        tolerance: greatest share of failing rows that passes; for kind ``load`` the greatest
            value of the measure.
        lookups: what is joined on for the condition.
        kind: ``row`` counts failing rows, ``key`` second and later rows of a key, ``schema``
            columns that are missing or of another type, ``load`` measures a load as a whole.
        any_needed: the check runs when any of its columns holds a value, not only when all do.

    A check whose columns hold no value does not run. Columns under ``coalesce`` or ``is null`` may
    be without any.
    """

    table: str
    name: str
    meaning: str
    failing: str = ""
    severity: Severity = "warning"
    tolerance: float = 0.0
    lookups: tuple[Lookup, ...] = ()
    kind: Kind = "row"
    any_needed: bool = field(default=False, kw_only=True)

    @property
    def full_name(self) -> str:
        """``table.name``, unique in the gate."""
        return f"{self.table}.{self.name}"

    @property
    def needed(self) -> tuple[tuple[str, str], ...]:
        """Pairs (table, column) that must hold a value before the condition says anything."""
        tables = {"": self.table, **{lookup.alias: lookup.table for lookup in self.lookups}}
        named = {(tables[alias], column) for alias, column in _columns(self.failing)}
        keyed = {(self.table, lookup.on[0][0]) for lookup in self.lookups}
        return tuple(sorted(named | keyed))


@cache
def _columns(condition: str) -> frozenset[tuple[str, str]]:
    if not condition:
        return frozenset()
    found = parse_one(condition, read="spark").find_all(exp.Column)
    return frozenset(
        (column.table, column.name)
        for column in found
        if column.find_ancestor(exp.Coalesce, exp.Is) is None
    )


def unknown(lookup: Lookup) -> str:
    """Spark SQL condition that an identifier is given but has no row in the table looked into."""
    here, there = lookup.on[0]
    return f"{lookup.alias}.{there} is null and not ({written_placeholder(here)})"
