"""Write the catalogue of features as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from features.pages import page


def main(
    to: Annotated[Path, typer.Option("--to", help="Folder of the page.")] = Path("docs"),
) -> None:
    """Write what every feature of the profiles measures to features.md."""
    path = to / "features.md"
    to.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding="utf-8")
    typer.echo(str(path))


if __name__ == "__main__":
    typer.run(main)
