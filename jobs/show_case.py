"""One case with what made it, down to its claim lines, read without a JVM."""

from __future__ import annotations

from typing import Annotated

import typer

from cases.printing import print_case_file
from cases.reading import case_file
from claims.lake import Lake
from jobs.options import Format, LakeUri, Output, ReadRunId


def main(
    case_id: Annotated[str, typer.Argument(help="The case's id, or its first characters.")],
    lake: LakeUri,
    output: Format = Output.table,
    run_id: ReadRunId = None,
) -> None:
    """Print one case of the latest succeeded run: its points, its findings and their rows."""
    print_case_file(case_file(Lake(lake), case_id, run_id), output.value)


if __name__ == "__main__":
    typer.run(main)
