"""Commands whose modules are imported only when one is called: most wait for Spark or scipy."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command


class LateCommands(TyperGroup):
    """Commands by name, after those that the group has of its own."""

    modules: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order in which they are listed."""
        return [*super().list_commands(ctx), *self.modules]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The job's command line, or ``None`` where there is no such command."""
        if cmd_name not in self.modules:
            return super().get_command(ctx, cmd_name)
        job = import_module(self.modules[cmd_name])
        group = getattr(job, "app", None)
        if group is None:
            group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            group.command(cmd_name)(job.main)
        command = get_command(group)
        command.name = cmd_name
        return command
