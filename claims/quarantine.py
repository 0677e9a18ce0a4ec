"""Parting good rows from bad ones: bad is quarantined with every reason, nothing is dropped.

Rows in = rows loaded + rows quarantined holds for every table by construction: each row of the
source carries either no reason and is accepted, or reasons and is rejected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from claims.casting import FLAWS, RAW, cast_rows
from claims.contents import Contents, named, of_sums, sums
from claims.model import Table
from claims.sources.files import MALFORMED, POSITION

REASONS = "_reasons"
ROW = "_row"
REPEATED = "duplicate key"
HELD = "duplicate key: the lake already holds it"
_KEY = "_key"
_SEEN = "_seen"
# Files of up to so many bytes are read by one task: their rows then need no shuffle and no job of
# their own to be grouped, and with many tables side by side no processor waits.
SMALL_BYTES = 4 << 20
# So many repeated keys travel through the driver; more stay where they are.
_FEW = 100_000


class Account(NamedTuple):
    """Rows of a source's table: all that came, and those of them that are quarantined."""

    came: int
    bad: int


@dataclass(frozen=True)
class Parted:
    """One table, every row marked.

    Args:
        rows: the model's columns, further ones, ``_reasons`` (null where the row is good) and
            ``_row`` (JSON of a bad row as it came); kept on disk or in memory until released.
    """

    table: Table
    rows: DataFrame
    kept: DataFrame

    @property
    def account(self) -> Account:
        """How many rows came and how many are bad (the first look at them: this does the work)."""
        return self._look[0]

    @property
    def contents(self) -> Contents:
        """What the accepted rows hold, from the same look."""
        return self._look[1]

    @cached_property
    def _look(self) -> tuple[Account, Contents]:
        names = named(self.accepted)
        good = F.col(REASONS).isNull()
        found = self.rows.agg(F.count(F.lit(1)).alias("_came"), *sums(names, good)).collect()[0]
        held = of_sums(names, found)
        return Account(int(found["_came"]), int(found["_came"]) - held.rows), held

    @property
    def accepted(self) -> DataFrame:
        """Rows of the model, typed, and the source's further columns."""
        return self.rows.where(F.col(REASONS).isNull()).drop(REASONS, ROW)

    @property
    def rejected(self) -> DataFrame:
        """``table_name string, row string, reasons array<string>``."""
        return self.rows.where(F.col(REASONS).isNotNull()).select(
            F.lit(self.table.name).alias("table_name"),
            F.col(ROW).alias("row"),
            F.col(REASONS).alias("reasons"),
        )

    def release(self) -> None:
        """Let go of the kept rows."""
        self.kept.unpersist()


def part(raw: DataFrame, table: Table, as_of: date, held: DataFrame | None = None) -> Parted:
    """Cast a raw table and mark its bad rows.

    Of several rows with one key the first one in the source that has no other flaw is good, and
    each further one repeats the key. "First" is the place in the file; rows without a place are
    ordered by their content, so the choice never hangs on how the work was split.

    Args:
        raw: as described in :class:`claims.sources.raw.RawTables`.
        as_of: the date after which nothing can have happened.
        held: stored rows whose keys may not come again (when a load appends).
    """
    typed = cast_rows(raw.coalesce(1) if _is_small(raw) else raw, table, as_of)
    seen = _seen(typed.where(F.col(MALFORMED).isNull()), table, held)
    few = seen.limit(_FEW + 1).toArrow()
    repeats = few.num_rows
    keyed = typed.withColumn(_KEY, _key(table))
    if not repeats:
        rows = keyed.withColumn(_SEEN, F.lit(None).cast("string"))
    elif repeats <= _FEW:
        rows = keyed.join(F.broadcast(raw.sparkSession.createDataFrame(few)), _KEY, how="left")
    else:
        # Checkpointed, as Spark would compute it anew once the held table is written to.
        rows = keyed.join(seen.localCheckpoint(), _KEY, how="left")
    kept = _slim(rows).persist(StorageLevel.MEMORY_AND_DISK)
    marked = kept if not repeats else _mark_repeats(kept, table)
    final = marked.drop(_KEY, _SEEN, POSITION).withColumn(
        REASONS, F.when(F.size(FLAWS) > 0, F.col(FLAWS))
    )
    return Parted(table, final.drop(FLAWS), kept)


def _is_small(raw: DataFrame) -> bool:
    """Whether the files behind a frame are local and small."""
    found = [urlsplit(file) for file in raw.inputFiles()]
    if not found or any(file.scheme not in ("", "file") for file in found):
        return False
    return sum(Path(unquote(file.path)).stat().st_size for file in found) <= SMALL_BYTES


def _key(table: Table) -> Column:
    """A 64-bit hash of the key; only rows whose hash repeats are compared by the key itself."""
    return F.xxhash64(*[F.coalesce(F.col(c).cast("string"), F.lit("")) for c in table.key])


def _seen(typed: DataFrame, table: Table, held: DataFrame | None) -> DataFrame:
    """Key hashes that come several times (``inside``), or that the lake holds (``held``)."""
    counts = typed.select(_key(table).alias(_KEY)).groupBy(_KEY).agg(F.count(F.lit(1)).alias("n"))
    if held is None:
        return counts.where(F.col("n") > 1).select(_KEY, F.lit("inside").alias(_SEEN))
    stored = held.select(_key(table).alias(_KEY), F.lit(True).alias("stored")).distinct()
    return (
        counts.join(stored, _KEY, how="left")
        .where((F.col("n") > 1) | F.col("stored"))
        .select(_KEY, F.when(F.col("stored"), "held").otherwise("inside").alias(_SEEN))
    )


def _slim(rows: DataFrame) -> DataFrame:
    """Drop the raw values of good rows; keep them as JSON where a reason stands or may come."""
    wanted = (F.size(FLAWS) > 0) | F.col(_SEEN).isNotNull()
    as_came = F.when(
        F.col(MALFORMED).isNotNull(), F.to_json(F.struct(F.col(MALFORMED).alias("line")))
    ).otherwise(F.to_json(F.col(RAW)))
    return rows.withColumns(
        {
            ROW: F.when(wanted, as_came),
            POSITION: F.when(F.col(_SEEN).isNotNull(), F.col(POSITION)),
            _SEEN: F.when(F.col(MALFORMED).isNull(), F.col(_SEEN)),
        }
    ).drop(RAW, MALFORMED)


def _mark_repeats(kept: DataFrame, table: Table) -> DataFrame:
    single = kept.where(F.col(_SEEN).isNull())
    key = [F.coalesce(F.col(name).cast("string"), F.lit("")) for name in table.key]
    first = Window.partitionBy(_KEY, *key).orderBy(
        F.size(FLAWS) > 0, F.col(POSITION).asc_nulls_last(), ROW
    )
    place = F.row_number().over(first)
    reason = F.when(F.col(_SEEN) == "held", F.array(F.lit(HELD))).when(
        F.col("_place") > 1, F.array(F.lit(REPEATED))
    )
    repeated = (
        kept.where(F.col(_SEEN).isNotNull())
        .withColumn("_place", place)
        .withColumn(FLAWS, F.concat(FLAWS, F.coalesce(reason, F.array().cast("array<string>"))))
        .drop("_place")
    )
    return single.unionByName(repeated)
