"""The rows behind a check: from a count on a report back to the rows that fail it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from claims.errors import VigieError
from claims.model import INPUT_TABLES
from expectations.checks import find
from expectations.frames import readable, rows_of
from expectations.queries import Terms, condition, source


def failing_rows(
    frames: Mapping[str, DataFrame], full_name: str, as_of: date, currency: str = "EUR"
) -> DataFrame:
    """The rows of the check's table that fail it, with the model's columns.

    Of rows that repeat a key, every one is returned.

    Args:
        frames: input tables of the model by name: the check's and those it looks into.
        full_name: ``table.check``.
        as_of: the date the gate was asked for.

    Raises:
        VigieError: no such check, it is not about rows, or a table it reads is absent.
    """
    check = find(full_name)
    tables = {check.table, *[lookup.table for lookup in check.lookups]}
    absent = sorted(tables - set(frames))
    if absent:
        raise VigieError(f"{full_name}: table {', '.join(absent)} is absent; load it first")
    read = {name: readable(frames[name], INPUT_TABLES[name]) for name in sorted(tables)}
    if check.kind == "key":
        own = read[check.table].frame
        key = [
            F.coalesce(F.col(c).cast("string"), F.lit("")) for c in INPUT_TABLES[check.table].key
        ]
        alike = F.count(F.lit(1)).over(Window.partitionBy(*key))
        return own.withColumn("_alike", alike).where("_alike > 1").drop("_alike")
    if check.kind != "row":
        raise VigieError(f"{full_name} measures a load as a whole: there are no rows behind it")
    failing = condition(check, Terms(as_of, currency))
    text = f"select {check.table}.* {source(check.table, check.lookups)}"
    return rows_of(f"{text} {'and' if check.lookups else 'where'} ({failing})", read)
