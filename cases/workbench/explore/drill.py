"""The way down: from a line of an aggregate to a query for the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import sqlglot
from sqlglot import exp

from claims.errors import VigieError

DIALECT = "duckdb"


@dataclass(frozen=True)
class Question:
    """SQL and the values it was asked with."""

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)


def behind(asked: Question, line: Mapping[str, Any]) -> Question | None:
    """What to ask for the rows behind one line of an answer; none where it is a row already.

    Args:
        line: the line's values by column.

    Raises:
        VigieError: the question cannot be taken apart, such as a union.
    """
    tree = sqlglot.parse_one(asked.sql, dialect=DIALECT)
    found = _behind(tree, line, dict(asked.values))
    if found is None:
        return None
    select, values = found
    return Question(select.sql(dialect=DIALECT), values)


def _behind(
    tree: exp.Expr, line: Mapping[str, Any], values: dict[str, Any]
) -> tuple[exp.Select, dict[str, Any]] | None:
    if not isinstance(tree, exp.Select):
        raise VigieError(
            "the rows behind a union, or another question of several parts, are not told apart; "
            "ask for one of its parts"
        )
    if _aggregates(tree):
        return _rows_of(tree, line, values)
    inner = _only_source(tree)
    if inner is None:
        return None
    outer = {name: own for own, name in _renamed(tree).items()}
    known = {outer.get(name, name): value for name, value in line.items()}
    found = _behind(inner, known, values)
    if found is not None and tree.args.get("with_"):
        found[0].set("with_", tree.args["with_"].copy())
    return found


def _rows_of(
    tree: exp.Select, line: Mapping[str, Any], values: dict[str, Any]
) -> tuple[exp.Select, dict[str, Any]]:
    rows = exp.select("*")
    for part in ("with_", "from_", "joins", "where", "laterals"):
        if tree.args.get(part):
            given = tree.args[part]
            copied = [one.copy() for one in given] if isinstance(given, list) else given.copy()
            rows.set(part, copied)
    for name, key in _keys(tree).items():
        if name not in line:
            continue
        value = line[name]
        if value is None:
            rows = rows.where(exp.Is(this=key.copy(), expression=exp.Null()))
            continue
        parameter = f"drill{len(values)}"
        values[parameter] = value
        equal = exp.EQ(this=key.copy(), expression=exp.Parameter(this=exp.var(parameter)))
        rows = rows.where(equal)
    return rows, values


def _keys(tree: exp.Select) -> dict[str, exp.Expr]:
    """By column of the answer, the expression that the lines are grouped by."""
    group = tree.args.get("group")
    chosen = {column.alias_or_name or column.sql(dialect=DIALECT): column.unalias()
              for column in tree.expressions}  # fmt: skip
    if group is None:
        return {}
    plain = {name: key for name, key in chosen.items() if not key.find(exp.AggFunc)}
    if group.args.get("all") or any(isinstance(k, exp.Var) and k.name.lower() == "all"
                                    for k in group.expressions):  # fmt: skip
        return plain
    listed = list(chosen.items())
    found: dict[str, exp.Expr] = {}
    for key in group.expressions:
        if isinstance(key, exp.Literal) and key.is_int:
            name, column = listed[int(key.name) - 1]
            found[name] = column
            continue
        for name, column in plain.items():
            if column == key or (isinstance(key, exp.Column) and key.name == name):
                found[name] = column
    return found


def _aggregates(tree: exp.Select) -> bool:
    if tree.args.get("group") or tree.args.get("distinct"):
        return True
    return any(
        found.find_ancestor(exp.Select) is tree and not found.find_ancestor(exp.Window)
        for column in tree.expressions
        for found in column.find_all(exp.AggFunc)
    )


def _only_source(tree: exp.Select) -> exp.Expr | None:
    """The query that a query merely passes on: a subquery, or a common table expression."""
    source = tree.args.get("from_")
    if source is None or tree.args.get("joins"):
        return None
    if isinstance(source.this, exp.Subquery):
        return cast("exp.Expr", source.this.this)
    named = tree.args.get("with_")
    for one in named.expressions if named else ():
        if isinstance(source.this, exp.Table) and one.alias == source.this.name:
            return cast("exp.Expr", one.this)
    return None


def _renamed(tree: exp.Select) -> dict[str, str]:
    """By column of the source, the name that it has in the answer."""
    return {
        column.this.name: column.alias
        for column in tree.expressions
        if isinstance(column, exp.Alias) and isinstance(column.this, exp.Column)
    }
