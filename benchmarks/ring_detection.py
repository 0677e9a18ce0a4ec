"""What the collusion detectors find of planted rings, kind by kind and at three difficulties.

    .venv/bin/python -m benchmarks.ring_detection --seeds 3

A finding is right when at least half of its members are of one planted ring; a ring is found when
some finding holds at least half of its members; recall of members is over all findings that are
right. Findings stand in order of score; a look-alike is met when most of a finding's members are
of one and of no ring.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from pyspark.sql import SparkSession
from rich.console import Console
from rich.table import Table

from benchmarks.made_rings import DIFFICULTIES, END, START, Country, made_country
from claims.lake import Lake
from claims.session import spark_session
from detectors.base import Inputs
from detectors.collusion import COLLUSION, SamePerson
from tests.lakes import make_lake

PLACES = 100
# Persons of this country have no names: who is twice there is measured by benchmarks/linkage.py.
DETECTORS = [one for one in COLLUSION if not isinstance(one, SamePerson)]
Members = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Told:
    """One group finding: its detector, score and members."""

    detector: str
    score: float
    members: Members


def told_of(spark: SparkSession, country: Country, folder: Path) -> list[Told]:
    """Group findings of all detectors on a country, highest score first."""
    snapshot = make_lake(spark, Lake(str(folder)), country.tables, buckets=4)
    inputs = Inputs(spark, snapshot, START, END, seed=country.seed)
    found: list[Told] = []
    for detector in DETECTORS:
        reason = detector.needs.missing(snapshot)
        if reason:
            raise AssertionError(f"{detector.name} cannot run: {reason}")
        result = detector.detect(inputs)
        rows = result.findings.where("subject_type = 'group'").collect()
        result.release()
        for row in rows:
            subjects = json.loads(row.details)["subjects"]
            members = frozenset(
                (one["subject_type"], one["subject_id"])
                for one in subjects
                if one["subject_type"] != "account"
            )
            found.append(Told(row.detector, row.score, members))
    return sorted(found, key=lambda one: (-one.score, one.detector, sorted(one.members)))


@dataclass
class Tally:
    """Counts of one kind and difficulty over all seeds."""

    rings: int = 0
    found: int = 0
    members: int = 0
    members_found: int = 0


def judged(
    country: Country, found: list[Told], tally: dict[tuple[str, str], Tally]
) -> tuple[int, int, int]:
    """Add a country to the tally; right findings, findings, look-alikes in the first places."""
    planted = [entry for entry in country.truth if entry[1] != "look-alike"]
    twins = [entry[3] for entry in country.truth if entry[1] == "look-alike"]
    for kind, level, _, members in planted:
        cell = tally[kind, level]
        right = [one for one in found if len(one.members & members) * 2 >= len(one.members)]
        reached = members & frozenset(m for one in right for m in one.members)
        cell.rings += 1
        cell.found += any(len(one.members & members) * 2 >= len(members) for one in right)
        cell.members += len(members)
        cell.members_found += len(reached)
    right = sum(
        any(len(one.members & members) * 2 >= len(one.members) for *_, members in planted)
        for one in found
    )
    met = sum(
        any(len(one.members & twin) * 2 > len(one.members) for twin in twins)
        for one in found[:PLACES]
    )
    return right, len(found), met


def main(
    seeds: Annotated[int, typer.Option(min=1)] = 3,
    members: Annotated[int, typer.Option(min=3_000)] = 6_000,
    memory: Annotated[str, typer.Option(help="of the driver")] = "2g",
) -> None:
    """Print recall by kind and difficulty, precision, and look-alikes in the first 100."""
    spark = spark_session(
        "vigie-ring-detection", master="local[2]", settings={"spark.driver.memory": memory}
    )
    tally: dict[tuple[str, str], Tally] = defaultdict(Tally)
    totals = [0, 0, 0]
    try:
        for seed in range(1, seeds + 1):
            country = made_country(seed, members)
            with TemporaryDirectory(prefix="vigie-rings-") as folder:
                found = told_of(spark, country, Path(folder) / "lake")
            for index, count in enumerate(judged(country, found, tally)):
                totals[index] += count
    finally:
        spark.stop()
    table = Table("kind", *[f"{level}: rings, members" for level in DIFFICULTIES])
    for kind in dict.fromkeys(kind for kind, _ in tally):
        cells = [tally[kind, level] for level in DIFFICULTIES]
        table.add_row(
            kind,
            *[f"{c.found}/{c.rings}, {c.members_found}/{c.members}" for c in cells],
        )
    console = Console(width=110)
    console.print(table)
    right, told, met = totals
    console.print(f"{right} of {told} findings are of a planted ring ({right / max(1, told):.0%})")
    console.print(f"look-alikes in the first {PLACES} of each seed: {met} over {seeds} seeds")


if __name__ == "__main__":
    typer.run(main)
