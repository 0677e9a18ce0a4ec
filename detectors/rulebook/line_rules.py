"""All line rules over a view's rows at once, at the price of a few readings of their columns.

A rule is a bit. What many rules ask of one column is decided once a distinct value of it, and a
row's bits are those that all its values have; what else a rule asks (two columns compared, a
column of too many values) is asked only of rows whose bit still stands. Only rows that some rule
accepts are then joined with look-ups and worded, and rules worded alike are worded together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import duckdb
import pyarrow as pa

from detectors.rulebook.conjuncts import Conjunct
from detectors.rulebook.enrich import LINE, chosen, screened
from detectors.rulebook.plan import Plan
from detectors.rulebook.rows import RULE
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.sources import View

# Bits of a word, so that it stays a positive BIGINT.
WORD = 62
# From so many different conditions on one column on, looking its values up is the cheaper.
SHARED = 4
# ... unless it has almost as many values as there are rows.
ROWS_A_VALUE = 4
FEW_ROWS = 10_000

Emit = Callable[[pa.Table], None]
RULES = pa.schema(
    [("rule", pa.string()), ("word", pa.int32()), ("bit", pa.int64()), ("wording", pa.int32())]
)
TABLES = ("screened rows", "rules", "decided", "accepted", "chosen", "line rows")


def together(plan: Plan) -> bool:
    """Whether a rule's rows are decided here: rows of a table, each by itself."""
    view = VIEWS.get(plan.rule.rows)
    return bool(plan.conjuncts) and view is not None and view.table not in ("", view.name)


def evaluate_lines(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan], emit: Emit
) -> list[Plan]:
    """Hits of line rules; call it before views take the names of their tables.

    Args:
        emit: takes the hits of some rules.

    Returns:
        The rules of which a part breaks on the data. They are still to be evaluated, each alone:
        another part may keep the rows away on which it breaks.
    """
    alone: list[Plan] = []
    for name in sorted({plan.rule.rows for plan in plans}):
        group = [plan for plan in plans if plan.rule.rows == name]
        try:
            sound = _decided(connection, VIEWS[name], group)
            broken = {plan.rule.name for plan in _worded(connection, VIEWS[name], sound, emit)}
            done = {plan.rule.name for plan in sound} - broken
        except duckdb.Error:
            done = set()
        alone += [plan for plan in group if plan.rule.name not in done]
        for table in TABLES:
            connection.execute(f'drop table if exists "{table}"')
    return alone


def _decided(
    connection: duckdb.DuckDBPyConnection, view: View, plans: Sequence[Plan]
) -> Sequence[Plan]:
    """Decide on all rules, or else on those no part of which breaks; which they were."""
    for statement in screened(view, _asked(plans)):
        connection.execute(statement)
    try:
        _decide(connection, plans)
    except duckdb.Error:
        plans = _sound(connection, plans)
        if plans:
            _decide(connection, plans)
    return plans


def _asked(plans: Iterable[Plan]) -> set[str]:
    """Columns that their conditions read."""
    return {column for plan in plans for part in _parts(plan) for column in part.columns}


def _parts(plan: Plan) -> list[Conjunct]:
    """What is decided here; a sub-query joins, so it waits for the few rows that are left."""
    return [part for part in plan.conjuncts if not part.asks]


def _sound(connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan]) -> list[Plan]:
    """Rules no part of which breaks on any row."""
    breaks: dict[str, bool] = {}
    for sql in {part.sql for plan in plans for part in _parts(plan)}:
        try:
            connection.execute(f'select count(*) from "screened" as "row" where ({sql})')
            breaks[sql] = False
        except duckdb.Error:
            breaks[sql] = True
    return [plan for plan in plans if not any(breaks[part.sql] for part in _parts(plan))]


