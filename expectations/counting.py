"""Counts of failing rows by fused aggregates: one scan of a table counts all its own conditions.

Fused sums over 20 checks cost a quarter of as many separate passes, and the gap grows. Conditions
that look into other tables are fused by what they look up, and asked only where there are values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pyspark.sql import DataFrame

from claims.model import INPUT_TABLES
from expectations.check import Check, Lookup
from expectations.checks import CHECKS
from expectations.frames import SMALL_ROWS, Asked, asking, readable
from expectations.model_checks import DAILY_MONEY
from expectations.queries import Terms, daily, keys, null_sums, source, sums

# Spark gives up whole-stage code beyond 100 fields; an aggregate then takes several times longer.
FUSED = 40


@dataclass
class Counts:
    """What was counted in one table.

    Args:
        rows: number of rows.
        wrong: columns that are missing though required, or of another type than the model's.
        nulls: by column that the source has, its null values.
        failing: by check name, rows that fail.
        money: sum of the table's daily money.
        days: number of days with a row.
        newest: newest such day not after the as-of date.
    """

    rows: int
    wrong: tuple[str, ...] = ()
    nulls: dict[str, int] = field(default_factory=dict)
    failing: dict[str, int] = field(default_factory=dict)
    money: float | None = None
    days: int = 0
    newest: date | None = None

    def filled(self, column: str) -> bool:
        """Whether the column holds at least one value."""
        return self.nulls.get(column, self.rows) < self.rows


def count(
    frames: Mapping[str, DataFrame], terms: Terms, small: int = SMALL_ROWS
) -> dict[str, Counts]:
    """Count the failing rows of every check that can run.

    Args:
        frames: input tables of the model by name; absent ones are left out.
        terms: the as-of date and currency that conditions name.
        small: rows up to which a table is asked in DuckDB on the driver, not in Spark.
    """
    read = {
        name: readable(frames[name], table)
        for name, table in INPUT_TABLES.items()
        if name in frames
    }
    with asking(read, small) as asked:
        counts = {name: Counts(asked.rows[name], found.wrong) for name, found in read.items()}
        for name in read:
            _own(name, asked, counts[name], terms)
        for name in read:
            _looked_up(name, asked, counts, terms)
    return counts


def reason_not_run(check: Check, counts: Mapping[str, Counts]) -> str:
    """Why a check on rows cannot run; empty where it can."""
    for table in (check.table, *[lookup.table for lookup in check.lookups]):
        if table not in counts:
            return f"table {table} is absent"
    if not counts[check.table].rows:
        return f"table {check.table} has no rows"
    empty = [(table, column) for table, column in check.needed if not counts[table].filled(column)]
    if empty and (len(empty) == len(check.needed) or not check.any_needed):
        return "no value in " + ", ".join(f"{table}.{column}" for table, column in empty)
    return ""


def _own(name: str, asked: Asked, counts: Counts, terms: Terms) -> None:
    """What a table says by itself: conditions, nulls, keys, money by day."""
    table = INPUT_TABLES[name]
    own = [check for check in CHECKS[name] if check.kind == "row" and not check.lookups]
    wanted = [*null_sums(sorted(asked.tables[name].present)), *sums(own, terms)]
    for at in range(0, len(wanted), FUSED):
        fused = asked.one(f"select {', '.join(wanted[at : at + FUSED])} {source(name)}", name)
        for label, value in fused.items():
            kind, _, column = label.rpartition(":")
            (counts.nulls if kind else counts.failing)[column] = int(value or 0)
    small = asked.is_small(name)
    different = asked.one(keys(table, hashed=not small), name)["keys"]
    if different < counts.rows and not small:
        # Two keys may share a 64-bit hash, so what looks repeated is counted exactly.
        different = asked.one(keys(table, hashed=False), name)["keys"]
    counts.failing["key_unique"] = counts.rows - different
    if name in DAILY_MONEY:
        measured = asked.one(daily(name, *DAILY_MONEY[name], terms), name)
        counts.money, counts.days = measured["money"], measured["days"]
        counts.newest = measured["newest"]


def _looked_up(name: str, asked: Asked, counts: Mapping[str, Counts], terms: Terms) -> None:
    """What a table says together with the tables it names, fused by what is looked up."""
    unique = {
        (table, *INPUT_TABLES[table].key)
        for table, found in counts.items()
        if not found.failing["key_unique"]
    }
    groups: dict[tuple[Lookup, ...], list[Check]] = {}
    for check in CHECKS[name]:
        if check.lookups and not reason_not_run(check, counts):
            groups.setdefault(check.lookups, []).append(check)
    for lookups, checks in groups.items():
        query = f"select {', '.join(sums(checks, terms))} {source(name, lookups, unique)}"
        tables = (name, *[lookup.table for lookup in lookups])
        for label, value in asked.one(query, *tables).items():
            counts[name].failing[label] = int(value or 0)
