"""Casting what came to the model's types, with every reason why a row cannot be loaded.

Nothing is rounded, padded or guessed: a value either has the column's type without loss or the row
goes to quarantine. Reasons name the column and the rule, never the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from claims.errors import SourceError
from claims.model import Table
from claims.model.column import Column
from claims.sources.files import MALFORMED, POSITION

RAW = "_raw"
FLAWS = "_flaws"

_BLANK = " \t\r\n\u00a0"
_ZONE = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6}0*)?)?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_FORMS = {
    "int": r"\A[+-]?[0-9]+(?:\.0*)?\z",
    "date": rf"\A{_DATE}(?:[ T]00:00(?::00(?:\.0+)?)?)?\z",
    "timestamp_ntz": rf"\A{_DATE}(?:[ T]{_CLOCK}{_ZONE})?\z",
    "double": r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z",
    "boolean": r"\A(?i:true|t|yes|y|1|false|f|no|n|0)\z",
}
# Binary floating point misses a cent's exact value by far less than this.
_NOISE = 1e-6
_WHOLE = float(1 << 53)


def cast_rows(frame: DataFrame, table: Table, as_of: date) -> DataFrame:
    """Cast a raw table.

    Args:
        frame: as described in :class:`claims.sources.raw.RawTables`.
        as_of: the date after which nothing can have happened.

    Returns:
        The model's columns, typed; the source's further columns as they came; ``_raw`` (a struct
        of all columns as they came), ``_flaws`` (array of reasons, empty where the row is good),
        ``_malformed`` and ``_position``.

    Raises:
        SourceError: a column of the model comes as a nested type.
    """
    came = [name for name in frame.columns if name not in (MALFORMED, POSITION)]
    types = {field.name: field.dataType for field in frame.schema}
    for column in table.columns:
        if isinstance(types.get(column.name), T.ArrayType | T.MapType | T.StructType):
            raise SourceError(f"{table.name}: column {column.name} is nested; write plain values")
    present = [column for column in table.columns if column.name in types]
    typed = [
        value(column, F.col(f"`{column.name}`"), types[column.name]).alias(column.name)
        if column.name in types
        else F.lit(None).cast(column.type).alias(column.name)
        for column in table.columns
    ]
    extra = [F.col(f"`{name}`") for name in came if name not in set(table.names)]
    raw = F.struct(*[F.col(f"`{name}`") for name in came]).alias(RAW)
    rows = frame.select(*typed, *extra, raw, MALFORMED, POSITION)
    broken = F.array(
        F.lit("malformed row: the number of fields is not the header's, or a quote is left open")
    )
    reasons = F.array_compact(F.array(*_reasons(table, present, types, as_of)))
    return rows.withColumn(FLAWS, F.when(F.col(MALFORMED).isNotNull(), broken).otherwise(reasons))


def value(column: Column, raw: SparkColumn, came: T.DataType) -> SparkColumn:
    """The raw value in the column's type, null where it is empty or would lose something."""
    if isinstance(came, _TEXTS):
        return _from_text(column, raw.cast("string"))
    if column.type == "string":
        return _to_text(raw, came)
    if column.type.startswith("decimal"):
        return _to_decimal(column.type, raw, came)
    if column.type == "date" and isinstance(came, T.TimestampType | T.TimestampNTZType):
        day = raw.cast("date")
        return F.when(raw.cast("timestamp_ntz") == day.cast("timestamp_ntz"), day)
    if column.type == "int" and isinstance(came, T.FractionalType):
        return F.when(raw == F.floor(raw.cast("double")), raw.try_cast("int"))
    # Any other pair of types has no meaning that could be trusted (a number as a date, say).
    known = isinstance(came, _CASTABLE[column.type])
    return raw.try_cast(column.type) if known else F.lit(None).cast(column.type)


_TEXTS = (T.StringType, T.BinaryType, T.CharType, T.VarcharType)
_CASTABLE: dict[str, tuple[type[T.DataType], ...]] = {
    "int": (T.IntegralType,),
    "double": (T.NumericType,),
    "boolean": (T.BooleanType,),
    "date": (T.DateType,),
    "timestamp_ntz": (T.DateType, T.TimestampType, T.TimestampNTZType),
}


