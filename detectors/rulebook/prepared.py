"""A rule as one statement, planned once and then run over rows that change.

On a few rows DuckDB's planning takes nearly all of the time of an evaluation. The stages are those
of evaluate.py and of the same texts; but what is a table there, between two statements, is a common
table expression here, and the rows come as parameters: a statement that reads a table is planned
anew each time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import pyarrow as pa

from detectors.rulebook.code_sets import SCHEMA, at_hand
from detectors.rulebook.enrich import SETS_AT_HAND, statements
from detectors.rulebook.evaluate import HIT_SCHEMA, PARTIAL_SCHEMA, needed, unpacked
from detectors.rulebook.plan import Plan
from detectors.rulebook.sources import duckdb_type, model_table

Rows = Sequence[Mapping[str, Any]]
MADE = re.compile(r'create (?:or replace )?(?:temp )?table ("[^"]+") as (.*)', re.DOTALL)
SET_TYPES = {
    field.name: {"double": "double", "date32[day]": "date"}.get(str(field.type), "varchar")
    for field in SCHEMA
}

# Of a rule about subjects that have no rows of their own to sum.
NO_SUMS = "select * from (select {}) where false".format(
    ", ".join(
        f"cast(null as {'varchar' if pa.types.is_string(field.type) else 'decimal(38,6)'})"
        f' as "{field.name}"'
        for field in PARTIAL_SCHEMA
    )
)


class Prepared:
    """One rule, ready on a connection.

    Args:
        connection: one rule at a time is ready on it.
        planned: the rule's plan.

    Raises:
        duckdb.Error: the rule's statement cannot be planned.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, planned: Plan) -> None:
        self.connection = connection
        self.tables = {name: _types(name, chosen) for name, chosen in planned.tables.items()}
        self.types = {**self.tables, SETS_AT_HAND: SET_TYPES}
        self.views = {name: _query(made) for name, made in statements(needed([planned]))}
        whole = self._whole(planned)
        self.text = whole
        self.sets: Rows = ()
        self.own: Rows | None = None
        listed = ", ".join(f'"{name}"' for name in HIT_SCHEMA.names)
        connection.execute(
            f"prepare rule_at_hand as {self._given()} select {listed} from ({whole})"
        )

    def _given(self) -> str:
        """The tables as they come in, rows as JSON and values as text."""
        given = []
        for number, (name, kinds) in enumerate(self.types.items(), 1):
            texts = json.dumps([dict.fromkeys(kinds, "VARCHAR")])
            casts = ", ".join(f'cast(r."{c}" as {kind}) as "{c}"' for c, kind in kinds.items())
            rows = f"select unnest(from_json(${number}::varchar, '{texts}')) as r"
            given.append(f'"{name}" as materialized (select {casts} from ({rows}))')
        return f"with {', '.join(given)}"

    def _whole(self, planned: Plan) -> str:
        """All stages of the rule, each from what the one before found."""
        source, first = planned.candidates, planned.subjects or planned.hits
        found = {}
        if planned.crosses:
            found["payloads"] = self._over(planned.keyed, source)
            source = unpacked(self._shaped(planned))
        elif planned.merges:
            found["merged"] = self._over(planned.partial, source) if planned.partial else NO_SUMS
        if planned.named:
            found["flagged"] = self._over(first, source)
            source, first = planned.candidates, planned.named
        steps = [f"{name} as materialized ({text})" for name, text in found.items()]
        last = self._over(first, source)
        return f"with {', '.join(steps)} {last}" if steps else last

    def _over(self, text: str, source: str) -> str:
        """A stage with the views that it reads."""
        parts = [
            f'"{name}" as materialized ({query})'
            for name, query in self.views.items()
            if f'"{name}"' in text or f'"{name}"' in source
        ]
        parts += [f"candidates as ({source})"] if source else []
        return f"select * from (with {', '.join(parts)} select * from ({text}))" if parts else text

    def _shaped(self, planned: Plan) -> Plan:
        columns = ", ".join(f'"{name}"' for name in planned.carried)
        text = self._over(f"select {columns} from candidates", planned.candidates)
        given = re.sub(r"\$\d+::varchar", "'[]'", self._given())
        described = self.connection.execute(f"describe {given} {text}").fetchall()
        return replace(planned, shape=tuple((str(row[0]), str(row[1])) for row in described))

    def hits(self, tables: Mapping[str, Rows], own: Rows = ()) -> list[dict[str, Any]]:
        """What the rule says of some rows, by the names of ``HIT_SCHEMA``.

        Args:
            tables: rows by table; a table or column that is not there is empty.
            own: a site's code sets.

        Raises:
            duckdb.Error: the rule breaks on the rows.
        """
        if self.own != own:
            self.own, self.sets = own, self._sets(own)
        values = {**tables, SETS_AT_HAND: self.sets}
        texts = [_json(kinds, values.get(name, ())) for name, kinds in self.types.items()]
        # EXECUTE takes values, and no parameters of its own.
        listed = ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
        found = self.connection.execute(f"execute rule_at_hand({listed})").fetchall()
        return [dict(zip(HIT_SCHEMA.names, row, strict=True)) for row in found]

    def _sets(self, own: Rows) -> Rows:
        return [row for row in at_hand(own).to_pylist() if f"'{row['code_set']}'" in self.text]


def _types(name: str, chosen: Iterable[str]) -> dict[str, str]:
    wanted = set(chosen)
    columns = [column for column in model_table(name).columns if column.name in wanted]
    return {column.name: duckdb_type(column.type) for column in columns}


def _json(columns: Iterable[str], rows: Rows) -> str:
    return json.dumps([{c: _text(row.get(c)) for c in columns} for row in rows])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _query(made: Sequence[str]) -> str:
    """The tables that make a view one after another, as one query."""
    # Names are given and taken away only where tables are made.
    found = [MADE.fullmatch(text) for text in made if not text.startswith(("drop ", "alter "))]
    steps = [match.groups() for match in found if match]
    if len(steps) < len(found):
        raise ValueError("a view is made otherwise than by create table … as: see enrich.py")
    *before, (_, last) = steps
    steps_before = ", ".join(f"{name} as ({text})" for name, text in before)
    return f"with {steps_before} {last}" if before else last
