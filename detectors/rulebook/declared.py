"""What rules read as empty tables of the declared columns, for DuckDB to bind their statements.

To make the views themselves, even of nothing, takes as long as to bind all rules over them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import duckdb
import pyarrow as pa

from detectors.rulebook.code_sets import SCHEMA as SET_SCHEMA
from detectors.rulebook.enrich import SETS_AT_HAND, columns_of
from detectors.rulebook.evaluate import PARTIAL_SCHEMA, SUBJECT_SCHEMA, needed
from detectors.rulebook.plan import Plan
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.sources import duckdb_type, model_table
from detectors.rulebook.subjects import DIMENSIONS

# What a set answers about a column.
ANSWERS = {
    "in_set": "boolean", "any_in_set": "boolean", "set_value": "double", "set_related": "varchar",
}  # fmt: skip


def declare(connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan]) -> None:
    """Make all that the statements of some rules read but ``candidates``."""
    for name, _ in DIMENSIONS.values():
        _make(connection, name, {c.name: duckdb_type(c.type) for c in model_table(name).columns})
    for name, flats in needed(plans).items():
        _make(connection, name, _typed(name, columns_of(VIEWS[name], flats)))
    given = {SETS_AT_HAND: SET_SCHEMA, "merged": PARTIAL_SCHEMA, "flagged": SUBJECT_SCHEMA}
    for name, schema in given.items():
        _make(connection, name, {field.name: _kind(field.type) for field in schema})


def _typed(view: str, flats: Collection[str]) -> dict[str, str]:
    answers = {flat: ANSWERS.get(flat.split(":", 1)[0]) for flat in flats}
    kinds = {flat: answers[flat] or VIEWS[view].column(tuple(flat.split(".", 1))) for flat in flats}
    return {flat: kind for flat, kind in kinds.items() if kind}


def _kind(of: pa.DataType) -> str:
    # To hand an empty Arrow table over takes ten times as long as all the rest.
    named = {pa.string(): "varchar", pa.float64(): "double", pa.date32(): "date"}
    return named.get(of) or f"decimal({of.precision}, {of.scale})"


def _make(connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str]) -> None:
    listed = ", ".join(f'"{column}" {kind}' for column, kind in sorted(columns.items()))
    connection.execute(f'create or replace table "{name}" ({listed})')
