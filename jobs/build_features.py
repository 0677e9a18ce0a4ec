"""Begin a detection run: gate the lake, then compute the period's profiles."""

from __future__ import annotations

from datetime import date

import typer

from claims.lake import Lake
from claims.runs import recorded
from claims.session import spark_session
from jobs.options import Capacity, FromDate, LakeUri, Master, Packages, Seed, ToDate, day
from jobs.stages import begin, check_stage, features_stage


def main(
    lake: LakeUri,
    from_date: FromDate = None,
    to_date: ToDate = None,
    seed: Seed = 1,
    capacity_hours: Capacity = 400,
    master: Master = None,
    packages: Packages = None,
) -> None:
    """Begin a run: check the data and compute the profiles that all detectors read."""
    spark = spark_session("vigie-features", master, packages)
    run = begin(spark, Lake(lake), day(from_date), day(to_date), seed, capacity_hours)
    with recorded(run, last=False):
        check_stage(spark, run, date.today())
        features_stage(spark, run)
    typer.echo(run.run_id)


if __name__ == "__main__":
    typer.run(main)
