"""The two engines behind one door: DuckDB on the driver for some millions of records, Spark above.

Splink writes the SQL; an engine says where it runs and gives back what came out.
"""

from __future__ import annotations

from typing import Any, Protocol

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from splink import DuckDBAPI

RECORDS = "linkage_records"


class Engine(Protocol):
    """Where a linkage runs; the records are its table ``linkage_records``."""

    @property
    def api(self) -> Any:
        """Splink's own door to the engine."""
        ...

    def numbers(self, query: str) -> tuple[float, ...]:
        """The one row of numbers that a query gives; null is 0."""
        ...

    def frame(self, query: str) -> Any:
        """What a query gives: an Arrow table or a lazy Spark frame."""
        ...


class DuckDBEngine:
    """One DuckDB in this process."""

    def __init__(self, records: pa.Table) -> None:
        self.connection = duckdb.connect()
        self.connection.register("_records", records)
        # In order of the key, so that samples do not depend on the order of rows.
        self.connection.execute(
            f"create table {RECORDS} as select * from _records order by record_id"
        )
        self.connection.unregister("_records")
        self.api = DuckDBAPI(self.connection)

    def numbers(self, query: str) -> tuple[float, ...]:
        """The one row of numbers that a query gives; null is 0."""
        (row,) = self.connection.execute(query).fetchall()
        return tuple(float(value or 0) for value in row)

    def frame(self, query: str) -> pa.Table:
        """What a query gives."""
        return self.connection.sql(query).to_arrow_table()


class SparkEngine:
    """The running Spark session, with Splink's similarity functions from its own jar."""

    def __init__(self, spark: SparkSession, records: DataFrame) -> None:
        from splink import SparkAPI
        from splink.backends.spark import similarity_jar_location

        self.spark = spark
        records.createOrReplaceTempView(RECORDS)
        spark.sql(f"add jar '{similarity_jar_location()}'")
        api: Any = SparkAPI
        self.api = api(spark_session=spark, break_lineage_method="persist")

    def numbers(self, query: str) -> tuple[float, ...]:
        """The one row of numbers that a query gives; null is 0."""
        return tuple(float(value or 0) for value in self.spark.sql(query).head() or ())

    def frame(self, query: str) -> DataFrame:
        """What a query gives, lazily."""
        return self.spark.sql(query)
