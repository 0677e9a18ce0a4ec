"""Time to the first rendered queue, to an opened case and to a recorded decision, kernel up.

    python -m benchmarks.workbench_time --lake LAKE [--cases 5]

Each step runs in a fresh process of its own as a notebook's cell would, imports counted apart, so
that nothing is warm but the disk. Decisions go to a database that is thrown away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

TARGETS = {"queue": 1.0, "case": 2.0}


def measured(lake: str, cases: int) -> dict[str, list[float]]:
    """Seconds by step, in one process that imports as a notebook does."""
    took: dict[str, list[float]] = {}

    def told(step: str, began: float) -> None:
        took.setdefault(step, []).append(time.perf_counter() - began)

    began = time.perf_counter()
    from cases.workbench import opening, queue

    told("import", began)
    began = time.perf_counter()
    opened = opening(lake)
    opened._repr_html_()
    told("opening", began)
    began = time.perf_counter()
    shown = queue(opened)
    shown._repr_html_()
    told("queue", began)
    began = time.perf_counter()
    panel = shown.panel
    told("queue_panel", began)
    from cases.workbench.warming import warm

    began = time.perf_counter()
    warm().join()
    told("warming", began)
    step = max(len(shown) // cases, 1)
    for row in shown.rows[: cases * step : step]:
        began = time.perf_counter()
        panel.table.selected = row["case_id"]
        told("case", began)
        if panel.opened is None:
            raise SystemExit(panel.message.value)
        (dossier,) = panel.place.children
        began = time.perf_counter()
        dossier.selected_index = dossier.titles.index("Network")
        told("network", began)
        began = time.perf_counter()
        panel.opened._repr_html_()
        told("whole_page", began)
        began = time.perf_counter()
        dossier.decision.outcome.value = "unsubstantiated"
        dossier.decision.buttons["decide"].click()
        told("decision", began)
        if panel.opened.state.status != "decided":
            raise SystemExit(dossier.decision.message.value)
    return took


def main(
    lake: Annotated[str, typer.Option("--lake", help="A lake with a finished run.")],
    cases: Annotated[int, typer.Option(min=1, help="Cases to open, over all ranks.")] = 5,
    rounds: Annotated[int, typer.Option(min=1, help="Fresh processes.")] = 3,
    inside: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Print the seconds of each step: the middle and the slowest of all rounds."""
    if inside:
        typer.echo(json.dumps(measured(lake, cases)))
        return
    took: dict[str, list[float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="vigie-benchmark-") as folder:
            store = f"sqlite:///{Path(folder) / 'acts.db'}"
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "benchmarks.workbench_time", "--lake", lake,
                 "--cases", str(cases), "--inside"],
                env={**os.environ, "VIGIE_DECISIONS": store},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
        for step, seconds in json.loads(done.stdout.splitlines()[-1]).items():
            took.setdefault(step, []).extend(seconds)
    for step, seconds in took.items():
        middle = sorted(seconds)[len(seconds) // 2]
        target = f"  target {TARGETS[step]:.0f} s" if step in TARGETS else ""
        typer.echo(f"{step:12} {middle:6.2f} s, slowest {max(seconds):6.2f} s{target}")


if __name__ == "__main__":
    typer.run(main)
