"""The versions that a result rests on, and the coordinates that spark-submit needs."""

from __future__ import annotations

from typing import Annotated

import typer

from claims.runs import LIBRARIES, code_version


def main(
    packages: Annotated[
        bool, typer.Option("--packages", help="Print only the JVM packages, for spark-submit.")
    ] = False,
) -> None:
    """Print the version of Vigie and of the libraries it rests on."""
    from importlib.metadata import version

    from claims.session import packages as coordinates

    if packages:
        typer.echo(coordinates())
        return
    typer.echo(f"vigie {code_version()}")
    for library in LIBRARIES:
        typer.echo(f"{library} {version(library)}")
    typer.echo(f"jvm {coordinates()}")


if __name__ == "__main__":
    typer.run(main)
