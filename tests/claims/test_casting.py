"""Values are cast without loss or not at all; each flaw of a row is named, none of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.casting import FLAWS, cast_rows, value
from claims.errors import SourceError
from claims.model import INPUT_TABLES
from claims.model.column import Column
from claims.sources.files import MALFORMED, POSITION, POSITION_TYPE

AS_OF = date(2026, 1, 1)
GOOD = {
    "claim_id": "C1",
    "claim_line_number": "1",
    "claim_type": "professional",
    "person_id": "M1",
    "billing_provider_id": "P1",
    "claim_line_start_date": "2025-05-01",
    "paid_amount": "10.00",
}


def raw(spark: SparkSession, rows: Sequence[Mapping[str, Any]], ddl: str = "") -> DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row))
    schema = ddl or ", ".join(f"`{name}` string" for name in names)
    frame = spark.createDataFrame([tuple(row.get(n) for n in names) for row in rows], schema)
    return frame.select(
        "*",
        F.lit(None).cast("string").alias(MALFORMED),
        F.lit(None).cast(POSITION_TYPE).alias(POSITION),
    )


TEXTS: list[tuple[str, str, Any]] = [
    ("decimal(18,2)", "12.5", Decimal("12.50")),
    ("decimal(18,2)", " 12.50 ", Decimal("12.50")),
    ("decimal(18,2)", "12.5000", Decimal("12.50")),
    ("decimal(18,2)", "-.5", Decimal("-0.50")),
    ("decimal(18,2)", "12.505", None),
    ("decimal(18,2)", "1,234", None),
    ("decimal(18,2)", "1e3", None),
    ("decimal(18,2)", "NaN", None),
    ("decimal(18,2)", "12345678901234567", None),
    ("decimal(18,2)", "٣", None),
    ("decimal(18,3)", "1.125", Decimal("1.125")),
    ("int", "007", 7),
    ("int", "3.0", 3),
    ("int", "3.5", None),
    ("int", "2147483648", None),
    ("date", "2024-02-29", date(2024, 2, 29)),
    ("date", "2024-02-29 00:00:00", date(2024, 2, 29)),
    ("date", "2024-02-30", None),
    ("date", "2024-2-3", None),
    ("date", "29/02/2024", None),
    ("date", "2024-02-29 10:00:00", None),
    ("timestamp_ntz", "2024-02-29T10:11:12.5Z", datetime(2024, 2, 29, 10, 11, 12, 500000)),
    ("timestamp_ntz", "2024-02-29 10:11", datetime(2024, 2, 29, 10, 11)),
    ("timestamp_ntz", "2024-02-29", datetime(2024, 2, 29)),
    ("timestamp_ntz", "2024-02-29 25:00:00", None),
    ("boolean", "Yes", True),
    ("boolean", "0", False),
    ("boolean", "maybe", None),
    ("double", "1.5e2", 150.0),
    ("double", "inf", None),
    ("double", "1e999", None),
    ("double", "1d", None),
    ("string", " 0012 ", " 0012 "),
    ("string", " \t", None),
]


def test_texts_are_cast_without_loss_or_not_at_all(spark: SparkSession) -> None:
    types = sorted({type_ for type_, _, _ in TEXTS})
    frame = spark.createDataFrame([(text,) for _, text, _ in TEXTS], "text string")
    string = frame.schema["text"].dataType
    casts = [value(Column("text", type_), F.col("text"), string).alias(type_) for type_ in types]
    rows = {row.text: row for row in frame.distinct().select("text", *casts).collect()}
    assert [(t, text, rows[text][t]) for t, text, _ in TEXTS] == TEXTS


def test_any_text_is_a_decimal_exactly_when_it_is_one(spark: SparkSession) -> None:
    drawn: list[str] = []

    @settings(max_examples=400, deadline=None, database=None, derandomize=True)
    @given(st.one_of(st.text("0123456789.+-eE,", max_size=22), st.decimals(places=2).map(str)))
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    frame = spark.createDataFrame([(text,) for text in set(drawn)], "text string")
    money = value(Column("text", "decimal(18,2)"), F.col("text"), frame.schema["text"].dataType)
    for row in frame.select("text", money.alias("money")).collect():
        assert row.money == exact(row.text), row.text


def exact(text: str) -> Decimal | None:
    """What the text is worth, by Python's own decimals."""
    if "e" in text.lower() or "n" in text.lower():
        return None
    try:
        worth = Decimal(text)
    except InvalidOperation:
        return None
    if abs(worth) >= Decimal(10) ** 16:
        return None
    return worth if worth == worth.quantize(Decimal("0.01")) else None


