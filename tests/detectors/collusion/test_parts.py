"""No part is larger than its bound, whatever hangs together; what fits stays whole."""

from __future__ import annotations

from collections import Counter

from pyspark.sql import SparkSession

from detectors.collusion.parts import LINKS_A_BIN, bins_for, bounded_parts


def test_what_fits_stays_whole_and_what_does_not_is_cut(spark: SparkSession) -> None:
    def clique(name: str, size: int) -> list[tuple[str, str, float]]:
        names = [f"{name}{n}" for n in range(size)]
        return [(a, b, 5.0) for a in names for b in names if a < b]

    # Two cliques on a weak bridge, and a ladder that label propagation alone might not cut.
    links = [*clique("a", 5), *clique("b", 5), ("a4", "b0", 1.0)]
    links += [(f"x{n:02}", f"x{n + 1:02}", 1.0 + n % 3) for n in range(30)]
    links += [("s", "t", 2.0)]
    frame = spark.createDataFrame(links, "src string, dst string, weight double")

    found = bounded_parts(frame, most_nodes=6)

    part = {row.id: row.part for row in found.collect()}
    found.unpersist()
    assert max(Counter(part.values()).values()) <= 6
    for clique_name in ("a", "b"):
        assert len({part[f"{clique_name}{n}"] for n in range(5)}) == 1
    assert part["a0"] != part["b0"]
    assert part["s"] == part["t"]


def test_bins_grow_with_the_links() -> None:
    assert bins_for(10, 4) == 4
    assert bins_for(100 * LINKS_A_BIN, 4) == 100
