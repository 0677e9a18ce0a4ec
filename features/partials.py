"""Partial sums of subjects that many persons share: made in member buckets, merged by subject.

A bucket gives, for each subject, one row of totals and one row for each key of a part (a day, a
code, an orderer). Buckets split persons, so distinct persons add up like any other sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Final, cast

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from features.bucket_views import named

SCHEMA = (
    "subject_id string, part string, key string, lines bigint, cents bigint, weight bigint,"
    " totals array<bigint>"
)

SHARED = """
create temp table parts as
select subject_id, part, key, sum(lines)::bigint as lines, sum(cents)::bigint as cents,
  sum(weight)::bigint as weight
from partials where totals is null group by subject_id, part, key;
"""


@dataclass(frozen=True)
class Totals:
    """Named sums of a subject, carried as one array so that other parts stay narrow.

    Args:
        expressions: by name the DuckDB aggregate over a bucket's rows.
        highest: names whose merge is the maximum instead of the sum.
        part: the part of the rows that carry them.
    """

    expressions: Mapping[str, str]
    highest: frozenset[str] = frozenset()
    part: str = "total"

    @property
    def columns(self) -> str:
        """The sums as columns of a select."""
        return ", ".join(f"{sql} as {name}" for name, sql in self.expressions.items())

    @property
    def made(self) -> str:
        """The array of a bucket's row, from those columns; what is absent counts nothing."""
        return "[" + ", ".join(f"coalesce({name}, 0)::bigint" for name in self.expressions) + "]"

    @property
    def merged(self) -> str:
        """A statement that gives a table named as the part with an s: one row a subject."""
        columns = ", ".join(
            f"{'max' if name in self.highest else 'sum'}(totals[{place}])::bigint as {name}"
            for place, name in enumerate(self.expressions, start=1)
        )
        return (
            f"create temp table {self.part}s as select subject_id, {columns} from partials"
            f" where part = '{self.part}' group by subject_id;"
        )


@dataclass(frozen=True)
class Part:
    """One way of counting a provider's rows: how many, how much, and a weight, by key.

    Args:
        key: DuckDB text over the rows, alias ``l``.
        table: what is counted; it has ``billing_provider_id`` and ``cents``.
        weight: an aggregate that adds up over buckets.
        join: joined to the rows.
    """

    name: str
    key: str
    table: str = "lines"
    weight: str = "0"
    where: str = "true"
    join: str = ""


_ROWS: Final = """
select l.billing_provider_id as subject_id, '{part.name}' as part, {part.key} as key,
  count(*) as lines, sum(l.cents)::bigint as cents, ({part.weight})::bigint as weight,
  null::bigint[] as totals
from {part.table} l {part.join} where {part.where} and {part.key} is not null
group by l.billing_provider_id, {part.key}"""


def part_rows(parts: Iterable[Part]) -> str:
    """A query that gives a bucket's partial sums of all parts, placeholders left out."""
    rows = " union all ".join(_ROWS.format(part=part) for part in parts)
    return f"select * from ({rows}) where {named('subject_id')}"


Step = str | Callable[[duckdb.DuckDBPyConnection], None]


def merge(partials: DataFrame, steps: Iterable[Step], query: str, schema: str) -> DataFrame:
    """One row a subject from its partial sums, by DuckDB over Spark partitions of subjects.

    Args:
        partials: rows of :data:`SCHEMA`.
        steps: DuckDB statements over table ``partials``, or functions of the connection, in turn.
        query: the last one, which gives the rows.
        schema: DDL of the result.
    """
    listed = tuple(steps)
    shape = cast("StructType", StructType.fromDDL(schema))
    arrow = to_arrow_schema(shape)
    given = to_arrow_schema(cast("StructType", StructType.fromDDL(SCHEMA)))

    def work(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        with (
            TemporaryDirectory(prefix="vigie-merge-") as spill,
            duckdb.connect(
                config={"threads": 1, "memory_limit": "2GB", "temp_directory": spill}
            ) as connection,
        ):
            rows = pa.RecordBatchReader.from_batches(given, (b.cast(given) for b in batches))
            connection.register("_rows", rows)
            connection.execute("create temp table partials as select * from _rows")
            for step in listed:
                if isinstance(step, str):
                    connection.execute(step)
                else:
                    step(connection)
            merged = connection.sql(query).to_arrow_table()
            yield from merged.select(arrow.names).cast(arrow).to_batches(max_chunksize=100_000)

    return partials.repartition(F.col("subject_id")).mapInArrow(work, shape)


def shape_columns(part: str) -> tuple[str, ...]:
    """The columns of a part: keys, and lines, cents and weight by key."""
    return tuple(f"by_{part}_{what}" for what in ("keys", "lines", "cents", "weights"))


def merged_shapes(partials: DataFrame, parts: Iterable[str], key: str) -> DataFrame:
    """One row a subject with parallel lists by part, each part's keys in order.

    Args:
        partials: rows of :data:`SCHEMA`.
        key: name of the subject's column in the result, before those of :func:`shape_columns`.
    """
    named = tuple(parts)
    types = ("array<string>", "array<bigint>", "array<bigint>", "array<bigint>")
    lists = ", ".join(
        f"{column} {type_}"
        for name in named
        for column, type_ in zip(shape_columns(name), types, strict=True)
    )
    merged = merge(partials, (), _listed(named), f"subject_id string, {lists}")
    return merged.withColumnRenamed("subject_id", key)


def _listed(names: Iterable[str]) -> str:
    chosen = ", ".join(
        f"list({sum_} order by key) filter (part = '{name}') as {column}"
        for name in names
        for sum_, column in zip(
            ("key", "lines", "cents", "weight"), shape_columns(name), strict=True
        )
    )
    return f"""select subject_id, {chosen} from (
      select subject_id, part, key, sum(lines)::bigint as lines, sum(cents)::bigint as cents,
        sum(weight)::bigint as weight from partials group by subject_id, part, key
    ) group by subject_id"""
