"""Graph algorithms through the product's door against published answers: SNAP's and LDBC's.

    .venv/bin/python -m benchmarks.graph_exactness --data ../shared/data/graphs

SNAP publishes the weakly connected components and triangles of its graphs; LDBC Graphalytics gives
every node's answer on tiny graphs. Whatever differs ends the benchmark with an error.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from pyspark.sql import DataFrame, SparkSession
from rich.console import Console
from rich.table import Table

from claims.session import spark_session
from features.graphs import connected_components, label_propagation, page_rank, triangles

# Components, nodes of the largest one, triangles: as SNAP publishes them.
SNAP = {
    "wiki-Vote": (24, 7_066, 608_389),
    "email-Eu-core": (20, 986, 105_461),
    "facebook_combined": (1, 4_039, 1_612_010),
}
LABEL_ROUNDS = 5
RANK_ROUNDS = {"dir": 14, "undir": 26}
TOLERANCE = 1e-4  # LDBC Graphalytics' relative tolerance of PageRank

Edges = list[tuple[int, int]]
Row = tuple[str, str, str, float]


def snap_edges(path: Path) -> Edges:
    """Edges of a SNAP file."""
    with gzip.open(path, "rt") as lines:
        rows = [line.split() for line in lines if not line.startswith("#")]
    return [(int(row[0]), int(row[1])) for row in rows]


def ldbc_graph(folder: Path, kind: str) -> tuple[list[int], Edges, dict[int, float]]:
    """Nodes, edges (undirected ones once) and published answers of a tiny graph of LDBC's."""
    text = (folder / f"{kind}-input").read_text().splitlines()
    rows = [[int(node) for node in line.split()] for line in text if line.strip()]
    edges = [(row[0], other) for row in rows for other in row[1:]]
    if kind == "undir":
        edges = sorted({(min(pair), max(pair)) for pair in edges})
    told = [line.split() for line in (folder / f"{kind}-output").read_text().splitlines()]
    return [row[0] for row in rows], edges, {int(t[0]): float(t[1]) for t in told if t}


def _frame(spark: SparkSession, edges: Edges) -> DataFrame:
    return spark.createDataFrame(edges, "src bigint, dst bigint")


def snap_rows(spark: SparkSession, data: Path) -> Iterator[Row]:
    """By SNAP graph and algorithm: what was published, what was found, seconds."""
    for name, (components, largest, closed) in SNAP.items():
        edges = _frame(spark, snap_edges(data / f"{name}.txt.gz")).persist()
        edges.count()
        for algorithm, most in (("graphx", 10**9), ("graphframes", 0)):
            begun = perf_counter()
            labels = connected_components(edges, graphx_edges=most)
            sizes = Counter(row.component for row in labels.collect())
            told = f"{len(sizes)} components, largest {max(sizes.values()):,}"
            took = perf_counter() - begun
            labels.unpersist()
            wanted = f"{components} components, largest {largest:,}"
            yield f"{name}, components ({algorithm})", wanted, told, took
        begun = perf_counter()
        counted = triangles(edges)
        number = sum(row.triangles for row in counted.collect()) // 3
        yield f"{name}, triangles", f"{closed:,}", f"{number:,}", perf_counter() - begun
        counted.unpersist()
        edges.unpersist()


def ldbc_rows(spark: SparkSession, data: Path) -> Iterator[Row]:
    """By LDBC graph: nodes whose answer is met, of all."""
    for kind in ("dir", "undir"):
        for algorithm in ("wcc", "cdlp", "pr"):
            nodes, edges, expected = ldbc_graph(data / "ldbc" / algorithm, kind)
            begun = perf_counter()
            if algorithm == "wcc":
                found = connected_components(_frame(spark, edges))
                answers = {row.id: float(row.component) for row in found.collect()}
            elif algorithm == "cdlp":
                found = label_propagation(_frame(spark, edges), LABEL_ROUNDS)
                answers = {row.id: float(row.label) for row in found.collect()}
            else:
                both = edges if kind == "dir" else edges + [(b, a) for a, b in edges]
                everyone = spark.createDataFrame([(node,) for node in nodes], "id bigint")
                found = page_rank(_frame(spark, both), RANK_ROUNDS[kind], nodes=everyone)
                answers = {row.id: row["rank"] for row in found.collect()}
            found.unpersist()
            allowed = TOLERANCE if algorithm == "pr" else 0.0
            met = sum(
                abs(answers.get(node, -1.0) - value) <= allowed * value
                for node, value in expected.items()
            )
            total = len(expected)
            took = perf_counter() - begun
            yield f"LDBC {algorithm}, {kind}", f"{total} nodes", f"{met} nodes", took


def main(
    data: Annotated[Path, typer.Option(exists=True, file_okay=False)],
) -> None:
    """Print published and found, and fail where they differ."""
    spark = spark_session("vigie-graph-exactness", master="local[2]")
    table = Table("graph and algorithm", "published", "found", "seconds")
    wrong = []
    try:
        for rows in (snap_rows(spark, data), ldbc_rows(spark, data)):
            for what, wanted, told, took in rows:
                table.add_row(what, wanted, told, f"{took:.1f}")
                wrong += [what] if wanted != told else []
    finally:
        spark.stop()
    Console(width=110).print(table)
    if wrong:
        raise SystemExit(f"not as published: {', '.join(wrong)}")


if __name__ == "__main__":
    typer.run(main)
