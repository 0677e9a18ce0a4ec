"""Live panels: the queue to sort, search and select in, and the case that was selected.

Widgets need a running kernel; what must survive without one is the pages' work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets

from cases.workbench.decision_panel import DecisionPanel
from cases.workbench.export_panel import ExportPanel
from cases.workbench.pages import fragment
from cases.workbench.queue_table import QueueTable
from cases.workbench.tables import table_of
from cases.workbench.warming import warm

if TYPE_CHECKING:
    from cases.decisions import CaseState
    from cases.workbench.dossier import Dossier
    from cases.workbench.network.panel import NetworkPanel
    from cases.workbench.worklist import Queue


class QueuePanel(ipywidgets.VBox):  # type: ignore[misc]
    """The queue as a table; the case selected in it opens beneath, a decided one leaves it.

    Args:
        queue: the cases to show.

    Attributes:
        table: the table; ``table.selected`` is the selected case's id.
        opened: the dossier on show, or None.
        queue: the cases on show, as decisions stand.
    """

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.opened: Dossier | None = None
        self.table = QueueTable(queue)
        self.renew = ipywidgets.Button(description="Refresh", tooltip="As decisions stand now")
        self.renew.on_click(lambda _: self._guarded(self.refresh))
        self.message = ipywidgets.HTML("<p>Select a case to open it.</p>")
        self.place = ipywidgets.VBox([])
        self.table.observe(self._selected, names="selected")
        warm()
        super().__init__([self.table, self.renew, self.message, self.place])

    def refresh(self) -> None:
        """Show the queue as decisions stand now."""
        self.queue = self.queue.fresh()
        self.table.show(self.queue)

    def _selected(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._guarded(lambda: self._open(change["new"]))

    def _open(self, case: str) -> None:
        self.opened, self.place.children = None, []
        self.opened = self.queue.open(case)
        self.place.children = [DossierPanel(self.opened, lambda _: self._guarded(self.refresh))]
        self.message.value = ""

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # a widget's errors are seen by nobody unless shown
            self.message.value = fragment("error.html", text=str(error))


class DossierPanel(ipywidgets.Tab):  # type: ignore[misc]
    """One case: its page, the decision, its network, each table of rows, and files to hand on.

    Args:
        acted: called with the case's new state after each act.

    Attributes:
        decision: the form of the decision; ``export`` that of files.
        network: the network's panel, once its tab was opened.
    """

    def __init__(self, dossier: Dossier, acted: Callable[[CaseState], None] | None = None) -> None:
        from cases.workbench.dossier_page import dossier_page

        self._dossier = dossier
        self.network: NetworkPanel | None = None
        self.decision = DecisionPanel(dossier, acted)
        self._net = ipywidgets.VBox([ipywidgets.HTML("<p>Looking for links …</p>")])
        pages: list[ipywidgets.Widget] = [
            ipywidgets.HTML(dossier_page(dossier, network=False)),
            self.decision,
            self._net,
        ]
        titles = ["Dossier", "Decide", "Network"]
        for name in dossier.tables:
            pages.append(table_of(dossier.rows(name), column_filters="header"))
            titles.append(name.replace("_", " "))
        self.export = ExportPanel(dossier)
        pages.append(self.export)
        titles.append("Export")
        super().__init__(children=pages, titles=titles)
        self.observe(self._turned, names="selected_index")

    def _turned(self, change: dict[str, Any]) -> None:
        seen = change["new"] is not None and self.titles[change["new"]] == "Network"
        if self.network is not None:
            self.network.seen(seen)
        # The network is asked for when it is looked at, so that a case opens at once.
        if self.network is not None or not seen:
            return
        try:
            self.network = self._dossier.network().panel
            self._net.children = [self.network]
        except Exception as error:  # a widget's errors are seen by nobody unless shown
            self._net.children = [ipywidgets.HTML(fragment("error.html", text=str(error)))]
