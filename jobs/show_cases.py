"""The head of the queue of the latest succeeded run, read without a JVM."""

from __future__ import annotations

from typing import Annotated

import typer

from cases.decisions import open_store
from cases.decisions.place import kept
from cases.printing import print_cases, print_hidden
from cases.reading import top_cases
from cases.standing import worklist
from claims.lake import Lake
from jobs.options import Decisions, Format, LakeUri, Output, ReadRunId


def main(
    lake: LakeUri,
    top: Annotated[int, typer.Option("--top", min=1, help="How many cases.")] = 10,
    output: Format = Output.table,
    run_id: ReadRunId = None,
    decisions: Decisions = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also cases that are decided or paused.")
    ] = False,
) -> None:
    """Print the first cases of the latest succeeded run that are to be worked on."""
    opened = Lake(lake)
    url = kept(opened, decisions)
    if url is None:
        print_cases(top_cases(opened, top, run_id), output.value)
        return
    listed = worklist(opened, open_store(url, lake=opened), top, run_id, everything)
    print_cases(listed.rows, output.value)
    if output == Output.table:
        print_hidden(listed.hidden)


if __name__ == "__main__":
    typer.run(main)
