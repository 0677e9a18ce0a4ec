"""Components through our door equal the published answers of LDBC and SNAP."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from features.graphs import connected_components

GRAPHS = Path(__file__).parents[3] / "shared" / "data" / "graphs"

# Absent when the suite runs from a copy of the repository alone.
needs_graphs = pytest.mark.skipif(
    not GRAPHS.is_dir(), reason="the public graphs are not beside the repository"
)

ALGORITHMS = {"graphx": 10**9, "graphframes": 0}


def frame(spark: SparkSession, pairs: list[tuple[int, int]]) -> DataFrame:
    return spark.createDataFrame(pairs, "src bigint, dst bigint")


def snap(name: str) -> list[tuple[int, int]]:
    with gzip.open(GRAPHS / name, "rt") as lines:
        rows = [line.split() for line in lines if not line.startswith("#")]
    return [(int(row[0]), int(row[1])) for row in rows]


@needs_graphs
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("kind", ["dir", "undir"])
def test_ldbc_answers_are_met_exactly(spark: SparkSession, kind: str, algorithm: str) -> None:
    adjacency = (GRAPHS / "ldbc" / "wcc" / f"{kind}-input").read_text().splitlines()
    rows = [[int(node) for node in line.split()] for line in adjacency]
    answers = (GRAPHS / "ldbc" / "wcc" / f"{kind}-output").read_text().splitlines()
    expected = {int(node): int(label) for node, label in (line.split() for line in answers)}
    edges = frame(spark, [(row[0], other) for row in rows for other in row[1:]])

    found = connected_components(edges, graphx_edges=ALGORITHMS[algorithm])

    assert {row.id: row.component for row in found.collect()} == expected
    found.unpersist()


@needs_graphs
@pytest.mark.parametrize(
    ("name", "components", "largest"),
    [("wiki-Vote.txt.gz", 24, 7066), ("email-Eu-core.txt.gz", 20, 986)],
)
def test_snap_counts_are_met_exactly(
    spark: SparkSession, name: str, components: int, largest: int
) -> None:
    found = connected_components(frame(spark, snap(name)))

    sizes = Counter(row.component for row in found.collect())
    assert len(sizes) == components
    assert max(sizes.values()) == largest
    found.unpersist()


def test_labels_are_the_least_id_whatever_the_order(spark: SparkSession) -> None:
    edges = [("d", "c"), ("b", "a"), ("c", "b"), ("y", "x")]
    wanted = {"a": "a", "b": "a", "c": "a", "d": "a", "x": "x", "y": "x"}

    for rows in (edges, [(b, a) for a, b in reversed(edges)]):
        found = connected_components(spark.createDataFrame(rows, "src string, dst string"))
        assert {row.id: row.component for row in found.collect()} == wanted
        found.unpersist()
