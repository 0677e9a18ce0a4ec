"""Rows of published texts, brought to the model by one DuckDB query inside one Spark task.

Reference tables are small (millions of rows at most), so one task that reads, joins and merges them
is done before Spark would have planned the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.sources.files import MALFORMED, POSITION, POSITION_TYPE
from claims.sources.published import Text, contents, decoded

_BATCH = 100_000
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {"threads": 2, "memory_limit": "3GB"}
Told = Mapping[str, str | None]

# YYYYMMDD, YYYYDDD (a day of the year) or ISO as ISO text; what stands for no date is null. Any
# other text stays as it came, for the cast to refuse.
_ISO = r"""create macro iso(given) as case
    when trim(given) in ('', '*', '0', '0000000', '00000000', '9999999', '9999365', '99991231',
        '9999-12-31') then null
    when regexp_full_match(trim(given), '[0-9]{8}')
        then substr(trim(given), 1, 4) || '-' || substr(trim(given), 5, 2) || '-'
            || substr(trim(given), 7, 2)
    when regexp_full_match(trim(given), '(19|20)[0-9]{2}[0-3][0-9]{2}')
        then coalesce(cast(try_strptime(trim(given), '%Y%j')::date as varchar), trim(given))
    else trim(given) end"""


def queried(
    spark: SparkSession,
    texts: Sequence[tuple[Text, Told]],
    query: str,
    schema: str,
) -> DataFrame:
    """A table of the model from all texts.

    Args:
        texts: each with further columns that have one value for all its rows.
        query: DuckDB SQL over one table a kind, named by it, which holds the kind's columns and
            those told as strings, ``malformed`` (a row of another width as it stands, else null),
            ``file`` and ``row``; the macro ``iso`` reads dates. It gives the columns of ``schema``,
            ``malformed``, ``file`` and ``row``.
        schema: Spark columns of the result.

    Returns:
        The columns of ``schema``, ``_malformed`` and ``_position``.
    """
    made = spark.range(0, 1, 1, 1).mapInArrow(
        partial(_batches, tuple(texts), query),
        f"{schema}, malformed string, file string, row bigint",
    )
    place = F.struct("file", F.lit(0).cast("bigint").alias("block"), "row").cast(POSITION_TYPE)
    return (
        made.withColumn(POSITION, place)
        .withColumnRenamed("malformed", MALFORMED)
        .drop("file", "row")
    )


def _batches(
    texts: Sequence[tuple[Text, Told]], query: str, rows: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    if not any(batch.num_rows for batch in rows):
        return
    by_kind: dict[str, list[pa.Table]] = {}
    for text, told in texts:
        parts = by_kind.setdefault(text.kind.table, [])
        parts.extend(_shaped(table, text, told) for table in _tables(text))
    with duckdb.connect(config=_SETTINGS) as connection:
        connection.execute(_ISO)
        for name, parts in by_kind.items():
            connection.register(name, pa.concat_tables(parts))
        yield from connection.sql(query).to_arrow_reader(_BATCH)


def _tables(text: Text) -> Iterator[pa.Table]:
    """A text's rows by name, then those of another width as they stand."""
    content = next(data for member, data in contents(Path(text.path), {}) if member == text.member)
    broken: list[str] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        broken.append(row.text)
        return "skip"

    names = [name or f"_{place}" for place, name in enumerate(text.names)]
    below = decoded(content).split("\n", text.skip)[text.skip :]
    found = pa.table({})
    if below and below[0].strip():
        found = pa_csv.read_csv(
            io.BytesIO(below[0].encode()),
            pa_csv.ReadOptions(column_names=names, use_threads=False),
            pa_csv.ParseOptions(delimiter=text.delimiter, invalid_row_handler=keep),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    yield found
    yield pa.table({"malformed": pa.array(broken, pa.string())})


def _shaped(table: pa.Table, text: Text, told: Told) -> pa.Table:
    count, present = table.num_rows, set(table.column_names)
    shaped = {
        name: table.column(name) if name in present else pa.nulls(count, pa.string())
        for name in (*text.kind.columns, "malformed")
    }
    for name, value in {**told, "file": text.label}.items():
        shaped[name] = pa.repeat(pa.scalar(value, pa.string()), count)
    shaped["row"] = pa.array(range(count), pa.int64())
    return pa.table(shaped)
