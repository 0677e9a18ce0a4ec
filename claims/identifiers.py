"""Identifiers that name nobody: known placeholders, and ids suspected of being one.

A placeholder is never joined on. A file of excluded providers joined on a placeholder number
would link thousands of strangers, so every join on an id passes through these tests.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

# Rules read the SQL below without a session, and must not wait for Spark to be imported.
if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Words that stand for "no id", compared without case, spaces and separators (N/A is NA).
PLACEHOLDERS: tuple[str, ...] = (
    "UNKNOWN",
    "UNK",
    "NA",
    "NONE",
    "NULL",
    "NIL",
    "NAN",
    "NOTAVAILABLE",
    "NOTAPPLICABLE",
    "UNDEFINED",
    "MISSING",
    "TBD",
    "DUMMY",
    "XXX",
    "XXXX",
)

# One pattern with separators let through, as removing them first took a second pass over every id.
_BETWEEN = "[ \\t\\r\\n./_?*-]*"
# Zero of any length; nines from two on; another digit from four on, as short ids such as 11 and
# 222 are real wherever ids are counted up from 1.
_DIGITS = (
    f"0(?:{_BETWEEN}0)*",
    f"9(?:{_BETWEEN}9)+",
    *(f"{digit}(?:{_BETWEEN}{digit}){{3,}}" for digit in range(1, 9)),
)
# Letter classes instead of a case flag: Java and RE2 fold non-ASCII letters differently.
_WORDS = tuple(
    _BETWEEN.join(f"[{letter}{letter.lower()}]" for letter in word) for word in PLACEHOLDERS
)
_PATTERN = f"\\A{_BETWEEN}(?:(?:{'|'.join((*_DIGITS, *_WORDS))}){_BETWEEN})?\\z"

SHARE = 0.02
ROWS = 1_000


def is_placeholder(column: Column | str) -> Column:
    """Whether an id stands for nobody: null, blank, a known word, or one digit repeated."""
    from pyspark.sql import functions as F

    text = (F.col(column) if isinstance(column, str) else column).cast("string")
    return F.coalesce(text.rlike(_PATTERN), F.lit(True))


def placeholder_sql(column: str) -> str:
    """The test of :func:`is_placeholder` as a DuckDB SQL condition on a column or expression."""
    return f"coalesce(regexp_matches(cast({column} as varchar), '{_PATTERN}'), true)"


def written_placeholder(column: str) -> str:
    """Spark SQL condition that an id is given and stands for nobody; null where it is not given."""
    escaped = _PATTERN.replace("\\", "\\\\")
    return f"{column} rlike '{escaped}'"


def suspected(
    rows: DataFrame,
    columns: tuple[str, ...],
    dimension: DataFrame,
    key: str,
    *,
    share: float = SHARE,
    minimum_rows: int = ROWS,
) -> DataFrame:
    """Ids that carry an implausible share of rows and have no single row of their own.

    A national laboratory carries many rows too, but it is registered, once: only an id without a
    row in the dimension table, or with contradictory ones, is suspected.

    Args:
        rows: detail rows.
        columns: columns of ``rows`` that hold ids of the dimension.
        dimension: the table that registers these ids (all its rows, quarantined ones included,
            if contradictions are to be seen).
        key: the dimension's id column.
        share: least share of the rows in which a column is filled (0 to 1).
        minimum_rows: least number of rows, below which a share says nothing.

    Returns:
        ``column_name string, id string, rows bigint, share double, reason string``, for ids that
        are not known placeholders.
    """
    from pyspark.sql import functions as F

    stacked = reduce(
        lambda left, right: left.unionByName(right),
        [
            rows.select(F.lit(name).alias("column_name"), F.col(name).alias("id"))
            for name in columns
        ],
    )
    named = stacked.where(~is_placeholder("id")).groupBy("column_name", "id")
    counts = named.agg(F.count(F.lit(1)).alias("rows"))
    totals = counts.groupBy("column_name").agg(F.sum("rows").alias("total"))
    heavy = (
        counts.join(F.broadcast(totals), "column_name", how="inner")
        .withColumn("share", F.round(F.col("rows") / F.col("total"), 9))
        .where((F.col("share") >= share) & (F.col("rows") >= minimum_rows))
    )
    details = [F.col(f"`{name}`") for name in dimension.columns]
    registered = dimension.groupBy(F.col(key).alias("id")).agg(
        F.count_distinct(F.xxhash64(*details)).alias("versions")
    )
    unregistered = F.col("versions").isNull()
    reason = F.when(unregistered, "no row of its own").otherwise("contradictory rows")
    return (
        heavy.join(registered, "id", how="left")
        .where(unregistered | (F.col("versions") > 1))
        .select("column_name", "id", "rows", "share", reason.alias("reason"))
    )
