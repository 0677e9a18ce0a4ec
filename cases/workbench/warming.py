"""What the first case needs and takes long to import, fetched while the analyst reads the queue."""

from __future__ import annotations

import importlib
from functools import cache
from threading import Thread

SLOW = (
    "cases.workbench.dossier",
    "cases.workbench.dossier_page",
    "cases.workbench.peer_charts",
    "cases.workbench.network.panel",
)


@cache
def warm() -> Thread:
    """Import the slow libraries, and draw once, beside what goes on; begun once a process."""
    thread = Thread(target=_import, name="vigie-warming", daemon=True)
    thread.start()
    return thread


def _import() -> None:
    for name in SLOW:
        try:
            importlib.import_module(name)
        except ImportError:  # whoever opens a case is told of it
            return
    # The first picture wakes what draws the others.
    charts = importlib.import_module("cases.workbench.charts")
    charts.svg(charts.waterfall([charts.Part("prior", "prior", -1.0)]))
