"""End a run: fuse its findings into ranked cases, after which readers see it."""

from __future__ import annotations

import typer

from cases.decisions.place import kept
from claims.lake import Lake
from claims.runs import recorded, resume
from claims.session import spark_session
from jobs.options import Decisions, LakeUri, Master, Packages, RunId
from jobs.rank_stage import rank_stage


def main(
    lake: LakeUri,
    run_id: RunId = None,
    decisions: Decisions = None,
    master: Master = None,
    packages: Packages = None,
) -> None:
    """Rank the cases of an unfinished run, by what was decided so far, and mark it as succeeded."""
    kept_in = kept(Lake(lake), decisions)
    spark = spark_session("vigie-rank", master, packages)
    run = resume(Lake(lake), run_id)
    with recorded(run):
        rank_stage(spark, run, kept_in)
    typer.echo(run.run_id)


if __name__ == "__main__":
    typer.run(main)
