"""Parts of a graph small enough for one worker: components, cut where they are too large."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from features.graphs import LEVEL, connected_components, label_propagation

MOST_NODES = 500
ROUNDS = 5
LINKS_A_BIN = 50_000


def bins_for(links: int, least: int) -> int:
    """Python tasks over which parts are spread, so that a task's share does not grow with them."""
    return max(least, -(-links // LINKS_A_BIN))


def bounded_parts(links: DataFrame, most_nodes: int = MOST_NODES) -> DataFrame:
    """The part of every node, none of more than ``most_nodes`` nodes.

    A component that fits is a part. A larger one is cut by label propagation; what still does not
    fit keeps the stronger half of its links, which prunes it to its core, and is taken apart anew.
    Each turn halves the links, so that it ends; nodes whose links are all weak leave.

    Args:
        links: ``src``, ``dst`` and ``weight`` (higher is stronger), one row a pair.

    Returns:
        Columns ``id`` and ``part``; persisted: unpersist it when done.
    """
    left = links.select("src", "dst", "weight").persist(LEVEL)
    kept: list[DataFrame] = [left]
    fitting: list[DataFrame] = []
    by_label = False
    turn = 0
    while True:
        labels = (
            label_propagation(left, ROUNDS).withColumnRenamed("label", "group")
            if by_label
            else connected_components(left).withColumnRenamed("component", "group")
        )
        sizes = labels.groupBy("group").agg(F.count("*").alias("nodes"))
        sized = labels.join(sizes, "group", how="inner")
        part = F.concat_ws(":", F.lit(str(turn)), "group")
        fitting.append(sized.where(F.col("nodes") <= most_nodes).select("id", part.alias("part")))
        left = _inside(left, sized.where(F.col("nodes") > most_nodes), halved=by_label)
        left = left.persist(LEVEL)
        kept += [labels, left]
        if left.isEmpty():
            break
        by_label = not by_label
        turn += 1
    parts: DataFrame = reduce(DataFrame.unionByName, fitting).persist(LEVEL)
    parts.count()
    for frame in kept:
        frame.unpersist()
    return parts


def _inside(links: DataFrame, large: DataFrame, halved: bool) -> DataFrame:
    """Links whose ends are of one large group, of each group the stronger half where wanted."""
    ends = large.select("id", "group")
    inside = links.join(ends.withColumnRenamed("id", "src"), "src", how="inner").join(
        ends.select(F.col("id").alias("dst"), "group"), ["dst", "group"], how="inner"
    )
    if halved:
        strongest = Window.partitionBy("group").orderBy(F.desc("weight"), "src", "dst")
        whole = Window.partitionBy("group")
        inside = (
            inside.withColumn("place", F.row_number().over(strongest))
            .withColumn("links", F.count("*").over(whole))
            .where(F.col("place") * 2 <= F.col("links"))
        )
    return inside.select("src", "dst", "weight")
