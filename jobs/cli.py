"""The `vigie` command: a thin door to the jobs, each imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from claims.errors import GateError, VigieError

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
    "rules": "jobs.show_rules",
    "lab": "jobs.lab",
    "version": "jobs.show_version",
}


class Jobs(TyperGroup):
    """Commands by name; `vigie cases` must not wait for Spark to be imported."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of a night's work."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The job's command line, or ``None`` where there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        job = import_module(COMMANDS[cmd_name])
        group = getattr(job, "app", None)
        if group is None:
            group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            group.command(cmd_name)(job.main)
        command = get_command(group)
        command.name = cmd_name
        return command


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
