"""Load a source into the lake: typed tables, quarantine, and the account of every row."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from claims.lake import Lake
from claims.loading import load
from claims.session import spark_session
from jobs.options import AsOf, FromFolder, LakeUri, Master, Mode, Packages, SourceName, day
from jobs.progress import say, stage


def main(
    source: SourceName,
    folder: FromFolder,
    lake: LakeUri,
    as_of: AsOf = None,
    mode: Annotated[Mode, typer.Option(help="Replace the tables, or add rows to them.")] = (
        Mode.overwrite
    ),
    buckets: Annotated[int | None, typer.Option(min=1, help="Buckets of a new lake.")] = None,
    new_baseline: Annotated[
        bool, typer.Option("--new-baseline", help="Meant to be unlike the last load: no drift.")
    ] = False,
    master: Master = None,
    packages: Packages = None,
) -> None:
    """Load a source's files into the lake; what cannot be loaded goes to quarantine."""
    spark = spark_session("vigie-load", master, packages)
    with stage("load") as told:
        run = load(
            spark,
            Lake(lake),
            source.value,
            folder,
            as_of=day(as_of) or date.today(),
            mode=mode.value,
            buckets=buckets,
            new_baseline=new_baseline,
            say=say,
        )
        total = {k: sum(a[k] for a in run.rows.values()) for k in ("in", "loaded", "quarantined")}
        told.append(
            "{in:,} rows in = {loaded:,} loaded + {quarantined:,} quarantined".format(**total)
        )


if __name__ == "__main__":
    typer.run(main)
