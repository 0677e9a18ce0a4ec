"""The queue's table as a widget: its script and style come with the package, its values as text."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from cases.workbench.currency import currency
from cases.workbench.palette import COLOURS

if TYPE_CHECKING:
    from cases.workbench.worklist import Queue

_WIDGETS = files("cases.workbench.widgets")


class QueueTable(anywidget.AnyWidget):
    """Cases to sort, search, filter, group and select in, with the capacity's cut drawn.

    Attributes:
        selected: id of the selected case; empty where none is.
    """

    _esm = _WIDGETS.joinpath("queue.js").read_text(encoding="utf-8")
    _css = _WIDGETS.joinpath("queue.css").read_text(encoding="utf-8")
    rows: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    cut = traitlets.Dict().tag(sync=True)
    hidden = traitlets.Unicode("").tag(sync=True)
    colours = traitlets.Dict(COLOURS).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self.show(queue)

    def show(self, queue: Queue) -> None:
        """Show another state of the queue; the selection stays."""
        with self.hold_sync():
            self.cut = {"text": queue.cut, "currency": currency(queue.run)}
            self.hidden = queue.hidden_words
            self.rows = [_row(row) for row in queue.rows]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {
        "id": row["case_id"],
        "rank": row["rank"],
        "kind": row["subject_type"],
        "subject": row["subject_id"],
        "suspicion": row["suspicion"],
        "expected": float(row["expected_recovery"] or 0),
        "overpayment": float(row["overpayment"] or 0),
        "exposure": float(row["exposure"] or 0),
        "family_names": row["family_names"],
        "families": len(row["family_names"]),
        "scheme": row["scheme"],
        "region": row["region"],
        "status": row["status"],
        "assignee": row["assignee"],
        "since": row["since"],
        "news": row["news"],
        "within": bool(row["within_capacity"]),
        "why": row["summary"] or "",
    }
    words = ("id", "kind", "subject", "scheme", "region", "status", "assignee", "why")
    text = " ".join(str(shown[name]) for name in words) + " " + " ".join(row["family_names"])
    return {**shown, "text": text.lower()}
