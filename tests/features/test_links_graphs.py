"""Graph algorithms through our door equal the published answers of LDBC and SNAP."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import igraph
import pytest
from pyspark.sql import DataFrame, SparkSession

from features.graphs import connected_components, label_propagation, page_rank, triangles

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


def ldbc(algorithm: str, kind: str) -> tuple[list[int], list[tuple[int, int]], dict[int, float]]:
    """Nodes, edges (undirected ones once) and the published answer of a graph of LDBC's."""
    folder = GRAPHS / "ldbc" / algorithm
    text = (folder / f"{kind}-input").read_text().splitlines()
    rows = [[int(node) for node in line.split()] for line in text if line.strip()]
    edges = [(row[0], other) for row in rows for other in row[1:]]
    if kind == "undir":
        edges = sorted({(min(pair), max(pair)) for pair in edges})
    answers = (folder / f"{kind}-output").read_text().splitlines()
    told = (line.split() for line in answers if line.strip())
    return [row[0] for row in rows], edges, {int(node): float(value) for node, value in told}


@needs_graphs
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("kind", ["dir", "undir"])
def test_ldbc_components_are_met_exactly(spark: SparkSession, kind: str, algorithm: str) -> None:
    _, edges, expected = ldbc("wcc", kind)

    found = connected_components(frame(spark, edges), graphx_edges=ALGORITHMS[algorithm])

    assert {row.id: row.component for row in found.collect()} == expected
    found.unpersist()


@needs_graphs
@pytest.mark.parametrize("kind", ["dir", "undir"])
def test_ldbc_labels_are_met_exactly_at_the_published_rounds(
    spark: SparkSession, kind: str
) -> None:
    _, edges, expected = ldbc("cdlp", kind)

    found = label_propagation(frame(spark, edges[::-1]), rounds=5)

    assert {row.id: row.label for row in found.collect()} == expected
    found.unpersist()


# The published undirected ranks are those after 26 rounds (25 and 27 differ in the fifth digit);
# the directed ones have converged, and 14 rounds are within the suite's relative tolerance.
@needs_graphs
@pytest.mark.parametrize(("kind", "rounds"), [("dir", 14), ("undir", 26)])
def test_ldbc_ranks_are_met_within_the_suites_tolerance(
    spark: SparkSession, kind: str, rounds: int
) -> None:
    nodes, edges, expected = ldbc("pr", kind)
    both = edges if kind == "dir" else edges + [(b, a) for a, b in edges]
    everyone = spark.createDataFrame([(node,) for node in nodes], "id bigint")

    found = page_rank(frame(spark, both), rounds, nodes=everyone)

    ranks = {row.id: row["rank"] for row in found.collect()}
    assert ranks == pytest.approx(expected, rel=1e-5)
    found.unpersist()


def test_personalised_weighted_ranks_are_those_of_igraph(spark: SparkSession) -> None:
    links = [(0, 1, 3.0), (1, 0, 3.0), (1, 2, 1.0), (2, 1, 1.0), (2, 3, 5.0), (3, 2, 5.0)]
    edges = spark.createDataFrame(links, "src bigint, dst bigint, weight double")
    seeds = spark.createDataFrame([(0, 2.0), (3, 1.0), (99, 5.0)], "id bigint, mass double")
    graph = igraph.Graph(4, [(a, b) for a, b, _ in links], directed=True)
    expected = graph.personalized_pagerank(
        damping=0.5, reset=[2, 0, 0, 1], weights=[w for _, _, w in links]
    )

    found = page_rank(edges, 12, damping=0.5, restart=seeds)

    ranks = {row.id: row["rank"] for row in found.collect()}
    assert [ranks[node] for node in range(4)] == pytest.approx(expected, abs=1e-3)
    assert sum(ranks.values()) == pytest.approx(1)
    found.unpersist()


@needs_graphs
def test_snap_components_and_triangles_are_met_exactly(spark: SparkSession) -> None:
    edges = frame(spark, snap("email-Eu-core.txt.gz"))

    found, counted = connected_components(edges), triangles(edges)

    sizes = Counter(row.component for row in found.collect())
    assert (len(sizes), max(sizes.values())) == (20, 986)
    assert sum(row.triangles for row in counted.collect()) == 3 * 105_461
    found.unpersist()
    counted.unpersist()


def test_labels_are_the_least_id_whatever_the_order(spark: SparkSession) -> None:
    edges = [("d", "c"), ("b", "a"), ("c", "b"), ("y", "x")]
    wanted = {"a": "a", "b": "a", "c": "a", "d": "a", "x": "x", "y": "x"}

    for rows in (edges, [(b, a) for a, b in reversed(edges)]):
        found = connected_components(spark.createDataFrame(rows, "src string, dst string"))
        assert {row.id: row.component for row in found.collect()} == wanted
        found.unpersist()


def test_what_is_kept_on_the_way_is_released(spark: SparkSession) -> None:
    edges = spark.createDataFrame([(1, 2), (2, 3), (3, 1)], "src bigint, dst bigint")
    context = spark.sparkContext
    folder = Path(str(context.getCheckpointDir()).removeprefix("file:"))
    held = context._jsc.getPersistentRDDs().size(), len(list(folder.iterdir()))

    for found in (label_propagation(edges, 2), page_rank(edges, 2)):
        assert found.count() == 3
        found.unpersist(blocking=True)

    assert context._jsc.getPersistentRDDs().size() <= held[0]
    assert len(list(folder.iterdir())) == held[1]
