"""What a stored table holds, in one pass: its rows, which columns are filled, a content hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

_HALF = 32


@dataclass(frozen=True)
class Contents:
    """Account of a table at one version.

    Args:
        rows: number of rows.
        filled: columns that hold at least one value.
        sha256: content hash; the same rows in any order and any layout give the same.
    """

    rows: int
    filled: tuple[str, ...]
    sha256: str


def contents(frame: DataFrame) -> Contents:
    """Count, hash and look for values in one fused aggregate."""
    names = named(frame)
    return of_sums(names, frame.agg(*sums(names)).collect()[0])


def named(frame: DataFrame) -> list[str]:
    """The columns that make a row; the member bucket is where it lies, not what it says."""
    return [name for name in frame.columns if name != "bucket"]


def sums(names: Sequence[str], counted: Column | None = None) -> list[Column]:
    """The fused aggregates that :func:`of_sums` reads.

    Each row's 64-bit hash is summed by halves (exact integers, so order does not matter) and
    folded by exclusive or; the SHA-256 covers these, the number of rows and the column names.

    Args:
        names: columns of the rows.
        counted: true for the rows that count; all do where it is absent.
    """
    # A null leaves xxhash64 as it was, so a value moved to the next column would not show.
    parts = [part for name in names for part in (F.col(f"`{name}`"), F.col(f"`{name}`").isNull())]
    where = F.lit(True) if counted is None else counted
    hashed = F.when(where, F.xxhash64(*parts))
    return [
        F.count(hashed).alias("_rows"),
        F.sum(hashed.bitwiseAND(F.lit((1 << _HALF) - 1))).alias("_low"),
        F.sum(F.shiftrightunsigned(hashed, _HALF)).alias("_high"),
        F.bit_xor(hashed).alias("_folded"),
        *[
            F.max(where & F.col(f"`{name}`").isNotNull()).alias(f"_filled_{place}")
            for place, name in enumerate(names)
        ],
    ]


def of_sums(names: Sequence[str], row: Row) -> Contents:
    """What the aggregates of :func:`sums` say."""
    summary = [list(names), row["_rows"], row["_low"], row["_high"], row["_folded"]]
    return Contents(
        int(row["_rows"]),
        tuple(sorted(name for place, name in enumerate(names) if row[f"_filled_{place}"])),
        hashlib.sha256(json.dumps(summary).encode()).hexdigest(),
    )
