"""What the first case needs and takes long to import, fetched while the analyst reads the queue."""

from __future__ import annotations

import importlib
from functools import cache
from threading import Thread

SLOW = ("altair", "vl_convert", "cases.workbench.dossier_page", "cases.workbench.network.panel")


@cache
def warm() -> Thread:
    """Import the slow libraries beside what goes on; begun once a process."""
    thread = Thread(target=_import, name="vigie-warming", daemon=True)
    thread.start()
    return thread


def _import() -> None:
    for name in SLOW:
        try:
            importlib.import_module(name)
        except ImportError:  # whoever opens a case is told of it
            return
