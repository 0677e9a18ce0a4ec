"""JupyterLab on 127.0.0.1 with a token, opened on the case queue of a lake's latest run."""

from __future__ import annotations

from typing import Annotated

import typer

from cases.workbench.server import start
from jobs.options import LakeUri


def main(
    lake: LakeUri = "demo-lake/lake",
    port: Annotated[
        int | None, typer.Option(help="Port; 8888 or the next free one if absent.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open the case queue of the latest run in JupyterLab; Ctrl-C ends it."""
    server = start(lake, port, browser)
    try:
        typer.echo(f"The case queue is at {server.url}\nCtrl-C ends it.")
        server.wait()
    except KeyboardInterrupt:
        typer.echo("JupyterLab is stopped.")
    finally:
        server.stop()


if __name__ == "__main__":
    typer.run(main)
