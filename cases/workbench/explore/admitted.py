"""Which SQL is admitted: one select, over the tables there are, and nothing that reads files."""

from __future__ import annotations

from collections.abc import Collection

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from claims.errors import VigieError

SERIES = (exp.Unnest, exp.GenerateSeries)


def admit(sql: str, tables: Collection[str]) -> None:
    """Refuse what is not a single select over known tables; masks could be got round by it.

    Raises:
        VigieError: naming what is not admitted.
    """
    try:
        kinds = [statement.type for statement in duckdb.extract_statements(sql)]
        if kinds != [duckdb.StatementType.SELECT]:
            raise VigieError("ask one question: a single select; nothing here can write or set")
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except (duckdb.Error, SqlglotError) as error:
        raise VigieError(f"that is no SQL: {str(error).splitlines()[0]}") from error
    own = {one.alias_or_name for one in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, SERIES):
            continue
        if not isinstance(table.this, exp.Identifier):
            raise VigieError(f"{table.sql(dialect='duckdb')} is not admitted; ask of the tables")
        if table.db or table.name not in {*tables, *own}:
            raise VigieError(
                f"no table {table.sql(dialect='duckdb')}; .tables lists those there are"
            )


def named(sql: str) -> set[str]:
    """Names of tables, and of common table expressions, that an admitted question reads."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    return {table.name for table in tree.find_all(exp.Table)}
