"""The head of the queue of the latest succeeded run, read without a JVM."""

from __future__ import annotations

from typing import Annotated

import typer

from cases.printing import print_cases
from cases.reading import top_cases
from claims.lake import Lake
from jobs.options import Format, LakeUri, Output, ReadRunId


def main(
    lake: LakeUri,
    top: Annotated[int, typer.Option("--top", min=1, help="How many cases.")] = 10,
    output: Format = Output.table,
    run_id: ReadRunId = None,
) -> None:
    """Print the first cases of the latest succeeded run."""
    print_cases(top_cases(Lake(lake), top, run_id), output.value)


if __name__ == "__main__":
    typer.run(main)
