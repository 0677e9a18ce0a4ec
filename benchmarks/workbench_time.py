"""Time to the first rendered queue, to an opened case and to a recorded decision, kernel up.

    python -m benchmarks.workbench_time --lake LAKE [--cases 5]

Each round is a fresh process, as a kernel is, imports counted apart; beside the seconds that passed
stand those of the processor, which a busy machine does not lengthen as much. Decisions go to a
database that is thrown away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

TARGETS = {"queue": 1.0, "case": 2.0}


Took = dict[str, list[tuple[float, float]]]


def now() -> tuple[float, float]:
    """Seconds passed, and seconds of the processor."""
    return time.perf_counter(), time.process_time()


def measured(lake: str, cases: int) -> Took:
    """Seconds by step, in one process that imports as a notebook does."""
    took: Took = {}

    def told(step: str, began: tuple[float, float]) -> None:
        ended = now()
        took.setdefault(step, []).append((ended[0] - began[0], ended[1] - began[1]))

    began = now()
    from cases.workbench import opening, queue

    told("import", began)
    began = now()
    opened = opening(lake)
    opened._repr_html_()
    told("opening", began)
    began = now()
    shown = queue(opened)
    shown._repr_html_()
    told("queue", began)
    began = now()
    panel = shown.panel
    told("queue_panel", began)
    from cases.workbench.warming import warm

    began = now()
    warm().join()
    told("warming", began)
    step = max(len(shown) // cases, 1)
    for row in shown.rows[: cases * step : step]:
        began = now()
        panel.table.selected = row["case_id"]
        told("case", began)
        if panel.opened is None:
            raise SystemExit(panel.message.value)
        (dossier,) = panel.place.children
        began = now()
        dossier.selected_index = dossier.titles.index("Network")
        told("network", began)
        began = now()
        panel.opened._repr_html_()
        told("whole_page", began)
        began = now()
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
    """Print the seconds of each step: median and slowest of all rounds, and the processor's."""
    if inside:
        typer.echo(json.dumps(measured(lake, cases)))
        return
    took: Took = {}
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
    for step, both in took.items():
        passed, worked = ([one[n] for one in both] for n in (0, 1))
        target = f"  target {TARGETS[step]:.0f} s" if step in TARGETS else ""
        typer.echo(
            f"{step:12} {median(passed):6.2f} s, slowest {max(passed):6.2f} s; "
            f"processor {median(worked):6.2f} s{target}"
        )


if __name__ == "__main__":
    typer.run(main)
