"""The same tables, as masked, for Spark SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from cases.workbench.explore.admitted import named
from cases.workbench.explore.views import VALUES, hides, input_versions

if TYPE_CHECKING:
    from pyspark.sql import Column, SparkSession

    from cases.workbench.explore.explorer import Explorer


def spark_views(explorer: Explorer, spark: SparkSession, sql: str) -> SparkSession:
    """A session of its own in which the tables that a question names are views."""
    session = spark.newSession()
    versions = input_versions(explorer.lake, explorer.run)
    for table in sorted(named(sql) & set(explorer.tables)):
        frame = explorer.lake.read(session, table, versions.get(table))
        if table not in versions:
            frame = frame.where(F.col("run_id") == explorer.run["run_id"])
        columns = _columns(explorer, table, frame.dtypes)
        frame.select(*columns).createOrReplaceTempView(table)
    return session


def _columns(explorer: Explorer, table: str, types: Iterable[tuple[str, str]]) -> list[Column]:
    masked = not explorer.unmasked_because
    found = []
    for name, kind in types:
        column = F.col(f"`{name}`")
        if masked and hides(table, name):
            column = _token(column, kind, explorer.salt)
        elif masked and name == "details" and table.endswith("findings"):
            column = F.regexp_replace(column, VALUES, '"value": "•••"')
        if name != "bucket":
            found.append(column.alias(name))
    return found


def _token(column: Column, kind: str, salt: str) -> Column:
    if kind == "string":
        return F.concat(F.lit("•"), F.substring(F.md5(F.concat(F.lit(salt), column)), 1, 8))
    if kind == "date":
        return F.trunc(column, "year")
    return F.lit(None).cast(kind)
