"""From a rule's expression to DuckDB SQL over flat, quoted columns, with its parameters filled in.

Nothing that an author wrote reaches DuckDB unparsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import sqlglot
from sqlglot import exp

from detectors.rulebook.distance import KM_BETWEEN, expanded
from detectors.rulebook.expressions import DUCKDB, SET_FUNCTIONS
from detectors.rulebook.knownness import KNOWN, told
from detectors.rulebook.problems import ExpressionError

# A set's name becomes a part of a column's name and of texts in SQL.
SET_NAME = re.compile(r"[\w .-]+")

Resolve = Callable[[tuple[str, ...]], exp.Expr]
SetColumn = Callable[[str, str, tuple[str, ...]], exp.Expr]


def literal(value: Any) -> exp.Expr:
    """A parameter's value as a SQL literal of its type."""
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    if isinstance(value, int | float | Decimal):
        return (
            exp.Literal.number(str(value))
            if value >= 0
            else exp.paren(exp.Neg(this=exp.Literal.number(str(-value))))
        )
    if isinstance(value, list | tuple):
        return exp.Tuple(expressions=[literal(item) for item in value])
    return exp.Literal.string(str(value))


def rewrite(
    tree: exp.Expr,
    values: Mapping[str, Any],
    resolve: Resolve,
    set_column: SetColumn,
    partition: tuple[str, ...] = (),
    total_order: str = "",
) -> exp.Expr:
    """A parsed expression as DuckDB is to read it; the one given stays as it is.

    Args:
        values: parameters.
        resolve: the flat column behind a path; raises ``ExpressionError`` where there is none.
        set_column: the column that holds ``in_set`` and its kin for a set and a column.
        partition: columns that every window is partitioned by besides its own.
        total_order: column that ends every window's order, so that ties come out the same.
    """
    if isinstance(tree, exp.Column):
        return resolve(_path(tree))
    copy = tree.copy()
    # Most expressions hold neither, and each of these makes a copy of its own.
    named = {node.name.lower() for node in copy.find_all(exp.Anonymous)}
    copy = expanded(copy) if KM_BETWEEN in named else copy
    copy = told(copy) if KNOWN in named else copy
    for window in list(copy.find_all(exp.Window)):
        _complete(window, partition, total_order)

    def replace(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder):
            if node.name not in values:
                raise ExpressionError(f"unknown parameter {node.name}", "declare it in `params`")
            return literal(values[node.name])
        if isinstance(node, exp.Anonymous) and node.name.lower() in SET_FUNCTIONS:
            return _set_function(node, resolve, set_column)
        if isinstance(node, exp.Column):
            return resolve(_path(node))
        return node

    return copy.transform(replace, copy=False)


def _set_function(node: exp.Anonymous, resolve: Resolve, set_column: SetColumn) -> exp.Expr:
    name = node.name.lower()
    arguments = node.expressions
    if not arguments or not isinstance(arguments[0], exp.Literal):
        raise ExpressionError(f"{name} without a set", f"write {name}('set_name', column)")
    if not SET_NAME.fullmatch(arguments[0].name):
        raise ExpressionError(f"{name} of a set that bears no name", "name it with letters")
    paths = [argument for argument in arguments[1:] if isinstance(argument, exp.Column)]
    if len(paths) != len(arguments) - 1 or not paths or len(paths) > 2:
        raise ExpressionError(f"{name} over something else than columns", "compare a plain column")
    if len(paths) == 2:
        if name != "in_set":
            raise ExpressionError(f"{name} with two columns", "only in_set takes a related code")
        return _related(arguments[0].name, *(resolve(_path(column)) for column in paths))
    return set_column(name, arguments[0].name, _path(paths[0]))


def _path(column: exp.Column) -> tuple[str, ...]:
    return tuple(part.name for part in column.parts)


def _related(set_name: str, first: exp.Expr, related: exp.Expr) -> exp.Expr:
    left, right = first.sql(dialect=DUCKDB), related.sql(dialect=DUCKDB)
    name = set_name.replace("'", "''")
    # Codes that stand for all that begin so are few, and asked apart, so that the others hash.
    found = " or ".join(
        f"exists (select 1 from code_sets_at_hand s where s.code_set = '{name}' and {code}"
        f" and starts_with({right}, rtrim(s.related_code, '*')))"
        for code in (f"s.code = {left}", f"s.pattern is not null and {left} like s.pattern")
    )
    text = f"(case when {left} is null or {right} is null then null else {found} end)"
    return sqlglot.parse_one(text, dialect=DUCKDB)


def _complete(window: exp.Window, partition: tuple[str, ...], total_order: str) -> None:
    present = [column.sql() for column in window.args.get("partition_by") or []]
    extra = [exp.column(name) for name in partition if name not in present]
    window.set("partition_by", [*extra, *(window.args.get("partition_by") or [])])
    order, spec = window.args.get("order"), window.args.get("spec")
    ranged = spec is not None and (spec.args.get("kind") or "").upper() == "RANGE"
    if order is not None and total_order and not ranged:
        order.append("expressions", exp.Ordered(this=exp.column(total_order), nulls_first=False))
