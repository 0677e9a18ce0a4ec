"""Rule expressions: DuckDB SQL parsed by sqlglot, functions on an allow-list, no sub-query.

Authors write column names (``paid_amount``, ``member.death_date``, ``other.admission_date``) and
parameters (``{tolerance}``). What comes out is SQL over flat, quoted columns, so that nothing an
author wrote reaches DuckDB unparsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from detectors.rulebook.distance import KM_BETWEEN, expanded
from detectors.rulebook.knownness import KNOWN, told
from detectors.rulebook.problems import ExpressionError

PLAIN_FUNCTIONS = frozenset(
    [
        "abs",
        "ceil",
        "ceiling",
        "floor",
        "round",
        "least",
        "greatest",
        "coalesce",
        "nullif",
        "if",
        "case",
        "cast",
        "try_cast",
        "datediff",
        "date_diff",
        "date_trunc",
        "timestamp_trunc",
        "year",
        "month",
        "day",
        "day_of_week",
        "dayofweek",
        "dayofweek_iso",
        "isodow",
        "extract",
        "lower",
        "upper",
        "left",
        "right",
        "length",
        "starts_with",
        "contains",
        "regexp_like",
        "regexp_matches",
        "concat",
        "concat_ws",
        "trim",
        "ltrim",
        "rtrim",
        "strpos",
        "str_position",
        "substring",
        "strftime",
        "time_to_str",
        "sqrt",
        "ln",
        "exp",
        "pow",
        "power",
        "mod",
        "to_days",
        "to_minutes",
        "to_hours",
        "and",
        "or",
        "not",
        "xor",
        "to_number",
        "json_object",
        "last_day",
        "regexp_replace",
        "strip_accents",
        *("jarowinkler_similarity", "array_overlaps", "split"),
        "to_years",
        "to_months",
        KM_BETWEEN,
        KNOWN,
    ]
)
AGGREGATES = frozenset(
    [
        "sum",
        "count",
        "count_if",
        "min",
        "max",
        "avg",
        "median",
        "bool_or",
        "bool_and",
        "logical_or",
        "logical_and",
        "quantile_cont",
        "percentile_cont",
        "stddev",
    ]
)
WINDOWED = AGGREGATES | frozenset(
    ["lag", "lead", "row_number", "rank", "dense_rank", "first_value", "last_value"]
)
# By sqlglot's names; told apart from what is merely unknown, as authors reach for them.
CLOCKS = frozenset(("current_date", "current_timestamp", "current_time", "now", "today", "age"))
CHANCE = frozenset(("rand", "random", "uuid", "gen_random_uuid", "setseed"))
SET_FUNCTIONS = frozenset(("in_set", "any_in_set", "set_value", "set_related"))

ALLOWED_NODES = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Binary,
    exp.Unary, exp.Between, exp.In, exp.Func, exp.DataType, exp.DataTypeParam, exp.Interval,
    exp.Var, exp.Star, exp.Distinct, exp.Window, exp.WindowSpec, exp.Order, exp.Ordered,
    exp.Placeholder, exp.If, exp.Tuple, exp.Filter, exp.Where, exp.IgnoreNulls,
)  # fmt: skip

# One for all, as a name is looked up and made a dialect each time.
DUCKDB = Dialect.get_or_raise("duckdb")

# `row` opens a struct in SQL, so the row's own name is another one while it is parsed.
ROW = "this_row"
_ROW = re.compile(r"('(?:[^']|'')*')|\brow\.")
# A set's name becomes a part of a column's name and of texts in SQL.
SET_NAME = re.compile(r"[\w .-]+")
PARAMETER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")

Resolve = Callable[[tuple[str, ...]], exp.Expr]
SetColumn = Callable[[str, str, tuple[str, ...]], exp.Expr]


# Checks read an expression that the plan reads again, and rules share many; a site's run holds all.
@lru_cache(maxsize=20_000)
def parse(text: str, windows: bool = False, aggregates: bool = False) -> exp.Expr:
    """The expression of a rule, once it has passed every restriction; not to be changed.

    Args:
        windows: window functions may occur.
        aggregates: it is a measure; aggregates may occur outside windows.

    Raises:
        ExpressionError: it does not parse, or holds what rules may not hold.
    """
    try:
        statements = sqlglot.parse(_ROW.sub(_renamed, PARAMETER.sub(r"$\1", text)), dialect=DUCKDB)
    except SqlglotError as error:
        reason = str(error).splitlines()[0].split(". Line")[0]
        raise ExpressionError(f"not a SQL expression ({reason})", "write one expression") from error
    if len(statements) != 1 or statements[0] is None:
        raise ExpressionError("more than one statement, or none", "write one expression")
    tree = statements[0]
    for node in tree.walk():
        _admit(node, windows, aggregates)
    return tree


def _renamed(found: re.Match[str]) -> str:
    return found.group(1) or f"{ROW}."


def _admit(node: exp.Expr, windows: bool, aggregates: bool) -> None:
    if isinstance(node, exp.Query | exp.Subquery | exp.Command | exp.DDL | exp.Table):
        raise ExpressionError(
            "a sub-query or statement", "name other rows in `match` or `absent`, never in SQL"
        )
    if isinstance(node, exp.Func):
        _admit_function(node, windows, aggregates)
    elif not isinstance(node, ALLOWED_NODES):
        raise ExpressionError(
            f"{type(node).__name__.lower()} is not part of rule expressions",
            "write comparisons, arithmetic and the functions listed in the documentation",
        )
    if isinstance(node, exp.Window) and not windows:
        raise ExpressionError("a window function here", "compute it as a column in `let`")


def _admit_function(node: exp.Func, windows: bool, aggregates: bool) -> None:
    anonymous = isinstance(node, exp.Anonymous)
    name = (node.name if anonymous else node.sql_name()).lower()
    if name in SET_FUNCTIONS or name in PLAIN_FUNCTIONS:
        return
    if name in WINDOWED:
        inside = node.find_ancestor(exp.Window) is not None
        if (inside and windows) or (aggregates and name in AGGREGATES):
            return
        raise ExpressionError(f"{name} here", "aggregate in `let` (over a window) or `measures`")
    raise ExpressionError(f"function {name} is not on the list", _instead(name))


def _instead(name: str) -> str:
    """What to write in place of a function that no rule may call."""
    if name in CLOCKS:
        return "a run must come out the same again; use {period_start} or {period_end}, its days"
    if name in CHANCE:
        return "a run must come out the same again; name a limit in `params` instead"
    near = get_close_matches(name, sorted(PLAIN_FUNCTIONS), 3)
    asked = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{asked}`vigie rules functions` lists those there are"


def parameters(text: str) -> set[str]:
    """Names in braces."""
    return set(PARAMETER.findall(text))


def columns(tree: exp.Expr) -> list[tuple[str, ...]]:
    """Paths of the columns an expression reads."""
    return [tuple(part.name for part in node.parts) for node in tree.find_all(exp.Column)]


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
) -> str:
    """DuckDB SQL of a parsed expression.

    Args:
        values: parameters.
        resolve: the flat column behind a path; raises ``ExpressionError`` where there is none.
        set_column: the column that holds ``in_set`` and its kin for a set and a column.
        partition: columns that every window is partitioned by besides its own.
        total_order: column that ends every window's order, so that ties come out the same.
    """
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
            return resolve(tuple(part.name for part in node.parts))
        return node

    return str(copy.transform(replace, copy=False).sql(dialect=DUCKDB))


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
