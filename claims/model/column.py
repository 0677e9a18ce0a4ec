"""The vocabulary the model is written in: columns, tables and their SQL types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["detail", "dimension", "reference", "result"]

MONEY = "decimal(18,2)"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        name: the column's name, as stored and as read from a source.
        type: Spark SQL type; DuckDB reads the same word except ``timestamp_ntz``.
        required: a null sends the row to quarantine.
        values: the closed set of admitted values; empty where any value goes.
        event: a date on which something happened, so it cannot lie after the load's as-of date.
    """

    name: str
    type: str = "string"
    required: bool = False
    values: tuple[str, ...] = ()
    event: bool = False


@dataclass(frozen=True)
class Table:
    """One table of the model.

    Args:
        key: columns that name a row; a null counts as empty in a key.
        person: rows are laid in member buckets by this column; empty where they are not.
        sort: columns by which rows lie within a bucket or file.
        spans: (start, end) pairs of columns whose end may not precede their start.
        any_of: at least one of these columns must hold a value.
    """

    name: str
    kind: Kind
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = True
    person: str = ""
    sort: tuple[str, ...] = ()
    spans: tuple[tuple[str, str], ...] = ()
    any_of: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in the model's order."""
        return tuple(column.name for column in self.columns)

    @property
    def ddl(self) -> str:
        """Schema as a DDL string (``StructType.fromDDL`` would need a live session)."""
        return ", ".join(f"{column.name} {column.type}" for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def money(self) -> tuple[str, ...]:
        """Columns that hold an amount of money."""
        return tuple(column.name for column in self.columns if column.type == MONEY)


def texts(names: str) -> tuple[Column, ...]:
    """Nullable string columns, one a word; a trailing ``*`` marks a required one."""
    return tuple(Column(name.rstrip("*"), required=name.endswith("*")) for name in names.split())


def typed(type_: str, names: str) -> tuple[Column, ...]:
    """Columns of one SQL type, one a word; a trailing ``*`` marks a required one."""
    return tuple(
        Column(name.rstrip("*"), type_, required=name.endswith("*")) for name in names.split()
    )


def amounts(names: str) -> tuple[Column, ...]:
    """Amounts of money in the data root's currency."""
    return typed(MONEY, names)


def events(names: str) -> tuple[Column, ...]:
    """Dates on which something happened: never after the load's as-of date."""
    return tuple(
        Column(name.rstrip("*"), "date", required=name.endswith("*"), event=True)
        for name in names.split()
    )


def dates(names: str) -> tuple[Column, ...]:
    """Dates that may lie ahead: ends, expiries, validity."""
    return typed("date", names)


def closed(name: str, values: str) -> tuple[Column, ...]:
    """A string column with a closed set of values (space separated); ``*`` marks a required one."""
    return (Column(name.rstrip("*"), required=name.endswith("*"), values=tuple(values.split())),)
