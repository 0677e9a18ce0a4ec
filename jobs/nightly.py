"""The main job: gate, features, detectors and cases in one Spark session."""

from __future__ import annotations

from datetime import date

import typer

from cases.decisions import open_store
from cases.decisions.place import kept
from cases.promotions import promoted
from claims.lake import Lake
from claims.session import spark_session
from detectors.rulebook.library import library
from jobs.options import (
    Capacity,
    Decisions,
    FromDate,
    LakeUri,
    Master,
    Only,
    OwnRules,
    Packages,
    RuleParams,
    Seed,
    ToDate,
    day,
)
from jobs.progress import say
from jobs.stages import detection_run


def main(
    lake: LakeUri,
    from_date: FromDate = None,
    to_date: ToDate = None,
    capacity_hours: Capacity = 400,
    decisions: Decisions = None,
    only: Only = None,
    rules: OwnRules = None,
    params: RuleParams = None,
    seed: Seed = 1,
    master: Master = None,
    packages: Packages = None,
) -> None:
    """Gate the lake, run the detectors, rank the cases; a failure leaves the last run readable."""
    by = library(rules or (), params)
    kept_in = kept(Lake(lake), decisions)
    if kept_in:
        by, lapsed = promoted(by, open_store(kept_in, lake=Lake(lake)))
        for line in lapsed:
            say(line)
    spark = spark_session("vigie-run", master, packages)
    run = detection_run(
        spark,
        Lake(lake),
        period=(day(from_date), day(to_date)),
        seed=seed,
        capacity_hours=capacity_hours,
        only=only.value if only else None,
        as_of=date.today(),
        library=by,
        decisions=kept_in,
    )
    typer.echo(run.run_id)


if __name__ == "__main__":
    typer.run(main)
