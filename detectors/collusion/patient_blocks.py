"""From links of shared patients to rings: bounded parts, one call of igraph and peeling a bin."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from detectors.base import Inputs
from detectors.collusion.communities import Communities, RingTest, patient_rings
from detectors.collusion.parts import MOST_NODES, bins_for, bounded_parts
from features.patient_links import PatientSharing, shared_visits


def rings_of(
    inputs: Inputs,
    links: DataFrame,
    sharing: PatientSharing,
    test: RingTest,
    most_nodes: int = MOST_NODES,
    bins: int = 4,
) -> list[dict[str, Any]]:
    """The rings that ``patient_rings`` finds in all parts of some links.

    A worker holds the links and visits of its bin: parts of at most ``most_nodes`` providers, none
    of whom has more patients than a hub (``PatientSharing.most_persons``).

    Args:
        links: as ``patient_links`` gives them; read several times, so persisted.
        sharing: what the links were made with.
        test: what makes a block a ring.
    """
    many = links.count()
    if not many:
        return []
    weighed = links.select(
        F.col("a").alias("src"), F.col("b").alias("dst"), F.log("ratio").alias("weight")
    )
    parts = bounded_parts(weighed, most_nodes)
    at_a = parts.withColumnRenamed("id", "a")
    at_b = parts.withColumnRenamed("id", "b")
    spread = bins_for(many, bins)
    bin_of = F.pmod(F.xxhash64("part"), F.lit(spread)).alias("bin")
    tied = links.join(at_a, "a", how="inner").join(at_b, ["b", "part"], how="inner")
    met = shared_visits(
        inputs.spark,
        inputs.snapshot,
        inputs.start,
        inputs.end,
        sharing,
        parts.select(F.col("id").alias("provider"), "part").orderBy("provider").toArrow(),
    )
    communities = Communities(test.least_providers, inputs.seed)

    def rings(tied: pd.DataFrame, met: pd.DataFrame) -> pd.DataFrame:
        visits = dict(list(met.groupby("part")))
        found = [
            json.dumps(ring)
            for part, group in tied.groupby("part", sort=True)
            if part in visits
            for ring in patient_rings(group, visits[part], communities, test)
        ]
        return pd.DataFrame({"ring": found}, dtype="object")

    together = tied.groupBy(bin_of).cogroup(met.groupBy(bin_of))
    found = together.applyInPandas(rings, "ring string").collect()
    parts.unpersist()
    return sorted((json.loads(row.ring) for row in found), key=lambda ring: ring["providers"])
