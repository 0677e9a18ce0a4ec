"""What a stored table holds, in one pass: its rows, which columns are filled, a content hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from pyspark.sql import DataFrame
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
    """Count, hash and look for values in one fused aggregate.

    Each row's 64-bit hash is summed by halves (exact integers, so order does not matter) and
    folded by exclusive or; the SHA-256 covers these, the number of rows and the column names.
    """
    names = [name for name in frame.columns if name != "bucket"]
    # A null leaves xxhash64 as it was, so a value moved to the next column would not show.
    parts = [part for name in names for part in (F.col(f"`{name}`"), F.col(f"`{name}`").isNull())]
    hashed = frame.withColumn("_hash", F.xxhash64(*parts))
    low = F.col("_hash").bitwiseAND(F.lit((1 << _HALF) - 1))
    row = hashed.agg(
        F.count(F.lit(1)).alias("_rows"),
        F.sum(low).alias("_low"),
        F.sum(F.shiftrightunsigned("_hash", _HALF)).alias("_high"),
        F.bit_xor("_hash").alias("_folded"),
        *[F.max(F.col(f"`{name}`").isNotNull()).alias(name) for name in names],
    ).first()
    assert row is not None  # noqa: S101 - an aggregate without groups always has one row
    values = row.asDict()
    summary = [names, values["_rows"], values["_low"], values["_high"], values["_folded"]]
    return Contents(
        int(values["_rows"]),
        tuple(sorted(name for name in names if values[name])),
        hashlib.sha256(json.dumps(summary).encode()).hexdigest(),
    )