def _from_text(column: Column, raw: SparkColumn) -> SparkColumn:
    text = F.trim(raw, F.lit(_BLANK))
    if column.type == "string":
        return F.when(text != "", text if column.values else raw)
    if column.type.startswith("decimal"):
        scale = int(column.type.rstrip(")").split(",")[1])
        form = rf"\A[+-]?(?:[0-9]+(?:\.[0-9]{{0,{scale}}}0*)?|\.[0-9]{{1,{scale}}}0*)\z"
    else:
        form = _FORMS[column.type]
    lossless = {
        "int": F.regexp_replace(text, r"\.0*\z", ""),
        "date": F.substring(text, 1, 10),
    }.get(column.type, text)
    fitted = lossless.try_cast(column.type)
    finite = F.abs(fitted) < float("inf") if column.type == "double" else F.lit(True)
    return F.when(text.rlike(form) & finite, fitted)


def _to_text(raw: SparkColumn, came: T.DataType) -> SparkColumn:
    """A typed value as text; a whole floating-point number is an id that met a null on its way."""
    if isinstance(came, T.FloatType | T.DoubleType):
        whole = (raw == F.floor(raw)) & (F.abs(raw) < _WHOLE)
        return F.when(whole, raw.try_cast("bigint").cast("string")).otherwise(raw.cast("string"))
    return raw.cast("string")


def _to_decimal(type_: str, raw: SparkColumn, came: T.DataType) -> SparkColumn:
    if isinstance(came, T.FloatType | T.DoubleType):
        exact = raw.cast("double") if isinstance(came, T.DoubleType) else raw.cast("string")
        fitted = exact.try_cast(type_)
        return F.when(F.abs(fitted.cast("double") - exact.cast("double")) < _NOISE, fitted)
    if isinstance(came, T.DecimalType | T.IntegralType):
        fitted = raw.try_cast(type_)
        return F.when(fitted == raw, fitted)
    return F.lit(None).cast(type_)


def _reasons(
    table: Table, present: list[Column], types: dict[str, T.DataType], as_of: date
) -> Iterator[SparkColumn]:
    for column in present:
        yield from _of_column(column, types[column.name], as_of)
    names = {column.name for column in present}
    for start, end in table.spans:
        if {start, end} <= names:
            yield _reason(F.col(end) < F.col(start), f"{end}: before {start}")
    voided = (
        F.col("adjustment_type").eqNullSafe(F.lit("void"))
        if "adjustment_type" in table.names
        else F.lit(False)
    )
    for money in table.money:
        if money in names:
            yield _reason(~voided & (F.col(money) < 0), f"{money}: negative outside a void")
            if "adjustment_type" in names:
                yield _reason(voided & (F.col(money) > 0), f"{money}: positive on a void")
    if table.any_of:
        empty = F.coalesce(*[F.col(name).cast("string") for name in table.any_of]).isNull()
        yield _reason(empty, f"{', '.join(table.any_of)}: at least one is required")


def _of_column(column: Column, came: T.DataType, as_of: date) -> Iterator[SparkColumn]:
    raw = F.col(f"{RAW}.`{column.name}`")
    typed = F.col(column.name)
    texts = isinstance(came, _TEXTS)
    filled = F.trim(raw.cast("string"), F.lit(_BLANK)) != "" if texts else raw.isNotNull()
    if column.type != "string":
        kind = {"timestamp_ntz": "a timestamp", "int": "an int"}.get(column.type)
        yield _reason(filled & typed.isNull(), f"{column.name}: not {kind or 'a ' + column.type}")
    if column.required:
        empty = raw.isNull() if not texts else ~F.coalesce(filled, F.lit(False))
        yield _reason(empty, f"{column.name}: required, empty")
    if column.values:
        yield _reason(~typed.isin(*column.values), f"{column.name}: unknown value")
    if column.event:
        yield _reason(typed > F.lit(as_of), f"{column.name}: after the as-of date")


def _reason(condition: SparkColumn, text: str) -> SparkColumn:
    return F.when(condition, F.lit(text))
