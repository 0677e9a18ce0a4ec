"""Spark around, DuckDB inside: one program over every member bucket of a snapshot's tables.

All rows of a person lie in one bucket, so whatever is local to a person (line rules, timelines,
duplicates, partial sums of profiles) runs here without a shuffle; Spark merges what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from claims.adjustments import ADJUSTED, HISTORIES, net
from claims.duckdb_faults import SOUND
from claims.model import TABLES, Table
from claims.runs import Snapshot

Evaluate = Callable[[duckdb.DuckDBPyConnection], Iterable[pa.Table]]

NET_COLUMNS = {
    "claim_lines": ("data_source", "claim_id", "adjustment_type", "claim_status"),
    "benefit_payments": ("data_source", "payment_id", "adjustment_type"),
}


@dataclass(frozen=True)
class BucketProgram:
    """What to load into each bucket's DuckDB and what to compute from it.

    Args:
        tables: columns by table; no columns means all. ``claim_lines`` and ``benefit_payments``
            are the net state, ``claim_lines_history`` and ``benefit_payments_history`` every
            version as stored. Tables without a person are loaded whole into every bucket.
        evaluate: takes the locked connection and yields Arrow tables of the declared schema. It
            runs on executors, so it may close over picklable values only.
        schema: DDL of what comes out.
        frames: small Arrow tables by name, sent along to every bucket.
        memory: DuckDB's memory limit in a task; beyond it work spills to disk.
    """

    tables: Mapping[str, tuple[str, ...]]
    evaluate: Evaluate
    schema: str
    frames: Mapping[str, pa.Table] = field(default_factory=dict)
    memory: str = "2GB"


def sql(*statements: str) -> Evaluate:
    """An evaluation that runs statements in turn and yields the last one's rows."""

    def evaluate(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
        for statement in statements[:-1]:
            connection.execute(statement)
        yield connection.sql(statements[-1]).to_arrow_table()

    return evaluate


def arrow_schema_of(ddl: str) -> pa.Schema:
    """The Arrow schema of a DDL string; needs a live session to read it."""
    schema = StructType.fromDDL(ddl)
    if not isinstance(schema, StructType):
        raise TypeError(f"a table's schema is wanted, not {schema.simpleString()}")
    return to_arrow_schema(schema)


def run_here(
    snapshot: Snapshot, program: BucketProgram, schema: pa.Schema, bucket: int
) -> pa.Table:
    """The program's rows over one bucket, computed in this process; no session is needed.

    Args:
        schema: what ``program.schema`` says, as Arrow.
        bucket: from 0 to the layout's number of buckets.
    """
    batches = list(_bucket(bucket, _sources(snapshot, program), program, schema))
    return pa.Table.from_batches(batches, schema)


def _sources(snapshot: Snapshot, program: BucketProgram) -> tuple[_Source, ...]:
    sources = tuple(
        _Source.of(snapshot, name, tuple(columns)) for name, columns in program.tables.items()
    )
    if any(source.netted for source in sources):
        sources = (*sources, _Source.of(snapshot, "superseded", ()))
    return sources


def run_in_buckets(spark: SparkSession, snapshot: Snapshot, program: BucketProgram) -> DataFrame:
    """The program's rows over all buckets, as a lazy Spark frame (one task a bucket)."""
    buckets = snapshot.layout.buckets
    sources = _sources(snapshot, program)
    arrow_schema = arrow_schema_of(program.schema)

    def work(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        for batch in batches:
            for bucket in batch.column(0).to_pylist():
                yield from _bucket(bucket, sources, program, arrow_schema)

    return spark.range(0, buckets, 1, buckets).mapInArrow(work, program.schema)


def _bucket(
    bucket: int, sources: tuple[_Source, ...], program: BucketProgram, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    with (
        TemporaryDirectory(prefix="vigie-bucket-") as spill,
        duckdb.connect(
            config={
                "threads": 1,
                "memory_limit": program.memory,
                "temp_directory": spill,
                **SOUND,
            }
        ) as connection,
    ):
        # `superseded` comes first: the net state of the others is taken as they are loaded.
        for source in sorted(sources, key=lambda source: source.name != "superseded"):
            source.load(connection, bucket)
        for name, frame in program.frames.items():
            connection.register("_frame", frame)
            connection.execute(f'create table "{name}" as select * from _frame')
            connection.unregister("_frame")
        lock(connection)
        for table in program.evaluate(connection):
            yield from table.select(schema.names).cast(schema).to_batches(max_chunksize=100_000)


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Close files, attaching, installing and settings to whatever runs next."""
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _shape(table: Table) -> pa.Schema:
    """The Arrow schema of a table that was not loaded."""
    types = ", ".join(
        f'cast(null as {column.type.replace("timestamp_ntz", "timestamp")}) as "{column.name}"'
        for column in table.columns
    )
    with duckdb.connect() as connection:
        return connection.sql(f"select {types} limit 0").to_arrow_table().schema


@dataclass(frozen=True)
class _Source:
    """One table as a bucket loads it: its files by bucket (-1: whole) and its empty shape."""

    name: str
    table: str
    columns: tuple[str, ...]
    files: Mapping[int, list[str]]
    shape: pa.Schema
    remote: tuple[str, int] | None

    @staticmethod
    def of(snapshot: Snapshot, name: str, columns: tuple[str, ...]) -> _Source:
        table = HISTORIES.get(name, name)
        if not snapshot.has(table):
            return _Source(name, table, columns, {}, _shape(TABLES[table]), None)
        version = snapshot.versions[table]
        delta = snapshot.lake.delta(table, version)
        root = snapshot.lake.root
        local = "://" not in root or root.startswith("file://")
        return _Source(
            name,
            table,
            columns,
            snapshot.lake.files(table, version),
            pa.schema(delta.schema().to_arrow()),
            None if local else (snapshot.lake.path(table), version),
        )

    @property
    def netted(self) -> bool:
        return self.name in ADJUSTED

    def load(self, connection: duckdb.DuckDBPyConnection, bucket: int) -> None:
        relation = self._relation(connection, bucket if TABLES[self.table].person else -1)
        wanted = dict.fromkeys((*self.columns, *(NET_COLUMNS.get(self.name, ()))))
        chosen = ", ".join(f'"{column}"' for column in wanted) if self.columns else "*"
        condition = net(self.table) if self.netted else "true"
        connection.execute(
            f'create table "{self.name}" as select {chosen} from {relation} as r where {condition}'
        )

    def _relation(self, connection: duckdb.DuckDBPyConnection, bucket: int) -> str:
        files = self.files.get(bucket, [])
        if not files:
            connection.register("_empty", self.shape.empty_table())
            return "_empty"
        if self.remote:
            from deltalake import DeltaTable

            path, version = self.remote
            kept = [("bucket", "=", str(bucket))] if bucket >= 0 else None
            dataset = DeltaTable(path, version=version).to_pyarrow_dataset(partitions=kept)
            connection.register("_remote", dataset)
            return "_remote"
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        return f"read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