class Words:
    """Sets of rules as words of bits; rules are numbered by their place."""

    def __init__(self, rules: int) -> None:
        self.rules = frozenset(range(rules))
        self.count = -(-rules // WORD)

    def of(self, rules: Iterable[int], word: int) -> int:
        """The word of some rules."""
        return sum(1 << number % WORD for number in set(rules) if number // WORD == word)

    def columns(self, expressions: Iterable[str]) -> str:
        """One expression a word, as columns ``w0``, ``w1`` …"""
        return ", ".join(f"({sql}) as w{n}" for n, sql in enumerate(expressions))

    @property
    def some(self) -> str:
        """Whether any rule is left."""
        return "(" + " | ".join(f"w{n}" for n in range(self.count)) + ") <> 0"


def _decide(connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan]) -> None:
    """Make ``decided``: numbers of the rows that some rule accepts, and words of those rules."""
    words = Words(len(plans))
    common = frozenset.intersection(*(frozenset(_parts(plan)) for plan in plans))
    by_column: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for number, plan in enumerate(plans):
        for part in _parts(plan):
            if len(part.columns) == 1 and part not in common:
                by_column[next(iter(part.columns))][number].append(part.sql)
    looked = _worth_looking_up(connection, by_column)
    for place, column in enumerate(looked):
        asked = by_column[column]
        shared = _alike({n: " and ".join(f"({sql})" for sql in sqls) for n, sqls in asked.items()})
        connection.execute(
            f'create or replace temp table "values {place}" as select "{column}" as v,'
            f" {words.columns(_by_value(words, shared, k) for k in range(words.count))}"
            f' from (select distinct "{column}" from "screened") as "row"'
        )
    left = {
        number: [p for p in _parts(plan) if p not in common and not (p.columns <= set(looked)
                 and len(p.columns) == 1)]
        for number, plan in enumerate(plans)
    }  # fmt: skip
    connection.execute(_statement(words, looked, common, left))
    for place in range(len(looked)):
        connection.execute(f'drop table "values {place}"')


def _worth_looking_up(
    connection: duckdb.DuckDBPyConnection, by_column: dict[str, dict[int, list[str]]]
) -> list[str]:
    """Columns of which many things are asked, and that have few values for their rows."""
    wanted = sorted(
        column
        for column, asked in by_column.items()
        if len({tuple(sqls) for sqls in asked.values()}) >= SHARED
    )
    if not wanted:
        return []
    counts = ", ".join(f'approx_count_distinct("{column}")' for column in wanted)
    found = connection.execute(f'select count(*), {counts} from "screened"').fetchone()
    rows, *distinct = found or (0,)
    return [
        column
        for column, values in zip(wanted, distinct, strict=True)
        if values * ROWS_A_VALUE <= rows or rows <= FEW_ROWS
    ]


def _alike(asked: dict[int, str]) -> dict[str, list[int]]:
    """Rules by what they ask, so that it is asked once."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, sql in asked.items():
        found[sql].append(number)
    return found


def _by_value(words: Words, asked: dict[str, list[int]], word: int) -> str:
    """The rules that a value lets stand: those that accept it, and those that do not ask."""
    asking = {number for numbers in asked.values() for number in numbers}
    parts = [f"cast({words.of(words.rules - asking, word)} as bigint)"]
    for sql, numbers in asked.items():
        if bits := words.of(numbers, word):
            parts.append(f"case when {sql} then cast({bits} as bigint) else 0 end")
    return " | ".join(parts)


def _by_row(words: Words, asked: dict[str, list[int]], word: int) -> str:
    """The rules that stand after what is left to ask, which is asked only where they stood."""
    asking = {number for numbers in asked.values() for number in numbers}
    parts = [f"(w{word} & {words.of(words.rules - asking, word)})"]
    for sql, numbers in asked.items():
        if bits := words.of(numbers, word):
            stood = f"w{word} & {bits}"
            parts.append(f"case when ({stood}) <> 0 and {sql} then {stood} else 0 end")
    return f"case when w{word} = 0 then 0 else {' | '.join(parts)} end"


def _statement(
    words: Words,
    looked: Sequence[str],
    common: Iterable[Conjunct],
    left: dict[int, list[Conjunct]],
) -> str:
    carried = sorted({column for parts in left.values() for p in parts for column in p.columns})
    listed = "".join(f', "row"."{column}"' for column in carried)
    start = [
        " & ".join(f"m{place}.w{word}" for place in range(len(looked)))
        or f"cast({words.of(words.rules, word)} as bigint)"
        for word in range(words.count)
    ]
    joins = "".join(
        f' join "values {place}" m{place} on m{place}.v is not distinct from "row"."{column}"'
        for place, column in enumerate(looked)
    )
    condition = " and ".join(f"({part.sql})" for part in sorted(common, key=lambda p: p.sql))
    asked = _alike(
        {n: " and ".join(f"({p.sql})" for p in parts) for n, parts in left.items() if parts}
    )
    rows = (
        f'select * from (select "row"."{LINE}"{listed}, {words.columns(start)}'
        f' from "screened" as "row"{joins} where {condition or "true"}) where {words.some}'
    )
    ends = words.columns(_by_row(words, asked, word) for word in range(words.count))
    return (
        f'create or replace temp table "decided" as select * from (select "{LINE}", {ends}'
        f' from ({rows}) as "row") where {words.some}'
    )


def _worded(
    connection: duckdb.DuckDBPyConnection, view: View, plans: Sequence[Plan], emit: Emit
) -> list[Plan]:
    """Emit the hits on the rows decided; the rules whose wording breaks come back."""
    if not plans:
        return []
    wordings = list(dict.fromkeys(plan.worded for plan in plans))
    rules = [
        {"rule": p.rule.name, "word": n // WORD, "bit": 1 << n % WORD,
         "wording": wordings.index(p.worded)}
        for n, p in enumerate(plans)
    ]  # fmt: skip
    connection.register("given_rules", pa.Table.from_pylist(rules, RULES))
    accepted = " union all ".join(
        f'select d."{LINE}", r.rule, r.wording from "decided" d join "rules" r'
        f" on r.word = {word} and (d.w{word} & r.bit) <> 0"
        for word in range(Words(len(plans)).count)
    )
    flats = frozenset().union(*(plan.reads[view.name] for plan in plans))
    for statement in (
        'create or replace temp table "rules" as select * from given_rules',
        f'create or replace temp table "accepted" as {accepted}',
        f'create or replace temp table "chosen" as select rowid as "{LINE}", *'
        f' from "{view.source or view.table}" where rowid in (select "{LINE}" from "decided")',
        *chosen(view, "line rows", "chosen", flats),
    ):
        connection.execute(statement)
    connection.unregister("given_rules")
    fired = connection.execute('select distinct wording from "accepted"').fetchall()
    alone: list[Plan] = []
    for (number,) in sorted(fired):
        alike = [plan for plan in plans if plan.worded == wordings[number]]
        try:
            emit(_hits(connection, alike, number))
        except (duckdb.Error, pa.ArrowInvalid):
            alone += alike
    return alone


def _hits(connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan], wording: int) -> pa.Table:
    columns = sorted({column for plan in plans for column in plan.columns})
    listed = ", ".join(f'v."{column}"' for column in columns)
    connection.execute(
        f'create or replace temp view "candidates" as select {listed}, a.rule as "{RULE}"'
        f' from "accepted" a join "line rows" v on v."{LINE}" = a."{LINE}"'
        f" where a.wording = {wording}"
    )
    return connection.sql(plans[0].worded).to_arrow_table()
