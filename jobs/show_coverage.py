"""The rule library beside its catalogue, and what its rules found in a lake."""

from __future__ import annotations

from typing import Annotated

import typer

from cases.rule_printing import print_coverage
from cases.rule_yield import rule_yield
from claims.lake import Lake
from detectors.rulebook.coverage import coverage
from detectors.rulebook.library import library
from jobs.options import Format, Output, RuleFolders


def main(
    lake: Annotated[
        str | None, typer.Option("--lake", help="A lake whose runs tell what the rules found.")
    ] = None,
    folders: RuleFolders = None,
    output: Format = Output.table,
) -> None:
    """Tell which rules of the catalogue are there, why others are not, and what fired in a lake."""
    found = rule_yield(Lake(lake)) if lake else None
    print_coverage(coverage(library(folders or ()).rules), found, output.value)


if __name__ == "__main__":
    typer.run(main)
