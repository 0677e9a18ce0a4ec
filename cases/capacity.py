"""Which cases the office's hours reach: the first in rank, and a few drawn by chance.

A ranking cannot be judged by the cases it chose itself. A small share of the capacity therefore
goes to a control arm: a simple random sample of all cases that are to be worked on, those of high
rank among them. What it yields estimates what any case yields, without the ranking's choice in it;
the ranked arm over it is the lift. The draw takes the smallest of a hash of seed and case, so that
the same seed draws the same cases, in whatever order rows come.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from cases.policy import Policy

WHOLE = (Window.unboundedPreceding, Window.unboundedFollowing)
SO_FAR = (Window.unboundedPreceding, Window.currentRow)


def with_capacity(ranks: DataFrame, policy: Policy, settled: Iterable[str], seed: int) -> DataFrame:
    """Add ``within_capacity`` and ``selection`` (``ranked`` or ``random``) to ranked cases.

    Args:
        ranks: case_id and rank, and what shall come along.
        settled: cases no capacity is kept for.
    """
    live = F.col("live").cast("int")
    drawn = Window.partitionBy("live").orderBy(
        F.md5(F.concat_ws("|", F.lit(seed), "case_id")), "case_id"
    )
    everything = Window.partitionBy().rowsBetween(*WHOLE)
    in_rank = Window.orderBy("rank").rowsBetween(*SO_FAR)
    # Where the hours reach every case, all are looked at and none need be drawn.
    controls = F.when(
        F.sum(live).over(everything) > F.lit(policy.capacity), F.lit(policy.controls)
    ).otherwise(0)
    return (
        _live(ranks, settled)
        .withColumn("controls", controls)
        .withColumn("random", F.col("live") & (F.row_number().over(drawn) <= F.col("controls")))
        .withColumn("ranked", F.col("live") & ~F.col("random"))
        .withColumn("place", F.sum(F.col("ranked").cast("int")).over(in_rank))
        .withColumn(
            "within_capacity",
            F.col("random")
            | (F.col("ranked") & (F.col("place") <= F.lit(policy.capacity) - F.col("controls"))),
        )
        .withColumn("selection", F.when(F.col("random"), "random").otherwise("ranked"))
        .drop("live", "controls", "random", "ranked", "place")
    )


def _live(ranks: DataFrame, settled: Iterable[str]) -> DataFrame:
    cases = [(case,) for case in sorted(set(settled))]
    if not cases:
        return ranks.withColumn("live", F.lit(True))
    marks = ranks.sparkSession.createDataFrame(cases, "case_id string")
    marked = marks.withColumn("settled", F.lit(True))
    joined = ranks.join(F.broadcast(marked), "case_id", how="left")
    return joined.withColumn("live", F.col("settled").isNull()).drop("settled")
