"""Linkage by both engines: what a link says, what a record is, and that runs repeat."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from benchmarks.linkage import Quality, labelled, quality_of_clusters, quality_of_links
from features.linkage import (
    MANY_DOUBLES,
    RECORD_DDL,
    REGISTER,
    Clustering,
    link_records,
    linked,
    records_sql,
)
from features.linkage.comparisons import BIRTH_DATE, FAMILY_NAME, GIVEN_NAME, HOME, PERSON

LABELLED = Path(__file__).parents[4] / "shared" / "data" / "linkage"

# Absent when the suite runs from a copy of the repository alone.
needs_labels = pytest.mark.skipif(
    not LABELLED.is_dir(), reason="the labelled sets are not beside the repository"
)

FIRST = ("Ada", "Bruno", "Clara", "Dario", "Edda", "Felix", "Greta", "Hugo", "Ida", "Jonas")
LAST = ("Abbel", "Berger", "Caron", "Dalmas", "Ebner", "Fabre", "Gallo", "Hansel", "Imbert")
COLUMNS = {name: name for name in ("given_name", "family_name", "birth_date", "postal_code")}


def made(rows: list[dict[str, Any]], columns: dict[str, str]) -> pa.Table:
    """Linkage records of rows."""
    names = ["id", *columns]
    texts = pa.Table.from_pylist(
        [{name: row.get(name) for name in names} for row in rows],
        schema=pa.schema([(name, pa.string()) for name in names]),
    )
    with duckdb.connect() as connection:
        connection.register("people", texts)
        query = records_sql("people", "id", {name: name for name in columns})
        return connection.sql(query).to_arrow_table()


def town() -> list[dict[str, Any]]:
    """Three hundred people, and one of them again with a slip in name and birth date."""
    people = [
        {
            "id": f"P{n:03d}",
            "given_name": FIRST[n % 10],
            "family_name": LAST[n * 7 % 9],
            "birth_date": f"{1940 + n % 60}-{1 + n % 12:02d}-{1 + n * 5 % 28:02d}",
            "postal_code": f"{10000 + n * 37}",
        }
        for n in range(300)
    ]
    person = {"given_name": "Marianne", "family_name": "Harmel", "postal_code": "20100"}
    return [
        *people,
        {"id": "Z1", **person, "birth_date": "1961-03-14"},
        {"id": "Z2", **person, "given_name": "Mariane", "birth_date": "1961-03-19"},
    ]


def test_a_record_is_normalised_and_placeholders_are_nothing() -> None:
    (record,) = made(
        [
            {
                "id": "1",
                "given_name": " Dr. Zoé-Anne ",
                "family_name": "O'NEILL, 1st",
                "birth_date": "1980-02-01",
                "postal_code": "SW1 4AB",
                "address": "3, Rue Haute",
                "phone": "+33 6 12 34 56 78",
                "email": "ZOE@Example.org ",
                "account": "0000000000",
                "official_id": "n/a",
            }
        ],
        dict.fromkeys((*COLUMNS, "address", "phone", "email", "account", "official_id"), ""),
    ).to_pylist()

    assert record["given_name"] == "zoe anne"
    assert record["family_name"] == "o neill"
    assert record["address"] == "3 rue haute sw1 4ab"
    assert record["phone"] == "612345678"
    assert record["email"] == "zoe@example.org"
    assert record["account"] is None
    assert record["official_id"] is None
    assert (record["family_start"], record["birth_year"], record["postal_area"]) == (
        "o n",
        "1980",
        "sw1",
    )


def test_an_unknown_column_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no column of a linkage record: shoe_size; there are"):
        records_sql("people", "id", {"shoe_size": "shoe_size"})


@pytest.mark.parametrize("comparison", PERSON, ids=lambda comparison: comparison.name)
def test_declared_shares_are_a_distribution_over_levels(comparison: Any) -> None:
    declared = [level.m for level in comparison.levels]

    assert all(0 < m < 1 for m in declared)
    assert sum(declared) < 1
    assert len(set(comparison.words())) == len(declared) + 1
    for level in comparison.levels:
        assert comparison.words()[comparison.value(level.words)] == level.words


def test_a_link_says_its_weight_in_words_and_the_parts_add_up() -> None:
    links = link_records(made(town(), COLUMNS))

    assert links is not None
    (link,) = links.to_pylist()
    assert (link["a"], link["b"]) == ("Z1", "Z2")
    parts = [part.rsplit(" ", 1) for part in link["explanation"].split(", ")]
    assert [words for words, _ in parts] == [
        "first name spelt nearly alike",
        "same name",
        "birth date one digit apart",
        "same postal code",
    ]
    prior = REGISTER.doubles / 301
    base = math.log2(prior / (1 - prior))
    assert link["match_weight"] == pytest.approx(
        base + sum(float(weight) for _, weight in parts), abs=0.05 * len(parts)
    )
    odds = 2 ** link["match_weight"]
    assert link["match_probability"] == pytest.approx(odds / (1 + odds), abs=1e-6)


def test_the_same_records_in_any_order_give_the_same_links() -> None:
    rows = town()

    once = link_records(made(rows, COLUMNS), replace(REGISTER, least_weight=-8.0))
    again = link_records(made(rows[::-1], COLUMNS), replace(REGISTER, least_weight=-8.0))

    assert once is not None
    assert once.num_rows > 1
    assert once.equals(again)


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    rows = town()
    rows += [
        {"id": f"Y{n}", "given_name": "Ada", "family_name": "Abbel", "postal_code": "99999"}
        for n in range(2)
    ]
    links = link_records(made(rows, COLUMNS), replace(REGISTER, least_weight=-20.0))

    assert links is not None
    said = {(row["a"], row["b"]): row["explanation"] for row in links.to_pylist()}
    weight = {
        pair: float(
            next(p for p in said[pair].split(", ") if p.startswith("same name")).split()[-1]
        )
        for pair in (("Z1", "Z2"), ("Y0", "Y1"))
    }
    assert weight["Z1", "Z2"] > weight["Y0", "Y1"] + 3


@pytest.mark.parametrize("records", [[], town()[:1], [{"id": "1"}, {"id": "2"}]], ids=len)
def test_nothing_to_compare_gives_no_links(records: list[dict[str, Any]]) -> None:
    assert link_records(made(records, COLUMNS)) is None


def test_spark_gives_the_links_that_duckdb_gives(spark: SparkSession) -> None:
    few = replace(
        REGISTER,
        comparisons=(GIVEN_NAME, FAMILY_NAME, BIRTH_DATE, HOME),
        blocks=(("family_name", "postal_code"), ("family_start", "birth_year")),
        least_weight=-20.0,
        sampled_pairs=10**9,
    )
    records = made(town()[-40:], COLUMNS)
    frame = spark.createDataFrame(records, RECORD_DDL)

    by_duckdb, by_spark = (
        linked(spark, frame, settings).toPandas().sort_values(["a", "b"], ignore_index=True)
        for settings in (few, replace(few, duckdb_records=0))
    )

    assert ("Z1", "Z2") in set(zip(by_duckdb["a"], by_duckdb["b"], strict=True))
    pd.testing.assert_frame_equal(by_duckdb, by_spark, rtol=1e-6)


def test_quality_is_counted_as_by_hand() -> None:
    truth = pd.Series({"a": "1", "b": "1", "c": "1", "d": "2", "e": "2"})
    links = pd.DataFrame({"a": ["a", "c"], "b": ["b", "d"], "match_weight": [9.0, 9.0]})

    assert quality_of_links(links, truth) == Quality(1 / 2, 1 / 4)
    found = quality_of_clusters(links, truth, Clustering())
    # Found: {a, b}, {c, d}, {e}; per record the share of its cluster that is right, and the share
    # of its person that is found.
    assert found.precision == pytest.approx(1 / 2)
    assert found.recall == pytest.approx(1 / 4)
    assert found.b_precision == pytest.approx((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5)
    assert found.b_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5)


@needs_labels
def test_a_labelled_set_is_linked_as_well_as_it_was() -> None:
    records, truth = labelled(LABELLED, "fake_1000")

    links = link_records(records, replace(MANY_DOUBLES, sampled_pairs=100_000))

    assert links is not None
    found = quality_of_clusters(links.to_pandas(), truth, Clustering())
    assert found.precision >= 0.99
    assert Quality.f1(found.precision, found.recall) >= 0.93
    assert Quality.f1(found.b_precision, found.b_recall) >= 0.93
