"""The graph along which suspicion spreads: weighted links between subjects, each with its kind."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from detectors.base import Inputs
from detectors.collusion.motif_graph import owners
from features.graphs import LEVEL
from features.patient_links import PatientSharing

LINK_DDL = "src string, dst string, kind string, weight double"

# Subjects on one value above which it ties nobody to anybody in particular.
MOST_HOLDERS = 12

# A pair that shares patients a hundred times as often as chance weighs 1.
FULL_RATIO = 100.0


def suspicion_links(
    inputs: Inputs, weights: Mapping[str, float], sharing: PatientSharing
) -> DataFrame:
    """Shared values, ownership and patients shared beyond chance, in both directions.

    Args:
        weights: by kind (``account``, ``phone``, …, ``owns``, ``patients``), what a link weighs; a
            value that ``n`` subjects hold is shared out among the ``n - 1`` others of each.

    Returns:
        ``LINK_DDL``, nodes as ``type:id``, strongest kind of each pair; persisted: unpersist it.
    """
    held = (
        inputs.links.identities()
        .select(
            F.concat_ws(":", "subject_type", "subject_id").alias("node"), "unit", "kind", "value"
        )
        .distinct()
    )
    few = held.groupBy("kind", "value").agg(F.count("*").alias("holders"))
    few = few.where(F.col("holders") <= MOST_HOLDERS)
    one = held.join(few, ["kind", "value"], how="inner")
    other = held.select(
        "kind", "value", F.col("node").alias("dst"), F.col("unit").alias("other_unit")
    )
    weight_of = F.create_map(*[F.lit(part) for pair in sorted(weights.items()) for part in pair])
    shared = (
        one.join(other, ["kind", "value"], how="inner")
        .where(F.col("unit") != F.col("other_unit"))
        .select(
            F.col("node").alias("src"),
            "dst",
            "kind",
            (F.coalesce(weight_of[F.col("kind")], F.lit(0.0)) / (F.col("holders") - 1)).alias(
                "weight"
            ),
        )
    )
    owned = owners(inputs.spark, inputs.snapshot).withColumn("weight", F.lit(weights["owns"]))
    patients = inputs.links.patients(sharing)
    strength = F.least(F.log("ratio") / F.log(F.lit(FULL_RATIO)), F.lit(1.0))
    passed = patients.select(
        F.concat(F.lit("provider:"), "a").alias("src"),
        F.concat(F.lit("provider:"), "b").alias("dst"),
        F.lit("patients").alias("kind"),
        (strength * F.lit(weights["patients"])).alias("weight"),
    )
    forth = owned.unionByName(passed)
    back = forth.select(F.col("dst").alias("src"), F.col("src").alias("dst"), "kind", "weight")
    strongest = F.max_by(F.struct("kind", "weight"), F.struct("weight", "kind")).alias("best")
    links: DataFrame = (
        shared.unionByName(forth)
        .unionByName(back)
        .where("src <> dst and weight > 0")
        .groupBy("src", "dst")
        .agg(strongest)
        .select("src", "dst", "best.kind", "best.weight")
        .persist(LEVEL)
    )
    links.count()
    return links
