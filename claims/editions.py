"""Editions of reference tables: a load adds to what is held, and by key the later edition counts.

The table's key names a row: a pair by its codes and effective date, a limit by its code and
effective date, an exclusion by provider, name and exclusion date. A key that is published anew,
now with a deletion or reinstatement date, therefore renews the row that is held; a new effective
date is a row beside it; and what an edition no longer lists stays with its dates. Editions may
come in any order: of two rows of one key ``edition_date`` decides, and the one that came last
where it does not.

Two tables need more. Pairs of a table without effective dates (``effective_date_known`` false)
renew the open row of their pair, as else each quarter would begin them anew. ``procedures`` is
read by the one row in force on a day, so a new row takes over what others have told of the code
(its fee, say), and rows held from later days take over the limit.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from claims.model import Table

EDITION = "edition_date"
KNOWN = "effective_date_known"
_HELD, _CAME = "_held", "_came"
_ALWAYS = "1900-01-01"


def merged(held: DataFrame, came: DataFrame, table: Table) -> tuple[DataFrame, DataFrame]:
    """The table with an edition added to it.

    Args:
        held: stored rows.
        came: accepted rows of the edition, each key once.

    Returns:
        All rows, and those held whose key does not come again.
    """
    if KNOWN in came.columns:
        came = _renewing(held, came)
    names = [*held.columns, *(name for name in came.columns if name not in held.columns)]
    types = {name: _type(held, came, name) for name in names}
    keys = [f"_key_{column}" for column in table.key]

    def side(frame: DataFrame, label: str) -> DataFrame:
        values = [
            (F.col(f"`{name}`") if name in frame.columns else F.lit(None))
            .cast(types[name])
            .alias(name)
            for name in names
        ]
        # A null counts as empty in a key.
        key = [
            F.coalesce(F.col(column).cast("string"), F.lit("")).alias(f"_key_{column}")
            for column in table.key
        ]
        return frame.select(*key, F.struct(*values).alias(label))

    before, after = side(held, _HELD), side(came, _CAME)
    both = before.join(after, keys, how="full")
    rows = _in_force(both, table, names) if table.name == "procedures" else _later(both, names)
    return rows, before.join(after, keys, how="left_anti")


def _type(held: DataFrame, came: DataFrame, name: str) -> str:
    found = {
        frame.schema[name].dataType.simpleString()
        for frame in (held, came)
        if name in frame.columns
    }
    return found.pop() if len(found) == 1 else "string"


def _newer() -> Column:
    """Whether the row that came is of an edition no earlier than the one held."""
    return F.coalesce(F.col(f"{_CAME}.{EDITION}") >= F.col(f"{_HELD}.{EDITION}"), F.lit(True))


def _later(both: DataFrame, names: Sequence[str]) -> DataFrame:
    held, came = F.col(_HELD), F.col(_CAME)
    row = F.when(held.isNull() | (came.isNotNull() & _newer()), came).otherwise(held)
    return both.select(row.alias("_row")).select(*[F.col(f"_row.`{name}`") for name in names])


def _in_force(both: DataFrame, table: Table, names: Sequence[str]) -> DataFrame:
    """As :func:`_later` column by column, with what the code's rows in force tell besides."""
    code, start = table.key
    day = F.coalesce(f"{_HELD}.{start}", f"{_CAME}.{start}", F.lit(_ALWAYS).cast("date"))
    so_far = Window.partitionBy(f"_key_{code}").orderBy("_day")
    rows = both.withColumn("_day", day).withColumns(
        {
            "_held_in_force": F.last(_HELD, ignorenulls=True).over(so_far),
            "_came_in_force": F.last(_CAME, ignorenulls=True).over(so_far),
        }
    )
    held, came = F.col(_HELD), F.col(_CAME)
    ended = F.col("_held_in_force.deletion_date") <= F.col("_day")
    renewed = (
        F.col(f"_held.{EDITION}") < F.col(f"_came_in_force.{EDITION}")
        if EDITION in names
        else F.lit(False)
    )

    def value(name: str) -> Column:
        old, new = F.col(f"{_HELD}.`{name}`"), F.col(f"{_CAME}.`{name}`")
        before, told = F.col(f"_held_in_force.`{name}`"), F.col(f"_came_in_force.`{name}`")
        both_tell = F.when(_newer(), F.coalesce(new, old)).otherwise(F.coalesce(old, new))
        added = F.coalesce(new, F.when(~F.coalesce(ended, F.lit(False)), before))
        later = F.when(renewed, F.coalesce(told, old)).otherwise(F.coalesce(old, told))
        if name in table.key:
            return F.coalesce(old, new)
        if name == "deletion_date":
            later = old
        return (
            F.when(held.isNotNull() & came.isNotNull(), both_tell)
            .when(came.isNotNull(), added)
            .otherwise(later)
        )

    return rows.select(*[value(name).alias(name) for name in names])


def _renewing(held: DataFrame, came: DataFrame) -> DataFrame:
    """Pairs without a date of their own, with the effective date of the open row they renew."""
    pair = ["column_1_code", "column_2_code", "relation"]
    known = F.coalesce(F.col(KNOWN), F.lit(True))
    open_rows = (
        held.where("deletion_date is null")
        .groupBy(*pair)
        .agg(F.max("effective_date").alias("_since"))
    )
    # Of several rows of a pair the one that ends first closes what is open.
    first = Window.partitionBy(*pair).orderBy(
        F.col("_renews").desc_nulls_last(), F.col("deletion_date").asc_nulls_last()
    )
    undated = (
        came.where(~known)
        .join(open_rows, pair, how="left")
        .withColumn("_renews", F.col("_since") <= F.col("effective_date"))
        .withColumn("_place", F.row_number().over(first))
    )
    renewed = F.when(F.col("_renews") & (F.col("_place") == 1), F.col("_since"))
    return came.where(known).unionByName(
        undated.withColumn("effective_date", F.coalesce(renewed, "effective_date")).select(
            *came.columns
        )
    )
