"""Net state over chains of voids and replacements: what stands, and by what the rest fell."""

from __future__ import annotations

from pyspark.sql import SparkSession

from claims.adjustments import superseded
from claims.model import TABLES

# claim, data_source, type, original, submitted, person
CHAINS = [
    ("plain", None, None, None, None, "M1"),
    # voided
    ("A", None, "original", None, "2024-01-01", "M1"),
    ("A-void", None, "void", "A", "2024-02-01", "M1"),
    # replaced one by one
    ("B", None, None, None, None, "M1"),
    ("B1", None, "replacement", "B", "2024-02-01", "M1"),
    ("B2", None, "replacement", "B1", "2024-03-01", "M1"),
    # each replacement names the first claim; the person changed on the way
    ("C", None, None, None, None, "M1"),
    ("C1", None, "replacement", "C", "2024-02-01", "M2"),
    ("C2", None, "replacement", "C", "2024-03-01", "M2"),
    # replaced, then voided for good
    ("D", None, None, None, None, "M1"),
    ("D1", None, "replacement", "D", "2024-02-01", "M1"),
    ("D-void", None, "void", "D", "2024-03-01", "M1"),
    # voided and billed anew on one day
    ("E", None, None, None, None, "M1"),
    ("E-void", None, "void", "E", "2024-02-01", "M1"),
    ("E1", None, "replacement", "E", "2024-02-01", "M1"),
    # the same number in another source is another claim
    ("F", "north", None, None, None, "M1"),
    ("F", "south", None, None, None, "M1"),
    ("F-void", "south", "void", "F", None, "M1"),
    # names itself, or nothing: changes nothing
    ("G", None, "replacement", "G", None, "M1"),
    ("H", None, "void", None, None, "M1"),
]


def test_chains_of_adjustments(spark: SparkSession) -> None:
    lines = spark.createDataFrame(
        [(*row, line) for row in CHAINS for line in (1, 2)],
        "claim_id string, data_source string, adjustment_type string, original_claim_id string,"
        " submitted string, person_id string, claim_line_number int",
    ).selectExpr("*", "cast(submitted as date) submitted_date", "cast(null as date) paid_date")
    found = superseded({"claim_lines": lines})
    assert tuple(found.columns) == TABLES["superseded"].names
    assert sorted(tuple(row)[1:] for row in found.collect()) == [
        ("", "A", "A-void", "M1"),
        ("", "B", "B1", "M1"),
        ("", "B1", "B2", "M1"),
        ("", "C", "C2", "M1"),
        ("", "C1", "C2", "M2"),
        ("", "D", "D-void", "M1"),
        ("", "D1", "D-void", "M1"),
        ("", "E", "E1", "M1"),
        ("south", "F", "F-void", "M1"),
    ]
