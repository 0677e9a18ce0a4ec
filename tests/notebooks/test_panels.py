from __future__ import annotations

from dataclasses import replace

from cases.workbench import Queue
from tests.notebooks.result_lake import PROVIDERS


def test_selecting_a_row_opens_its_dossier(cases: Queue) -> None:
    panel = cases.panel
    panel.table.selected_rows = [2]
    assert panel.opened is not None
    assert panel.opened.case_id == cases.rows[2]["case_id"]
    assert "What stands out" in panel.place.children[0].children[0].value
    assert panel.place.children[0].titles == ("Dossier", "Rows of claim_lines")


def test_an_empty_selection_between_two_picks_changes_nothing(cases: Queue) -> None:
    panel = cases.panel
    panel.table.selected_rows = [2]
    opened = panel.opened
    panel.table.selected_rows = []
    assert panel.opened is opened


def test_the_table_holds_every_row(cases: Queue) -> None:
    assert len(cases.panel.table.df) == PROVIDERS


def test_an_error_shows_escaped_in_the_panel(cases: Queue) -> None:
    lost = replace(cases, rows=({**cases.rows[0], "case_id": "<i>gone</i>"},))
    lost.panel.table.selected_rows = [0]
    assert lost.panel.opened is None
    assert "&lt;i&gt;gone" in lost.panel.message.value
    assert "<i>" not in lost.panel.message.value
