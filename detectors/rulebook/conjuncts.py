"""The parts of a condition that must all hold, each with the columns it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from detectors.rulebook.expressions import DUCKDB


@dataclass(frozen=True)
class Conjunct:
    """One part of a condition over rows named ``row``.

    Args:
        columns: flat columns it reads.
        asks: it holds a sub-query (``in_set`` of two columns).
        words: where it only asks whether a text column holds one of some words, these words.
        without: it asks that the column holds another word than these.
    """

    sql: str
    columns: frozenset[str]
    asks: bool = False
    words: frozenset[str] = frozenset()
    without: bool = False

    @property
    def column(self) -> str:
        """Its only column, if it reads one alone."""
        return next(iter(self.columns)) if len(self.columns) == 1 and not self.asks else ""


def conjuncts(conditions: Iterable[exp.Expr], text: Callable[[str], bool]) -> tuple[Conjunct, ...]:
    """Conditions that all hold, taken apart at their topmost ANDs.

    They are true exactly where all of these are; where one is false or null it is not true,
    so rows are flagged alike however nulls stand in them.

    Args:
        conditions: used up, as SQL is written from their nodes.
        text: whether a flat column holds text.
    """
    parts = (part for condition in conditions for part in _parts(condition))
    return tuple(dict.fromkeys(_conjunct(part, text) for part in parts))


def _parts(tree: exp.Expr) -> Iterator[exp.Expr]:
    inner = tree.unnest()
    if isinstance(inner, exp.And):
        yield from _parts(inner.left)
        yield from _parts(inner.right)
    else:
        yield inner


def _conjunct(part: exp.Expr, text: Callable[[str], bool]) -> Conjunct:
    columns = frozenset(c.name for c in part.find_all(exp.Column) if c.table == "row")
    asks = part.find(exp.Query) is not None
    without = isinstance(part, exp.Not | exp.NEQ)
    inner = part.this.unnest() if isinstance(part, exp.Not) else part
    given: list[exp.Expr] = []
    if isinstance(inner, exp.In):
        # A list that a parameter holds stands in one node.
        listed = inner.args.get("field")
        given = listed.expressions if isinstance(listed, exp.Tuple) else inner.expressions
    elif isinstance(inner, exp.NEQ) or (isinstance(inner, exp.EQ) and inner is part):
        given = [inner.expression]
    words = frozenset(word.name for word in given if isinstance(word, exp.Literal))
    plain = isinstance(inner.this, exp.Column) and text(inner.this.name)
    sql = part.sql(dialect=DUCKDB, copy=False)
    if not given or not plain or not all(word.is_string for word in given):
        return Conjunct(sql, columns, asks)
    return Conjunct(sql, columns, asks, words, without)
