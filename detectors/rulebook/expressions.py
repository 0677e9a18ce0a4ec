"""Rule expressions: DuckDB SQL parsed by sqlglot, functions on an allow-list, no sub-query.

Authors write column names (``paid_amount``, ``member.death_date``, ``other.admission_date``) and
parameters (``{tolerance}``); rewriting.py makes of it what DuckDB reads.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from detectors.rulebook.distance import KM_BETWEEN
from detectors.rulebook.knownness import KNOWN
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
PARAMETER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


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
