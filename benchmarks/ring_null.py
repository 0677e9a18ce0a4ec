"""False alarms where there is no ring: the graph of providers and members, rewired.

    .venv/bin/python -m benchmarks.ring_null --seeds 5

A made-up country with all its rings is rewired by swaps that keep every member's number of
providers, every provider's number of members and the home of both (members swap within their
postal code). What held rings together is gone, volumes and geography stay: whatever is found now
is found by chance. The declared rate is the false discovery rate of the links.
"""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from pyspark.sql import SparkSession
from rich.console import Console
from rich.table import Table

from benchmarks.made_rings import END, START, Country, Row, made_country
from claims.lake import Lake
from claims.session import spark_session
from detectors.base import Detector, Inputs
from detectors.collusion import SharedPatients, StolenIdentities
from features.patient_links import PatientSharing, patient_links
from tests.lakes import make_lake

SWAPS_AN_EDGE = 10
DETECTORS: tuple[Detector, ...] = (SharedPatients(), StolenIdentities())


def rewired(lines: list[Row], homes: dict[str, str], seed: int) -> tuple[list[Row], int]:
    """The lines with members swapped between providers, degrees and homes kept; swaps done.

    A swap takes two edges (a, x) and (b, y) of one postal code to (a, y) and (b, x), unless one of
    these exists (Maslov and Sneppen 2002).
    """
    draw = random.Random(seed)  # noqa: S311
    by_home: dict[str, list[int]] = {}
    edges = sorted({(row["billing_provider_id"], row["person_id"]) for row in lines})
    for index, (_, person) in enumerate(edges):
        by_home.setdefault(homes.get(person, ""), []).append(index)
    present, now, done = set(edges), list(edges), 0
    for some in by_home.values():
        for _ in range(SWAPS_AN_EDGE * len(some)):
            first, second = draw.choice(some), draw.choice(some)
            (a, x), (b, y) = now[first], now[second]
            if a == b or x == y or (a, y) in present or (b, x) in present:
                continue
            present -= {(a, x), (b, y)}
            present |= {(a, y), (b, x)}
            now[first], now[second] = (a, y), (b, x)
            done += 1
    new_person = {old: new[1] for old, new in zip(edges, now, strict=True)}
    return [
        {**row, "person_id": new_person[row["billing_provider_id"], row["person_id"]]}
        for row in lines
    ], done


def false_alarms(spark: SparkSession, country: Country, folder: Path) -> list[int]:
    """Links beyond chance, then findings of each detector."""
    snapshot = make_lake(spark, Lake(str(folder)), country.tables, buckets=4)
    links = patient_links(spark, snapshot, START, END, PatientSharing())
    counts = [links.count()]
    links.unpersist()
    inputs = Inputs(spark, snapshot, START, END, seed=country.seed)
    for detector in DETECTORS:
        found = detector.detect(inputs)
        counts.append(found.findings.count())
        found.release()
    return counts


def main(
    seeds: Annotated[int, typer.Option(min=1)] = 5,
    members: Annotated[int, typer.Option(min=3_000)] = 6_000,
) -> None:
    """Print what is found before and after rewiring, seed by seed."""
    spark = spark_session("vigie-ring-null", master="local[2]")
    names = [detector.name for detector in DETECTORS]
    table = Table("seed", "swaps an edge", "links", *names, "links rewired", *names)
    try:
        for seed in range(1, seeds + 1):
            country = made_country(seed, members)
            with TemporaryDirectory(prefix="vigie-null-") as folder:
                before = false_alarms(spark, country, Path(folder) / "planted")
                lines, swaps = rewired(country.tables["claim_lines"], country.homes, seed)
                country.tables["claim_lines"] = lines
                after = false_alarms(spark, country, Path(folder) / "rewired")
            pairs = len({(row["billing_provider_id"], row["person_id"]) for row in lines})
            table.add_row(str(seed), f"{swaps / pairs:.1f}", *map(str, (*before, *after)))
    finally:
        spark.stop()
    rate = PatientSharing().test.false_discovery
    console = Console(width=120)
    console.print(table)
    console.print(f"declared false discovery rate of the links: {rate}")


if __name__ == "__main__":
    typer.run(main)
