"""JupyterLab on the case queue of a lake's last run."""

from __future__ import annotations

import sys

from cases.workbench.server import start


def launch(lake: str, port: int | None = None, open_browser: bool = True) -> None:
    """Start JupyterLab on 127.0.0.1, say where it is, and stay until it is stopped.

    Args:
        port: 8888, or the next free one, where absent.

    Raises:
        VigieError: the lake has no succeeded run, the user is root, or the server did not come up.
    """
    server = start(lake, port, open_browser)
    try:
        sys.stdout.write(f"The case queue is at {server.url}\nCtrl-C ends it.\n")
        sys.stdout.flush()
        server.wait()
    except KeyboardInterrupt:
        sys.stdout.write("JupyterLab is stopped.\n")
    finally:
        server.stop()
