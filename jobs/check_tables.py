"""The data-quality gate alone: for CI before a load, or over what a lake holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from claims.errors import VigieError
from claims.session import spark_session
from expectations.page import write_page
from expectations.report import Report
from expectations.terminal import render
from jobs.options import AsOf, Master, Packages, Source, SourceName, day
from jobs.stages import check_folder, check_lake


def main(
    lake: Annotated[str | None, typer.Option("--lake", help="Lake to check.")] = None,
    folder: Annotated[
        str | None, typer.Option("--from", help="Source to check before it is loaded.")
    ] = None,
    source: SourceName = Source.canonical,
    as_of: AsOf = None,
    report: Annotated[
        Path, typer.Option("--report", help="Folder for the JSON and HTML report.")
    ] = Path("vigie-check"),
    master: Master = None,
    packages: Packages = None,
) -> None:
    """Check the data: exit 1 on a critical failure, 0 where there are only warnings or none."""
    if (lake is None) == (folder is None):
        raise typer.BadParameter("give either --lake or --from")
    spark = spark_session("vigie-check", master, packages)
    until = day(as_of) or date.today()
    found = (
        check_lake(spark, lake, until)
        if lake is not None
        else check_folder(spark, source.value, str(folder), until)
    )
    Console().print(render(found))
    typer.echo(f"report: {_written(found, report)}")
    raise typer.Exit(1 if found.critical else 0)


def _written(found: Report, folder: Path) -> Path:
    try:
        page = write_page(found, folder)
        (folder / "report.json").write_text(found.to_json())
    except OSError as error:
        raise VigieError(
            f"{folder}: the report cannot be written ({error.strerror}); give another --report"
        ) from error
    return page


if __name__ == "__main__":
    typer.run(main)
