"""The queries of the gate in Spark SQL: one fused aggregate a table, one a group of lookups."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlglot import exp, parse_one

from claims.model import Table
from expectations.check import Check, Lookup


@dataclass(frozen=True)
class Terms:
    """The arguments of a gate that conditions name: ``:as_of`` and ``:currency`` (ISO 4217)."""

    as_of: date
    currency: str = "EUR"

    def bind(self, condition: str) -> str:
        """The condition with its terms written in."""
        as_of = f"date'{self.as_of.isoformat()}'"
        return condition.replace(":as_of", as_of).replace(":currency", f"'{self.currency}'")


def condition(check: Check, terms: Terms) -> str:
    """The check's condition with its terms written in and its own table's columns qualified."""
    return _qualified(terms.bind(check.failing), check.table)


@cache
def _qualified(text: str, table: str) -> str:
    parsed = parse_one(text, read="spark")
    for column in parsed.find_all(exp.Column):
        if not column.table:
            column.set("table", exp.to_identifier(table))
    return parsed.sql(dialect="spark")


def sums(checks: Iterable[Check], terms: Terms) -> list[str]:
    """One fused sum a check: how many rows fail it, under the check's name."""
    return [f"count_if({condition(check, terms)}) as `{check.name}`" for check in checks]


def null_sums(columns: Iterable[str]) -> list[str]:
    """One fused sum a column: its null values, under ``null:column``."""
    return [f"count_if(`{column}` is null) as `null:{column}`" for column in columns]


def source(
    table: str, lookups: tuple[Lookup, ...] = (), unique: Collection[tuple[str, ...]] = ()
) -> str:
    """The ``from`` clause: a table's rows, and what their lookups find where they name something.

    Args:
        unique: ``(table, *key)`` of the tables whose keys are known not to repeat.
    """
    joins, given = "", []
    for lookup in lookups:
        target = lookup.table
        if (lookup.table, *lookup.keys) not in unique:
            least = [f"min({column}) as {column}" for column in lookup.columns]
            keys = ", ".join(lookup.keys)
            target = f"(select {', '.join([keys, *least])} from {target} group by {keys})"
        (here, there), *others = lookup.on
        match = [f"{table}.{here} = {lookup.alias}.{there}"]
        match += [f"{table}.{own} <=> {lookup.alias}.{other}" for own, other in others]
        joins += f" left join {target} as {lookup.alias} on {' and '.join(match)}"
        given.append(f"{table}.{here} is not null")
    return f"from {table}{joins}" + (f" where {' and '.join(given)}" if given else "")


def key_text(table: Table) -> str:
    """The key's columns as strings; a null counts as empty."""
    return ", ".join(f"coalesce(cast({column} as string), '')" for column in table.key)


def keys(table: Table, hashed: bool) -> str:
    """Number of different keys, exactly or (several times cheaper) of their 64-bit hashes."""
    if hashed:
        return f"select count(distinct xxhash64({key_text(table)})) as keys from {table.name}"
    return f"select count(*) as keys from (select distinct {key_text(table)} from {table.name})"


def daily(table: str, day: str, money: str, terms: Terms) -> str:
    """Money in all, number of days with a row, and the newest day up to the as-of date."""
    return terms.bind(
        "select cast(sum(money) as double) as money, count(day) as days,"
        " max(case when day <= :as_of then day end) as newest from"
        f" (select {day} as day, sum({money}) as money from {table} group by {day})"
    )
