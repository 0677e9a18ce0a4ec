"""What rules are bound over is what they will run over."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from claims.adjustments import HISTORIES
from claims.model import INPUT_TABLES
from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.code_sets import SCHEMA
from detectors.rulebook.declared import ANSWERS, declare
from detectors.rulebook.enrich import SETS_AT_HAND, statements
from detectors.rulebook.evaluate import as_table, with_candidates
from detectors.rulebook.examples import load_tables
from detectors.rulebook.plan import plan
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.sources import model_table


@pytest.fixture
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """The model's tables without a row."""
    with duckdb.connect(config={"threads": 1}) as connection:
        tables = (*INPUT_TABLES, *HISTORIES)
        load_tables(connection, {}, {name: model_table(name).names for name in tables})
        as_table(connection, SETS_AT_HAND, pa.schema(SCHEMA).empty_table())
        yield connection


def types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"describe {relation}").fetchall()}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_has_the_types_that_it_declares(empty: duckdb.DuckDBPyConnection, name: str) -> None:
    view = VIEWS[name]
    declared = {path: view.column(tuple(path.split("."))) for path in view.paths()}
    word = next(path for path, kind in declared.items() if kind == "varchar")
    declared |= {f"{answer}:s:{word}": kind for answer, kind in ANSWERS.items()}
    for _, made in statements({name: frozenset(declared)}):
        for statement in made:
            empty.execute(statement)
    casts = ", ".join(f'cast(null as {kind}) as "{path}"' for path, kind in declared.items())
    told = types(empty, f"select {casts}")
    found = types(empty, f'"{name}"')
    assert {path: found[path] for path in told} == told


def test_a_rule_s_candidates_are_as_they_will_be(empty: duckdb.DuckDBPyConnection) -> None:
    planned = plan(rule_show("national_id_shared"))
    for _, made in statements(planned.reads):
        for statement in made:
            empty.execute(statement)
    with_candidates(empty, planned.candidates)
    with duckdb.connect(config={"threads": 1}) as connection:
        declare(connection, [planned])
        with_candidates(connection, planned.candidates)
        assert types(connection, "candidates") == types(empty, "candidates")
