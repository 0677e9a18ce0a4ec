"""Hits of line rules: rows that were accepted, joined with their look-ups and worded.

Rules that word their rows by the same expressions, as a rule and its variants by parameters do, are
worded in one statement: planning one takes longer than wording a thousand rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb
import pyarrow as pa

from detectors.rulebook.enrich import LINE, chosen
from detectors.rulebook.line_statements import RULE
from detectors.rulebook.plan import Plan
from detectors.rulebook.sources import View

Emit = Callable[[pa.Table], None]
RULES = pa.schema([("number", pa.int32()), ("rule", pa.string()), ("wording", pa.int32())])


def worded(
    connection: duckdb.DuckDBPyConnection, view: View, plans: Sequence[Plan], emit: Emit
) -> list[Plan]:
    """Emit the hits on the rows decided; the rules whose wording breaks come back."""
    if not plans:
        return []
    wordings = list(dict.fromkeys(plan.worded for plan in plans))
    rules = [
        {"number": n, "rule": plan.rule.dated_name, "wording": wordings.index(plan.worded)}
        for n, plan in enumerate(plans)
    ]
    connection.register("given_rules", pa.Table.from_pylist(rules, RULES))
    flats = frozenset().union(*(plan.reads[view.name] for plan in plans))
    for statement in (
        'create or replace temp table "rules" as select * from given_rules',
        f'create or replace temp table "chosen" as select rowid as "{LINE}", *'
        f' from "{view.source or view.table}" where rowid in (select "{LINE}" from "accepted")',
        *chosen(view, "line rows", "chosen", flats),
    ):
        connection.execute(statement)
    connection.unregister("given_rules")
    fired = connection.execute(
        'select distinct wording from "rules" semi join "accepted" using (number)'
    ).fetchall()
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
        f'create or replace temp view "candidates" as select {listed}, r.rule as "{RULE}"'
        f' from "accepted" a join "rules" r using (number) join "line rows" v using ("{LINE}")'
        f" where r.wording = {wording}"
    )
    return connection.sql(plans[0].worded).to_arrow_table()
