"""Make a synthetic population of health and benefits data, with its truth in a folder apart."""

from __future__ import annotations

from typing import Annotated

import typer

from claims.session import spark_session
from claims.synthetic.population import synthesize
from jobs.options import Master, Packages, Seed
from jobs.progress import stage


def main(
    lines: Annotated[int, typer.Option(min=1000, help="Number of claim lines, about.")],
    to: Annotated[str, typer.Option("--to", help="Folder for the tables.")],
    seed: Seed = 1,
    truth: Annotated[
        str | None, typer.Option(help="Folder for what was planted; TO-truth if absent.")
    ] = None,
    clean: Annotated[bool, typer.Option("--clean", help="Plant no schemes.")] = False,
    master: Master = None,
    packages: Packages = None,
) -> None:
    """Write a seeded population in the canonical form of the claims model."""
    spark = spark_session("vigie-synthesize", master, packages)
    with stage("synthesize") as told:
        rows = synthesize(spark, lines, seed, to, truth=truth, clean=clean)
        told.append(f"{rows['claim_lines']:,} claim lines, {len(rows)} tables in {to}")


if __name__ == "__main__":
    typer.run(main)
