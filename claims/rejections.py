"""Why rows lie in quarantine, counted by table and reason: what a load and a check tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from claims.lake import Lake

MOST = 20


class Rejection(NamedTuple):
    """So many rows of a table carry a reason; a row with several reasons counts under each."""

    table_name: str
    reason: str
    rows: int


def of_loads(lake: Lake, loads: Collection[str]) -> list[Rejection]:
    """What the named loads have quarantined, by table, then most frequent first; needs no JVM."""
    if not lake.exists("quarantine"):
        return []
    found = lake.query(
        "select table_name, reason, count(*) as n from (select table_name, unnest(reasons) as"
        " reason from quarantine where list_contains($loads, run_id))"
        " group by all order by table_name, n desc, reason",
        "quarantine",
        loads=sorted(loads),
    ).to_pylist()
    return [Rejection(row["table_name"], row["reason"], row["n"]) for row in found]


def of_rows(quarantine: DataFrame) -> list[Rejection]:
    """The same for rows that are not stored: ``table_name``, ``row``, ``reasons``."""
    counted = (
        quarantine.select("table_name", F.explode("reasons").alias("reason"))
        .groupBy("table_name", "reason")
        .agg(F.count(F.lit(1)).alias("n"))
        .orderBy("table_name", F.col("n").desc(), "reason")
    )
    return [Rejection(row.table_name, row.reason, row.n) for row in counted.collect()]


def told(found: Sequence[Rejection]) -> Iterator[str]:
    """One line a reason, at most ``MOST`` of them."""
    for each in found[:MOST]:
        yield f"quarantined from {each.table_name}: {each.rows:,} × {each.reason}"
    if len(found) > MOST:
        yield f"quarantined for {len(found) - MOST} more reasons; see the table quarantine"
