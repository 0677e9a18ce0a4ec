"""Handing a case on: its page or rows as a file, masked unless a reason is given, which is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets

from cases.workbench.pages import fragment

if TYPE_CHECKING:
    from cases.workbench.dossier import Dossier

PAGES = {"page (HTML)": ".html", "page (PDF)": ".pdf"}


class ExportPanel(ipywidgets.VBox):  # type: ignore[misc]
    """Write a case's page, or the rows of one of its tables, beside the notebook.

    Attributes:
        what, folder, reason: what is written, where, and why names are needed (or nothing).
        button: writes it; ``message`` says where, or what is wrong.
    """

    def __init__(self, case: Dossier) -> None:
        self._case = case
        rows = [(f"rows of {table} (CSV)", table) for table in case.tables]
        self.what = ipywidgets.Dropdown(
            options=[*PAGES.items(), *rows], description="What", layout={"width": "28em"}
        )
        self.folder = ipywidgets.Text(value=".", description="Folder", layout={"width": "28em"})
        self.reason = ipywidgets.Text(
            description="Names",
            placeholder="masked; say why they are needed to show them",
            layout={"width": "40em"},
        )
        self.button = ipywidgets.Button(description="Save")
        self.button.on_click(lambda _: self._press())
        self.message = ipywidgets.HTML()
        super().__init__([self.what, self.folder, self.reason, self.button, self.message])

    def _press(self) -> None:
        try:
            written = self._write()
            self.message.value = fragment("done.html", text=str(written.resolve()))
        except Exception as error:  # a widget's errors are seen by nobody unless shown
            self.message.value = fragment("error.html", text=str(error))

    def _write(self) -> Path:
        reason = self.reason.value.strip()
        case = self._case.unmask(reason) if reason else self._case
        name = f"case-{self._case.case_id[:12]}"
        folder, what = Path(self.folder.value), self.what.value
        if what in PAGES.values():
            return case.save(folder / f"{name}{what}")
        return case.save_rows(folder / f"{name}-{what}.csv", what)
