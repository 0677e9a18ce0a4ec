"""The made-up population: honest life, planted schemes, and the truth kept apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.errors import SourceError
from claims.synthetic import benefits, billing, care, employment, people, practices, reference
from claims.synthetic.schemes.cast import cast
from claims.synthetic.schemes.pen import Stage
from claims.synthetic.schemes.registry import chosen, play
from claims.synthetic.world import World
from claims.synthetic.writing import Writer, made, save_truth

FEWEST_LINES = 5_000


def synthesize(
    spark: SparkSession,
    lines: int,
    seed: int,
    to: str,
    truth: str | None = None,
    clean: bool = False,
    schemes: Sequence[str] | None = None,
) -> dict[str, int]:
    """Write a population of about ``lines`` claim lines as Parquet, one folder a table.

    Args:
        lines: claim lines wanted, 5,000 or more; the outcome differs by some per cent.
        seed: the same seed gives the same rows, on any number of partitions.
        to: folder of the canonical tables, with ``manifest.json``.
        truth: Parquet file of what was planted, ``<to>-truth/schemes.parquet`` by default.
        clean: plant nothing; the look-alikes stay.
        schemes: plant only these.

    Returns:
        Rows written by table, and ``dirty``: claim lines that a load must quarantine.

    Raises:
        SourceError: too few lines, an unknown scheme, or a truth that would lie among the data.
    """
    if lines < FEWEST_LINES:
        raise SourceError(f"{lines} lines are too few for a population; ask for {FEWEST_LINES:,}")
    told = truth or f"{to.rstrip('/')}-truth/schemes.parquet"
    if Path(told).resolve().is_relative_to(Path(to).resolve()):
        raise SourceError(f"{told} lies under {to}: no detector may read the truth; name another")
    planted = () if clean else chosen(schemes)
    world = World(spark, lines, seed)
    members = employment.working(world, people.numbered(world)).persist()
    practitioners = practices.numbered(world)
    offices = practices.providers(world, practitioners).persist()
    try:
        stage = play(cast(world, members, practitioners, offices), planted)
        counts = _write(world, Writer(to), members, practitioners, offices, stage)
    finally:
        members.unpersist()
        offices.unpersist()
    save_truth(stage, told)
    manifest = {"currency": "EUR", "lines": lines, "seed": seed}
    (Path(to) / "manifest.json").write_text(json.dumps(manifest) + "\n", encoding="utf-8")
    return counts


def _write(
    world: World,
    writer: Writer,
    members: DataFrame,
    practitioners: DataFrame,
    offices: DataFrame,
    stage: Stage,
) -> dict[str, int]:
    extra: dict[str, list[dict[str, Any]]] = dict(stage.rows)
    for name, rows in reference.tables().items():
        extra[name] = rows + extra.get(name, [])

    def with_schemes(name: str, frame: DataFrame | None) -> DataFrame:
        added = made(world.spark, name, extra.get(name, []))
        return added if frame is None else frame.unionByName(added, allowMissingColumns=True)

    spells = benefits.leaves(world, members)
    firms = employment.employers(world)
    employed = with_schemes("employments", employment.employments(members))
    counts = _write_claims(world, writer, members, spells, extra)
    approvals = made(world.spark, "authorizations", extra.get("authorizations", []))
    honest: dict[str, DataFrame | None] = {
        "members": people.members(world, members),
        "eligibility": people.eligibility(members),
        "cards": people.cards(members),
        "relationships": people.relationships(members),
        "attribute_history": people.attribute_history(world, members),
        "providers": offices,
        "affiliations": practices.affiliations(world, practitioners),
        "exclusions": practices.exclusions(practitioners),
        "employers": firms.drop("n"),
        "contributions": employment.contributions(world, firms, employed),
        "benefit_payments": benefits.payments(world, members, spells),
        "declarations": benefits.declarations(world, members),
        "accounts": benefits.accounts(members, offices, firms),
        "areas": world.area_frame(),
        "procedures": None,
        "procedure_pairs": None,
        "drugs": None,
        "code_sets": None,
    }
    for name, frame in honest.items():
        counts[name] = writer.write(name, with_schemes(name, frame), world.partitions)
    counts["employments"] = writer.write("employments", employed, world.partitions)
    needed = billing.authorizations(world, world.spark.read.parquet(writer.path("claim_lines")))
    counts["authorizations"] = writer.write(
        "authorizations", needed.unionByName(approvals, allowMissingColumns=True), world.partitions
    )
    return counts


def _write_claims(
    world: World,
    writer: Writer,
    members: DataFrame,
    spells: DataFrame,
    extra: dict[str, list[dict[str, Any]]],
) -> dict[str, int]:
    columns = ("e", "kind", "start", "regular")
    ordinary = care.episodes(world, members)
    kept = [*members.columns, *columns]
    started = ordinary.select(kept).unionByName(spells.select(kept))
    honest = billing.canonical(world, billing.lines(world, care.claims(world, started)))
    added = made(world.spark, "claim_lines", extra.get("claim_lines", []))
    both = honest.unionByName(added.withColumn("dirty", F.lit(False)))
    return writer.write_counted("claim_lines", both, world.partitions, "dirty")
