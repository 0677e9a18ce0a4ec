"""The parts of a condition that must all hold, each with the columns it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp


@dataclass(frozen=True)
class Conjunct:
    """One part of a condition over rows named ``row``.

    Args:
        columns: flat columns it reads.
        asks: it holds a sub-query (``in_set`` of two columns).
    """

    sql: str
    columns: frozenset[str]
    asks: bool


def conjuncts(condition: str) -> tuple[Conjunct, ...]:
    """A condition taken apart at its topmost ANDs.

    A condition is true exactly where all of these are; where one is false or null it is not true,
    so rows are flagged alike however nulls stand in them.
    """
    tree = sqlglot.parse_one(condition, dialect="duckdb")
    return tuple(dict.fromkeys(_conjunct(part) for part in _parts(tree)))


def _parts(tree: exp.Expr) -> Iterator[exp.Expr]:
    inner = tree.unnest()
    if isinstance(inner, exp.And):
        yield from _parts(inner.left)
        yield from _parts(inner.right)
    else:
        yield inner


def _conjunct(part: exp.Expr) -> Conjunct:
    columns = frozenset(c.name for c in part.find_all(exp.Column) if c.table == "row")
    return Conjunct(part.sql(dialect="duckdb"), columns, part.find(exp.Query) is not None)
