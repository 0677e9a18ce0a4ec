"""A JupyterLab of one's own: on 127.0.0.1, behind a random token, stopped with its starter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import notebooks
from cases.workbench.opening import VARIABLE
from claims.errors import VigieError
from claims.lake import Lake
from claims.runs import latest

NOTEBOOKS = Path(notebooks.__file__).parent
FIRST = "01_queue.ipynb"
ROOT_ALLOWED = "VIGIE_ALLOW_ROOT"
PATIENCE = 120.0


@dataclass
class LabServer:
    """A running JupyterLab.

    Args:
        url: the first notebook, with the token.
    """

    process: subprocess.Popen[bytes]
    url: str
    runtime: tempfile.TemporaryDirectory[str]

    def wait(self) -> int:
        """Wait until the server ends by itself; its exit code."""
        return self.process.wait()

    def stop(self) -> None:
        """End the server and its kernels."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.runtime.cleanup()


def start(lake: str, port: int | None, open_browser: bool, folder: Path = NOTEBOOKS) -> LabServer:
    """Start JupyterLab on a lake and return once it answers.

    Args:
        port: 8888, or the next free one, where absent.
        folder: the notebooks to work in; what is saved there holds no output.

    Raises:
        VigieError: the lake has no succeeded run, the user is root, or the server did not come up.
    """
    opened = Lake(lake)
    latest(opened, "run")
    allowed = os.environ.get(ROOT_ALLOWED) == "1" or bool(os.environ.get("CI"))
    if os.geteuid() == 0 and not allowed:
        raise VigieError(
            f"JupyterLab does not run as root; log in as a user, or set {ROOT_ALLOWED}=1 in a "
            "container that holds nothing else"
        )
    runtime = tempfile.TemporaryDirectory(prefix="vigie-lab-")
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--config={NOTEBOOKS / 'lab' / 'server_config.py'}",
        f"--LabApp.app_settings_dir={NOTEBOOKS / 'lab' / 'settings'}",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{quote(FIRST)}",
        f"--ServerApp.open_browser={open_browser}",
        f"--ServerApp.port={8888 if port is None else port}",
        f"--ServerApp.port_retries={50 if port is None else 0}",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]
    # The server draws its token itself and leaves it in its runtime folder, for its owner's eyes.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("JUPYTER_TOKEN")
    }
    environment |= {VARIABLE: opened.root, "JUPYTER_RUNTIME_DIR": runtime.name}
    log = Path(runtime.name) / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603
            command, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream
        )
    server = LabServer(process, "", runtime)
    try:
        server.url = _url(process, Path(runtime.name), log)
    except BaseException:
        server.stop()
        raise
    return server


def _url(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """The first notebook's address, from what the server writes once it listens."""
    told = runtime / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            said = json.loads(told.read_text(encoding="utf-8"))
            return f"http://127.0.0.1:{said['port']}/lab/tree/{FIRST}?token={said['token']}"
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.1)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
    raise VigieError("JupyterLab did not come up; its last words: " + " | ".join(last))
