"""The whole way once: a made population, its lake, a detection run, and the first cases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cases.evaluation import evaluate_run
from cases.printing import print_cases
from cases.reading import top_cases
from cases.scoreboard import schemes_table, shares_table
from claims.lake import Lake
from claims.loading import load
from claims.session import spark_session
from claims.synthetic.population import synthesize
from claims.synthetic.world import END
from detectors.rulebook.library import library
from jobs.options import Master, Packages, Seed
from jobs.progress import say, stage
from jobs.stages import detection_run

# By then every claim of the population is submitted and paid.
SETTLED = END + timedelta(days=120)


def main(
    to: Annotated[Path, typer.Option("--to", help="Folder for all of it.")] = Path("demo-lake"),
    lines: Annotated[int, typer.Option(min=1000, help="Claim lines to make.")] = 150_000,
    seed: Seed = 1,
    master: Master = None,
    packages: Packages = None,
) -> None:
    """Make a population with planted schemes, run the whole way and show the first cases."""
    lake, source, truth = Lake(f"{to}/lake"), f"{to}/source", f"{to}/truth/schemes.parquet"
    with stage("session"):
        spark = spark_session("vigie-demo", master, packages)
    with stage("synthesize") as told:
        told.append(f"{synthesize(spark, lines, seed, source, truth=truth)['claim_lines']:,} lines")
    with stage("load") as told:
        rows = load(spark, lake, "canonical", source, as_of=SETTLED).rows.values()
        told.append(f"{sum(r['loaded'] for r in rows):,} rows")
        told.append(f"{sum(r['quarantined'] for r in rows):,} in quarantine")
    detection_run(spark, lake, (None, None), seed, 400, None, SETTLED, library())
    spark.stop()
    print_cases(top_cases(lake, 10))
    console, found = Console(), evaluate_run(lake, truth)
    console.print(shares_table(found), schemes_table(found))
    say(f"results: {lake.root}\nnext:    make lab   (or: vigie cases --lake {lake.uri} --top 50)")


if __name__ == "__main__":
    typer.run(main)
