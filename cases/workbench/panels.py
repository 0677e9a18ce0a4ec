"""Live panels: the queue to sort, search and select in, and the case that was selected.

Widgets need a running kernel; what must survive without one is the pages' work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets
import pandas as pd
from itables.widget import ITable

from cases.workbench.pages import fragment

if TYPE_CHECKING:
    from cases.workbench.dossier import Dossier
    from cases.workbench.worklist import Queue

# Below this size itables would silently show a sample; 0 lifts the limit.
UNLIMITED = 0
PAGE = 15
WIDE_REASON = [{"targets": [8], "width": "36%"}]


class QueuePanel(ipywidgets.VBox):  # type: ignore[misc]
    """The queue as a table; the case selected in it opens beneath.

    Args:
        queue: the cases to show.

    Attributes:
        table: the table; ``table.selected_rows`` holds the selected case's position.
        opened: the dossier on show, or None.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self.opened: Dossier | None = None
        self.table = _table(_shown(queue), select="single", columnDefs=WIDE_REASON)
        self.message = ipywidgets.HTML("<p>Select a case to open it.</p>")
        self.place = ipywidgets.VBox([])
        self.table.observe(self._selected, names="selected_rows")
        super().__init__([self.table, self.message, self.place])

    def _selected(self, change: dict[str, Any]) -> None:
        # An empty selection comes between two picks.
        if not change["new"]:
            return
        case = self._queue.rows[change["new"][0]]
        try:
            self.opened = self._queue.open(case["case_id"])
            self.place.children = [self.opened.panel]
            self.message.value = ""
        except Exception as error:  # a widget's errors are seen by nobody unless shown
            self.opened = None
            self.place.children = []
            self.message.value = fragment("error.html", text=str(error))


class DossierPanel(ipywidgets.Tab):  # type: ignore[misc]
    """One case: its page, then each table of rows behind it to sort, search and filter."""

    def __init__(self, dossier: Dossier) -> None:
        pages = [ipywidgets.HTML(dossier._repr_html_())]
        titles = ["Dossier"]
        for name in dossier.tables:
            pages.append(_table(dossier.rows(name), column_filters="header"))
            titles.append(f"Rows of {name}")
        super().__init__(children=pages, titles=titles)


def _shown(queue: Queue) -> pd.DataFrame:
    frame = queue.frame().drop(columns=["case_id"])
    frame["suspicion"] = [round(100 * value) for value in frame["suspicion"]]
    frame["within_capacity"] = frame["within_capacity"].map({True: "within", False: "beyond"})
    return frame.rename(
        columns={
            "suspicion": "suspicion %",
            "expected_recovery": "expected recovery",
            "within_capacity": "capacity",
        }
    )


def _table(frame: pd.DataFrame, **options: Any) -> ITable:
    """A table whose cells are text, never markup; amounts without decimals."""
    with pd.option_context("display.float_format", "{:,.0f}".format):
        return ITable(
            frame,
            maxBytes=UNLIMITED,
            allow_html=False,
            showIndex=False,
            classes="display compact",
            style="table-layout:auto;width:100%;margin:0",
            lengthMenu=[PAGE, 50, 200],
            pageLength=PAGE,
            **options,
        )
