"""A lake: one Delta table a name under one folder or URI, readable with and without a JVM."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError
from pyspark.sql import DataFrame, SparkSession

from claims.errors import LakeError

REFUSED_FEATURES = {"deletionVectors", "columnMapping"}


@dataclass(frozen=True)
class Lake:
    """Where the tables lie.

    Args:
        uri: a local folder or any URI that both Spark and deltalake read.
    """

    uri: str

    @cached_property
    def root(self) -> str:
        """The absolute folder, or the URI as given."""
        return self.uri.rstrip("/") if "://" in self.uri else str(Path(self.uri).resolve())

    def path(self, table: str) -> str:
        """Where one table lies."""
        return f"{self.root}/{table}"

    def delta(self, table: str, version: int | None = None) -> DeltaTable:
        """The table's Delta log at a version (the newest by default).

        Raises:
            LakeError: the table is absent, its log is broken, or it has a feature that readers
                without a JVM misread.
        """
        at = f" at version {version}" if version is not None else ""
        try:
            found = DeltaTable(self.path(table), version=version)
        except (TableNotFoundError, OSError) as error:
            raise LakeError(
                f"{self.root}: no table {table}{at}; load it first with `vigie load`"
            ) from error
        except DeltaError as error:
            raise LakeError(
                f"{self.path(table)}: its Delta log cannot be read{at}; write the table again"
            ) from error
        features = set(found.protocol().reader_features or ())
        refused = features & REFUSED_FEATURES
        if refused:
            raise LakeError(
                f"{self.path(table)}: the table feature {', '.join(sorted(refused))} is on; "
                "rewrite the table without it, as readers without a JVM would misread its rows"
            )
        return found

    def exists(self, table: str) -> bool:
        """Whether the table has been written."""
        return bool(DeltaTable.is_deltatable(self.path(table)))

    def version(self, table: str) -> int:
        """The table's newest version."""
        return int(self.delta(table).version())

    def rows(self, table: str, version: int | None = None) -> int:
        """Number of rows in the table's files, by what is written at the end of each."""
        return int(self.delta(table, version).to_pyarrow_dataset().count_rows())

    def files(self, table: str, version: int | None = None) -> dict[int, list[str]]:
        """Data files by member bucket; tables without buckets have all their files under -1."""
        delta = self.delta(table, version)
        actions = pa.table(delta.get_add_actions(flatten=True))
        paths = actions.column("path").to_pylist()
        buckets = (
            actions.column("partition.bucket").to_pylist()
            if "partition.bucket" in actions.column_names
            else [-1] * len(paths)
        )
        found: dict[int, list[str]] = {}
        for path, bucket in sorted(zip(paths, buckets, strict=True)):
            found.setdefault(int(bucket), []).append(f"{self.root}/{table}/{path}")
        return found

    def read(self, spark: SparkSession, table: str, version: int | None = None) -> DataFrame:
        """The table as a lazy Spark frame at a version (the newest by default)."""
        self.delta(table, version)
        reader = spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.load(self.path(table))

    def query(self, sql: str, *tables: str, **parameters: Any) -> pa.Table:
        """Run DuckDB SQL over the named tables' newest versions, without a JVM.

        Args:
            sql: a query that names the tables; ``$name`` stands for a parameter.
            tables: the tables it reads.
        """
        with duckdb.connect() as connection:
            for table in tables:
                self.attach(connection, table)
            return connection.sql(sql, params=parameters or None).to_arrow_table()

    def attach(
        self, connection: duckdb.DuckDBPyConnection, table: str, version: int | None = None
    ) -> None:
        """Make the table a DuckDB view over its Delta file list (no extension is needed)."""
        delta = self.delta(table, version)
        if "://" in self.root and not self.root.startswith("file://"):
            connection.register(table, delta.to_pyarrow_dataset())
            return
        files = [file for group in self.files(table, version).values() for file in group]
        if not files:
            connection.register(table, delta.to_pyarrow_dataset().to_table())
            return
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        connection.execute(
            f'create or replace view "{table}" as '
            f"select * from read_parquet([{listed}], hive_partitioning = true, "
            "union_by_name = true)"
        )
