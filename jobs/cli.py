"""The `vigie` command: a thin door to the jobs, each imported only when it is called."""

from __future__ import annotations

import sys

import typer

from claims.errors import GateError, VigieError
from jobs.late_commands import LateCommands

COMMANDS = {
    "demo": "jobs.demo",
    "synthesize": "jobs.make_population",
    "load": "jobs.load_tables",
    "check": "jobs.check_tables",
    "run": "jobs.nightly",
    "features": "jobs.build_features",
    "feature-docs": "jobs.write_feature_docs",
    "detect": "jobs.run_detectors",
    "rank": "jobs.rank_cases",
    "cases": "jobs.show_cases",
    "case": "jobs.show_case",
    "decisions": "jobs.decide_cases",
    "rules": "jobs.show_rules",
    "lab": "jobs.lab",
    "version": "jobs.show_version",
}


class Jobs(LateCommands):
    """In the order of a night's work; `vigie cases` must not wait for Spark to be imported."""

    modules = COMMANDS


door = typer.Typer(
    cls=Jobs,
    help="Find fraud, waste and abuse in health claims and social benefits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@door.callback()
def _vigie() -> None:
    """Find fraud, waste and abuse in health claims and social benefits."""


def app() -> None:
    """Run a command; what the user can put right is said in one line.

    Exit codes: 0 done, 1 the gate found a critical failure, 2 wrong usage or input.
    """
    try:
        door()
    except GateError as error:
        print(f"vigie: {error}", file=sys.stderr)
        sys.exit(1)
    except VigieError as error:
        print(f"vigie: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    app()
