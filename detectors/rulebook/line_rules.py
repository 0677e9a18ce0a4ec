"""All line rules over a view's rows at once, at the price of a few readings of their columns.

A rule is a bit. What many rules ask of one column is decided once a distinct value of it, and a
row's bits are those that all its values have; what else a rule asks (two columns compared, a
column of too many values) is asked only of rows whose bit still stands. Only rows that some rule
accepts are then joined with look-ups and worded, and rules worded alike are worded together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import duckdb
import pyarrow as pa

from detectors.rulebook.bit_words import WIDTH, Words, look_up
from detectors.rulebook.conjuncts import Conjunct
from detectors.rulebook.enrich import LINE, screened
from detectors.rulebook.line_hits import Emit, worded
from detectors.rulebook.plan import Plan
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.sources import View

# From so many different conditions on one column on, looking its values up is the cheaper.
SHARED = 4
# ... unless it has almost as many values as there are rows.
ROWS_A_VALUE = 4
FEW_ROWS = 10_000
SAMPLE = 200_000
# Conditions in one statement; planning takes longer than in proportion to them.
TOGETHER = 30

DECIDED = pa.schema([("number", pa.int32()), ("word", pa.int32()), ("bit", pa.int64())])
TABLES = ("screened rows", "standing", "accepted", "rules", "chosen", "line rows")


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
            broken = {plan.rule.dated_name for plan in worded(connection, VIEWS[name], sound, emit)}
            done = {plan.rule.dated_name for plan in sound} - broken
        except duckdb.Error:
            done = set()
        alone += [plan for plan in group if plan.rule.dated_name not in done]
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


def _decide(connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan]) -> None:
    """Make ``accepted``: numbers of rows, and the rules that accept them."""
    asked = [frozenset(_parts(plan)) for plan in plans]
    common = frozenset.intersection(*asked)
    own = [parts - common for parts in asked]
    looked = _worth_looking_up(connection, own)
    # A rule that lists no words is asked of all rows by itself: values of numbers and days alone
    # would leave most rows to look at.
    bare = {n for n, parts in enumerate(own)
            if not any(part.words and part.column in looked for part in parts)}  # fmt: skip
    connection.execute('create or replace temp table "accepted" ("line " bigint, number integer)')
    dated = " and ".join(sorted(f"({part.sql})" for part in common)) or "true"
    for some in _batches(sorted(bare)):
        _decide_by_row(connection, {number: own[number] for number in some}, dated)
    found = [number for number in range(len(plans)) if number not in bare]
    if found:
        _decide_by_value(connection, [own[n] for n in found], found, looked, dated)


def _decide_by_row(
    connection: duckdb.DuckDBPyConnection, own: Mapping[int, frozenset[Conjunct]], dated: str
) -> None:
    """Rules that list no words: one pass for the rows that any of them accepts, then each."""
    conditions = {n: " and ".join(_sqls(parts)) or "true" for n, parts in own.items()}
    columns = sorted({c for parts in own.values() for part in parts for c in part.columns})
    listed = "".join(f', "row"."{column}"' for column in columns)
    some = " or ".join(f"({sql})" for sql in dict.fromkeys(conditions.values()))
    connection.execute(
        f'create or replace temp table "standing" as select "row"."{LINE}"{listed}'
        f' from "screened" as "row" where {dated} and ({some})'
    )
    for number, condition in conditions.items():
        _accept(connection, [condition], str(number))


def _decide_by_value(
    connection: duckdb.DuckDBPyConnection,
    own: Sequence[frozenset[Conjunct]],
    numbers: Sequence[int],
    looked: Sequence[str],
    dated: str,
) -> None:
    """Rules by the values of columns first, then what is left of each on the rows it has left."""
    words = Words(len(own))
    for place, column in enumerate(looked):
        of_column = {n: [p for p in asked if p.column == column] for n, asked in enumerate(own)}
        look_up(connection, f"values {place}", column, of_column, words)
    left = [[part for part in asked if part.column not in looked] for asked in own]
    carried = sorted({column for parts in left for part in parts for column in part.columns})
    listed = "".join(f', "row"."{column}"' for column in carried)
    joins = "".join(
        f' join "values {n}" m{n} on m{n}.v is not distinct from "row"."{column}"'
        for n, column in enumerate(looked)
    )
    stands = (" & ".join(f"m{n}.w{k}" for n in range(len(looked))) for k in range(words.count))
    connection.execute(
        f'create or replace temp table "standing" as select * from (select "row"."{LINE}"'
        f"{listed}, {words.listed(stands)}"
        f' from "screened" as "row"{joins} where {dated}) where {words.any_of(words.rules)}'
    )
    for place in range(len(looked)):
        connection.execute(f'drop table "values {place}"')
    decided = [n for n, parts in enumerate(left) if not parts]
    rows = [{"number": numbers[n], "word": n // WIDTH, "bit": 1 << n % WIDTH} for n in decided]
    connection.register("given_rules", pa.Table.from_pylist(rows, DECIDED))
    for word in range(words.count):
        mine = [n for n in decided if n // WIDTH == word]
        connection.execute(
            f'insert into "accepted" select s."{LINE}", r.number from (select "{LINE}", w{word}'
            f' from "standing" where {words.any_of(mine)}) s join given_rules r'
            f" on r.word = {word} and (s.w{word} & r.bit) <> 0"
        )
    connection.unregister("given_rules")
    for n, parts in enumerate(left):
        if parts:
            _accept(connection, [words.any_of([n]), *_sqls(parts)], str(numbers[n]))


def _accept(connection: duckdb.DuckDBPyConnection, conditions: Sequence[str], number: str) -> None:
    connection.execute(
        f'insert into "accepted" select "row"."{LINE}", {number} from "standing" as "row"'
        f" where {' and '.join(conditions)}"
    )


def _batches(numbers: Iterable[int]) -> Iterator[list[int]]:
    left = iter(numbers)
    while batch := list(islice(left, TOGETHER)):
        yield batch


def _sqls(parts: Iterable[Conjunct]) -> list[str]:
    return sorted(f"({part.sql})" for part in parts)


def _worth_looking_up(
    connection: duckdb.DuckDBPyConnection, own: Iterable[frozenset[Conjunct]]
) -> list[str]:
    """Columns of which many things are asked, and that have few values for their rows."""
    asked: dict[str, set[Conjunct]] = defaultdict(set)
    for parts in own:
        for part in parts:
            asked[part.column].add(part)
    wanted = sorted(c for c, parts in asked.items() if c and len(parts) >= SHARED)
    if not wanted:
        return []
    counts = ", ".join(f'approx_count_distinct("{column}")' for column in wanted)
    listed = ", ".join(f'"{column}"' for column in wanted)
    found = connection.execute(
        f'select count(*), {counts} from (select {listed} from "screened" limit {SAMPLE})'
    ).fetchone()
    rows, *distinct = found or (0,)
    return [
        column
        for column, values in zip(wanted, distinct, strict=True)
        if values * ROWS_A_VALUE <= rows or rows <= FEW_ROWS
    ]
