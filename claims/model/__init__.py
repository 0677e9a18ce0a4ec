"""The claims and benefits model: every table, column, grain and key, named here first."""

from __future__ import annotations

from claims.model import benefits, health, reference, results
from claims.model.column import Column, Table

INPUT_TABLES: dict[str, Table] = {
    table.name: table for table in (*health.TABLES, *benefits.TABLES, *reference.TABLES)
}
RESULT_TABLES: dict[str, Table] = {table.name: table for table in results.TABLES}
TABLES: dict[str, Table] = {
    **INPUT_TABLES,
    **RESULT_TABLES,
    results.SUPERSEDED.name: results.SUPERSEDED,
}

__all__ = ["INPUT_TABLES", "RESULT_TABLES", "TABLES", "Column", "Table"]
