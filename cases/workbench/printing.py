"""A page as PDF, printed by the Chromium of this machine; nothing is asked of another one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from claims.errors import VigieError

VARIABLE = "VIGIE_CHROMIUM"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 60


def write_pdf(html: str, path: Path) -> Path:
    """Print a self-contained page to a PDF file.

    Raises:
        VigieError: there is no Chromium, or it did not print.
    """
    browser = _browser()
    with TemporaryDirectory(prefix="vigie-print-") as folder:
        page, printed = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={printed}",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            page.as_uri(),
        ]
        try:
            subprocess.run(  # noqa: S603
                command, check=True, capture_output=True, timeout=PATIENCE
            )
            path.write_bytes(printed.read_bytes())
        except (subprocess.SubprocessError, OSError) as error:
            raise VigieError(
                f"{browser} did not print the page; save it as .html and print it by hand"
            ) from error
    return path


def _browser() -> str:
    named = os.environ.get(VARIABLE)
    for name in [named] if named else BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise VigieError(
        "a PDF needs Chromium on this machine: install it (Debian: apt-get install chromium), set "
        f"{VARIABLE} to where it lies, or save as .html and print that"
    )
