"""Frames as checks read them, and where one-row queries over them are answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import sqlglot
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from claims.model import Table
from expectations.model_checks import DAILY_MONEY

# A Spark job costs half a second whatever it reads, DuckDB a few milliseconds: tables of up to so
# many rows come to the driver once and are asked there.
SMALL_ROWS = 500_000
VIEW = "vigie_gate_"


@dataclass(frozen=True)
class Readable:
    """A frame that every check of its table can read.

    Args:
        frame: the model's columns in the model's types; absent columns and columns of another type
            read as null. A source's own ``currency`` column is kept.
        present: columns that the source really has, in the model's type.
        wrong: columns that are missing though required, or of another type.
    """

    frame: DataFrame
    present: frozenset[str]
    wrong: tuple[str, ...]


def readable(frame: DataFrame, table: Table) -> Readable:
    """See :class:`Readable`."""
    types = {item.name: item.dataType.simpleString() for item in frame.schema.fields}
    wanted = {column.name: column.type for column in table.columns}
    if table.name in DAILY_MONEY:
        wanted["currency"] = "string"
    present = frozenset(name for name, type_ in wanted.items() if types.get(name) == type_)
    missing = {column.name for column in table.columns if column.required} - set(types)
    wrong = tuple(n for n in table.names if n in missing or (n in types and n not in present))
    columns = [
        F.col(f"`{name}`") if name in present else F.lit(None).cast(type_).alias(name)
        for name, type_ in wanted.items()
    ]
    return Readable(frame.select(*columns), present, wrong)


@dataclass(frozen=True)
class Asked:
    """Answers Spark SQL queries that yield one row: in DuckDB where every table named is small.

    Args:
        tables: readable frames by table.
        small: rows up to which a table is brought to the driver.
        connection: an in-memory DuckDB.
        rows: number of rows by table.
    """

    tables: Mapping[str, Readable]
    small: int
    connection: duckdb.DuckDBPyConnection
    rows: Mapping[str, int]

    def is_small(self, *tables: str) -> bool:
        """Whether DuckDB answers a query over these tables."""
        return all(self.rows[table] <= self.small for table in tables)

    def one(self, query: str, *tables: str) -> dict[str, Any]:
        """The query's single row by column name.

        Args:
            query: Spark SQL over the tables' own names.
            tables: the tables it reads.
        """
        if not self.is_small(*tables):
            return rows_of(query, self.tables).collect()[0].asDict()
        text = sqlglot.transpile(query, read="spark", write="duckdb")[0]
        answer: dict[str, Any] = self.connection.sql(text).to_arrow_table().to_pylist()[0]
        return answer


@contextmanager
def asking(tables: Mapping[str, Readable], small: int = SMALL_ROWS) -> Iterator[Asked]:
    """Count all tables in one Spark job, bring the small ones to DuckDB, and answer queries."""
    rows = _row_counts(tables)
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        for name, found in tables.items():
            if rows[name] <= small:
                connection.register(name, found.frame.toArrow())
        yield Asked(tables, small, connection, rows)


def rows_of(query: str, tables: Mapping[str, Readable]) -> DataFrame:
    """A Spark SQL query over tables by their own names, as a lazy frame."""
    spark = next(iter(tables.values())).frame.sparkSession
    for name, found in tables.items():
        found.frame.createOrReplaceTempView(f"{VIEW}{name}")
    parsed = sqlglot.parse_one(query, read="spark")
    for table in parsed.find_all(sqlglot.exp.Table):
        if table.name in tables:
            alias = table.alias_or_name
            table.set("this", sqlglot.exp.to_identifier(f"{VIEW}{table.name}"))
            table.set("alias", sqlglot.exp.TableAlias(this=sqlglot.exp.to_identifier(alias)))
    frame = spark.sql(parsed.sql(dialect="spark"))
    for name in tables:
        spark.catalog.dropTempView(f"{VIEW}{name}")
    return frame


def _row_counts(tables: Mapping[str, Readable]) -> dict[str, int]:
    counted = None
    for name, found in tables.items():
        one = found.frame.agg(F.count(F.lit(1)).alias("rows")).select(
            F.lit(name).alias("name"), "rows"
        )
        counted = one if counted is None else counted.unionAll(one)
    return {row["name"]: row["rows"] for row in counted.collect()} if counted else {}