def test_typed_columns_keep_their_worth(spark: SparkSession) -> None:
    typed: list[tuple[str, str, Any]] = [
        ("decimal(18,2)", "12.3D", Decimal("12.30")),
        ("decimal(18,2)", "0.1D + 0.2D", Decimal("0.30")),
        ("decimal(18,2)", "12.345D", None),
        ("decimal(18,2)", "cast('NaN' as double)", None),
        ("decimal(18,2)", "cast(1.1 as float)", Decimal("1.10")),
        ("decimal(18,2)", "cast(12.345 as decimal(20,4))", None),
        ("decimal(18,2)", "12", Decimal("12.00")),
        ("int", "12.0D", 12),
        ("int", "12.5D", None),
        ("int", "3000000000L", None),
        ("string", "12.0D", "12"),
        ("string", "123456789012D", "123456789012"),
        ("string", "7L", "7"),
        ("date", "timestamp_ntz'2024-01-02 00:00:00'", date(2024, 1, 2)),
        ("date", "timestamp_ntz'2024-01-02 10:00:00'", None),
        ("date", "20240102", None),
        ("timestamp_ntz", "date'2024-01-02'", datetime(2024, 1, 2)),
        ("boolean", "1", None),
        ("double", "cast(1.5 as decimal(5,1))", 1.5),
        ("decimal(18,2)", "null", None),
    ]
    frame = spark.range(1).select(*[F.expr(e).alias(f"c{n}") for n, (_, e, _) in enumerate(typed)])
    casts = [
        value(Column("x", type_), F.col(f"c{n}"), frame.schema[f"c{n}"].dataType).alias(f"v{n}")
        for n, (type_, _, _) in enumerate(typed)
    ]
    row = frame.select(*casts).collect()[0]
    assert [(t, e, row[f"v{n}"]) for n, (t, e, _) in enumerate(typed)] == typed


FLAWED: list[tuple[dict[str, str | None], list[str]]] = [
    ({}, []),
    ({"adjustment_type": "void", "paid_amount": "-10"}, []),
    ({"adjustment_type": "void", "paid_amount": "0"}, []),
    ({"claim_line_end_date": "2025-06-01", "admission_date": " "}, []),
    ({"person_id": None}, ["person_id: required, empty"]),
    ({"person_id": "  "}, ["person_id: required, empty"]),
    ({"paid_amount": "ten"}, ["paid_amount: not a decimal(18,2)"]),
    ({"claim_type": "Professional"}, ["claim_type: unknown value"]),
    ({"claim_line_end_date": "2025-04-30"}, ["claim_line_end_date: before claim_line_start_date"]),
    ({"paid_amount": "-1"}, ["paid_amount: negative outside a void"]),
    ({"charge_amount": "-1"}, ["charge_amount: negative outside a void"]),
    ({"adjustment_type": "void", "paid_amount": "1"}, ["paid_amount: positive on a void"]),
    ({"adjustment_type": "undo"}, ["adjustment_type: unknown value"]),
    ({"claim_line_start_date": "2026-01-02"}, ["claim_line_start_date: after the as-of date"]),
    (
        {"claim_id": "", "claim_line_number": "x", "paid_amount": "-3", "card_read_at": "noon"},
        [
            "claim_id: required, empty",
            "claim_line_number: not an int",
            "card_read_at: not a timestamp",
            "paid_amount: negative outside a void",
        ],
    ),
]


def test_every_reason_that_applies_is_given(spark: SparkSession) -> None:
    rows = [{**GOOD, **change, "case": str(n)} for n, (change, _) in enumerate(FLAWED)]
    found = cast_rows(raw(spark, rows), INPUT_TABLES["claim_lines"], AS_OF).collect()
    reasons = {int(row["case"]): sorted(row[FLAWS]) for row in found}
    assert reasons == {n: sorted(expected) for n, (_, expected) in enumerate(FLAWED)}
    assert all(row["case"] is not None for row in found), "further columns are kept"


def test_one_of_several_columns_is_required(spark: SparkSession) -> None:
    rows = [
        {"provider_id": "P1", "name": None, "exclusion_date": "2025-01-01"},
        {"provider_id": None, "name": "", "exclusion_date": "2025-01-01"},
    ]
    found = cast_rows(raw(spark, rows), INPUT_TABLES["exclusions"], AS_OF).collect()
    assert sorted(len(row[FLAWS]) for row in found) == [0, 1]


def test_a_nested_column_is_refused(spark: SparkSession) -> None:
    frame = raw(spark, [{"person_id": ["M1"]}], "person_id array<string>")
    with pytest.raises(SourceError, match="person_id is nested"):
        cast_rows(frame, INPUT_TABLES["members"], AS_OF)
