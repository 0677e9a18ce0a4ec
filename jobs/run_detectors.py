"""Go on with a run: the four families of detectors over its snapshot and profiles."""

from __future__ import annotations

import typer

from cases.decisions import open_store
from cases.decisions.place import kept
from cases.promotions import promoted
from claims.lake import Lake
from claims.runs import recorded, resume
from claims.session import spark_session
from detectors.rulebook.library import library
from jobs.detect_stage import detect_stage
from jobs.options import Decisions, LakeUri, Master, Only, OwnRules, Packages, RuleParams, RunId


def main(
    lake: LakeUri,
    run_id: RunId = None,
    only: Only = None,
    decisions: Decisions = None,
    rules: OwnRules = None,
    params: RuleParams = None,
    master: Master = None,
    packages: Packages = None,
) -> None:
    """Run the detectors of an unfinished run and write findings and evidence."""
    by = library(rules or (), params)
    kept_in = kept(Lake(lake), decisions)
    if kept_in:
        by, _ = promoted(by, open_store(kept_in, lake=Lake(lake)))
    spark = spark_session("vigie-detect", master, packages)
    run = resume(Lake(lake), run_id)
    with recorded(run, last=False):
        detect_stage(spark, run, only.value if only else None, by, kept_in)
    typer.echo(run.run_id)


if __name__ == "__main__":
    typer.run(main)
