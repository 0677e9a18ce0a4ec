"""Placeholders are told from ids alike in Spark and DuckDB; heavy real ids are not suspected."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from claims.identifiers import PLACEHOLDERS, is_placeholder, placeholder_sql, suspected

NOBODY = [
    None,
    "",
    "  ",
    "0",
    "000-00-0000",
    "9999999999",
    "UNKNOWN",
    "unknown",
    "N/A",
    "n / a",
    "1111111",
    "99",
    "-",
    *PLACEHOLDERS,
]
SOMEBODY = [
    "1",
    "9",
    "11",
    "222",
    "P1",
    "UNKNOWN1",
    "0a",
    "10",
    "1000000",
    "NAN2",
    "Ñ/A",
    "12121212",
]


def in_duckdb(values: list[str | None]) -> list[bool]:
    with duckdb.connect() as connection:
        connection.execute("create table ids (place int, id varchar)")
        connection.executemany("insert into ids values (?, ?)", list(enumerate(values)))
        query = f"select {placeholder_sql('id')} from ids order by place"
        return [bool(row[0]) for row in connection.sql(query).fetchall()]


def in_spark(spark: SparkSession, values: list[str | None]) -> list[bool]:
    frame = spark.createDataFrame(list(enumerate(values)), "place int, id string")
    rows = frame.select("place", is_placeholder("id").alias("nobody")).orderBy("place").collect()
    return [row.nobody for row in rows]


def test_known_placeholders_and_ids_are_told_apart() -> None:
    assert all(in_duckdb(NOBODY))
    assert not any(in_duckdb(SOMEBODY))


def test_spark_and_duckdb_agree(spark: SparkSession) -> None:
    drawn: list[str | None] = [*NOBODY, *SOMEBODY]
    alphabet = st.sampled_from([*"019NnAa/ -._?*UuKk", "\t", "\n", "\u2028", "ſ", "K", "é"])

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(st.text(alphabet, max_size=8))
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    assert in_spark(spark, drawn) == in_duckdb(drawn)


@pytest.mark.parametrize(
    ("registered", "reason"),
    [
        ([], "no row of its own"),
        ([("LAB", "Paris"), ("LAB", "Lyon")], "contradictory rows"),
        ([("LAB", "Paris")], None),
        ([("LAB", "Paris"), ("LAB", "Paris")], None),
    ],
)
def test_a_heavy_id_is_suspected_only_without_one_row_of_its_own(
    spark: SparkSession, registered: list[tuple[str, str]], reason: str | None
) -> None:
    lines = spark.createDataFrame(
        [("LAB",)] * 30 + [(f"P{n}",) for n in range(70)] + [("UNKNOWN",)] * 50, "biller string"
    )
    providers = spark.createDataFrame(registered, "provider_id string, city string")
    found = suspected(
        lines, ("biller",), providers, "provider_id", share=0.2, minimum_rows=20
    ).collect()
    assert [(row.id, row.rows, row.share, row.reason) for row in found] == (
        [("LAB", 30, 0.3, reason)] if reason else []
    )
