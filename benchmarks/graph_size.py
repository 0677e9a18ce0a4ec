"""How links and graph grow: lines to links with a hub of 30 %, and graphs beside igraph alone.

    .venv/bin/python -m benchmarks.graph_size links --lines 1000000 --lines 10000000
    .venv/bin/python -m benchmarks.graph_size graph --nodes 100000 --nodes 1000000

Both sides of the graph stage must give the same components and the same number of triangles
before a time is printed. Memory is the peak of the JVM's heap, which the driver's setting bounds.
"""

from __future__ import annotations

import math
import shutil
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Annotated

import igraph
import numpy as np
import pyarrow as pa
import typer
from pyspark.sql import DataFrame, SparkSession
from rich.console import Console
from rich.table import Table

from benchmarks.member_buckets import made_lake
from claims.session import spark_session
from features.graphs import connected_components, label_propagation, page_rank, triangles
from features.patient_links import PatientSharing, patient_links

app = typer.Typer(add_completion=False, help=__doc__)

MEMBERS = """
    select concat('M', id) as person_id, cast(10000 + pmod(xxhash64(id, 7), 400) as string)
        as postal_code from range({persons})
"""
PROVIDERS = """
    select concat('P', id) as provider_id, cast(null as string) as organisation_id,
        cast(null as string) as tax_id from range({providers})
"""
START, END = date(2023, 1, 1), date(2024, 12, 31)
LINKS_A_NODE = 5
ROUNDS = 5


def _session(memory: str) -> SparkSession:
    return spark_session(
        "vigie-graph-size", master="local[2]", settings={"spark.driver.memory": memory}
    )


def _heap(spark: SparkSession) -> float:
    """Peak of the JVM's heap, in GiB, over all its pools."""
    pools = spark._jvm.java.lang.management.ManagementFactory.getMemoryPoolMXBeans()
    heap = [pool for pool in pools if str(pool.getType()) == "Heap memory"]
    return float(sum(pool.getPeakUsage().getUsed() for pool in heap)) / 2**30


@app.command()
def links(
    lines: Annotated[list[int], typer.Option(min=10_000)],
    memory: Annotated[str, typer.Option(help="of the driver")] = "4g",
) -> None:
    """Seconds from lines to links, pairs kept, and memory, with one provider at 30 % of lines."""
    spark = _session(memory)
    table = Table("lines", "seconds", "exponent", "links", "hub bound", "heap, GiB")
    before: tuple[int, float] | None = None
    try:
        for many in sorted(lines):
            folder = Path(mkdtemp(prefix="vigie-graph-size-"))
            try:
                snapshot = made_lake(
                    spark, folder, many, {"members": MEMBERS, "providers": PROVIDERS}
                )
                begun = perf_counter()
                found = patient_links(spark, snapshot, START, END, PatientSharing())
                kept = found.count()
                took = perf_counter() - begun
                found.unpersist()
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            growth = (
                f"{math.log(took / before[1]) / math.log(many / before[0]):.2f}" if before else ""
            )
            bound = PatientSharing().most_persons(many // 45)
            table.add_row(
                f"{many:,}", f"{took:.1f}", growth, f"{kept:,}", f"{bound:,}",
                f"{_heap(spark):.2f}",
            )  # fmt: skip
            before = many, took
    finally:
        spark.stop()
    Console(width=110).print(table)


def _made_graph(spark: SparkSession, nodes: int, seed: int) -> tuple[DataFrame, igraph.Graph]:
    """A graph of five links a node, half of them within groups of twenty; one hub of 1 %."""
    draw = np.random.default_rng(seed)
    many = nodes * LINKS_A_NODE
    a = draw.integers(0, nodes, many)
    near = np.minimum((a // 20) * 20 + draw.integers(0, 20, many), nodes - 1)
    b = np.where(draw.random(many) < 0.5, near, draw.integers(0, nodes, many))
    hub = draw.random(many) < 0.01 / LINKS_A_NODE
    a = np.where(hub, 0, a)
    kept = a != b
    low, high = np.minimum(a, b)[kept], np.maximum(a, b)[kept]
    pairs = np.unique(np.stack([low, high], axis=1), axis=0)
    frame = pa.table({"src": pairs[:, 0], "dst": pairs[:, 1]})
    return spark.createDataFrame(frame), igraph.Graph(nodes, pairs.tolist())


@app.command()
def graph(
    nodes: Annotated[list[int], typer.Option(min=1_000)],
    memory: Annotated[str, typer.Option(help="of the driver")] = "6g",
    ranks: Annotated[bool, typer.Option(help="PageRank too, five rounds")] = True,
) -> None:
    """Seconds of components, labels, triangles and PageRank, distributed and by igraph alone."""
    spark = _session(memory)
    table = Table("nodes", "links", "algorithm", "distributed, s", "igraph, s", "ratio")
    try:
        for many in sorted(nodes):
            edges, alone = _made_graph(spark, many, seed=1)
            edges = edges.persist()
            total = edges.count()
            ways = {
                "components": (lambda e=edges: connected_components(e), alone.connected_components),
                "label propagation": (
                    lambda e=edges: label_propagation(e, ROUNDS),
                    alone.community_label_propagation,
                ),
                "triangles": (lambda e=edges: triangles(e), alone.list_triangles),
            }
            if ranks:
                ways["PageRank"] = (lambda e=edges: page_rank(e, ROUNDS), alone.pagerank)
            for name, (ours, theirs) in ways.items():
                begun = perf_counter()
                found = ours()
                rows = found.count()
                took = perf_counter() - begun
                begun = perf_counter()
                answer = theirs()
                single = perf_counter() - begun
                if name == "components":
                    told = found.select("component").distinct().count() + many - rows
                    _same(name, told, len(answer))
                if name == "triangles":
                    told = found.groupBy().sum("triangles").collect()[0][0] // 3
                    _same(name, told, len(answer))
                found.unpersist()
                cells = (f"{took:.1f}", f"{single:.2f}", f"{took / single:.0f}")
                table.add_row(f"{many:,}", f"{total:,}", name, *cells)
            edges.unpersist()
    finally:
        spark.stop()
    Console(width=110).print(table)


def _same(name: str, ours: int, theirs: int) -> None:
    if ours != theirs:
        raise AssertionError(f"{name}: {ours} distributed and {theirs} by igraph")


if __name__ == "__main__":
    app()
