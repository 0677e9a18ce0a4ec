"""What a rule may read and call: views, their columns, functions and code sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from detectors.rulebook import language
from detectors.rulebook.code_sets import to_load

View = Annotated[str | None, typer.Argument(help="A view, such as lines; all of them if absent.")]


def columns(view: View = None) -> None:
    """List the views that rules read, or the columns and look-ups of one."""
    if view is None:
        _print(("view", "one row is"), [*language.views().items()])
        typer.echo("vigie rules columns VIEW lists the columns of one")
        return
    rows = [(found.name, found.type, found.origin) for found in language.columns(view)]
    _print(("column", "type", "from"), rows)


def functions() -> None:
    """List what rule expressions may call, and the code sets that they may ask."""
    rows = [(found.call, found.answer, found.kind) for found in language.calls()]
    _print(("write", "it answers", "kind"), rows)
    typer.echo("code sets shipped: " + ", ".join(language.code_sets()))
    typer.echo("code sets that a site loads: " + ", ".join(to_load()))


def _print(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(*heads, box=None)
    for row in rows:
        # As written: a text in brackets would be taken for markup.
        table.add_row(*(Text(part) for part in row))
    Console(width=None if Console().is_terminal else 160).print(table)
