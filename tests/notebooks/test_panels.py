from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cases.decisions import Identity, Store, open_store
from cases.workbench import Queue
from cases.workbench.panels import DossierPanel, QueuePanel
from claims.lake import Lake
from tests.notebooks.result_lake import CAPACITY, HOSTILE_NAME, PROVIDERS, SURNAME


@pytest.fixture
def panel(cases: Queue) -> QueuePanel:
    return cases.panel


def opened(panel: QueuePanel, case: str = "case02") -> DossierPanel:
    panel.table.selected = case
    (shown,) = panel.place.children
    assert isinstance(shown, DossierPanel)
    return shown


def colleague(store: Store, lake: Lake) -> Store:
    return open_store(str(store.engine.url), lake=lake, identity=Identity("bob"))


def test_selecting_a_case_opens_its_dossier(panel: QueuePanel) -> None:
    shown = opened(panel)
    assert panel.opened is not None
    assert panel.opened.case_id == "case02"
    assert "What stands out" in shown.children[0].value
    assert shown.titles == (
        "Dossier", "Decide", "Network", "claim lines", "Export",
    )  # fmt: skip


def test_the_table_holds_every_case_with_its_cut(panel: QueuePanel) -> None:
    rows = panel.table.rows
    assert len(rows) == PROVIDERS
    assert [row["within"] for row in rows] == [True] * CAPACITY + [False] * (PROVIDERS - CAPACITY)
    assert panel.table.cut["text"].startswith("Your 72 hours reach here: 9 cases")
    assert rows[0]["text"] == rows[0]["text"].lower()
    assert rows[0]["family_names"]


def test_an_error_shows_escaped_in_the_panel(cases: Queue) -> None:
    panel = replace(cases, rows=({**cases.rows[0], "case_id": "<i>gone</i>"},)).panel
    panel.table.selected = "<i>gone</i>"
    assert panel.opened is None
    assert "&lt;i&gt;gone" in panel.message.value
    assert "<i>" not in panel.message.value


def test_a_decided_case_leaves_the_queue_and_is_kept_with_all_that_was_told(
    panel: QueuePanel, store: Store
) -> None:
    form = opened(panel).decision
    form.outcome.value, form.amount.value, form.minutes.value = "substantiated", "1,200.50", 90
    form.reasons.value, form.words.value = ("upcoded",), "seen the records"
    form.buttons["decide"].click()
    assert "Kept: decided: substantiated, 1,200.50 by ann" in form.message.value
    assert "case02" not in {row["id"] for row in panel.table.rows}
    assert panel.table.hidden == "1 decided"
    (decision,) = store.dispositions("case02")
    assert (decision.outcome, decision.amount_confirmed, decision.minutes_spent) == (
        "substantiated", Decimal("1200.50"), 90,
    )  # fmt: skip
    (act,) = store.history("case02")
    assert (act.analyst, act.note, act.details["reasons"]) == (
        "ann", "seen the records", ["upcoded"],
    )  # fmt: skip
    assert act.run_id == panel.queue.run["run_id"]
    assert act.shown_sha256
    assert form.buttons["decide"].disabled
    assert not form.buttons["reopen"].disabled


def test_a_double_press_counts_once(panel: QueuePanel, store: Store) -> None:
    form = opened(panel).decision
    form.words.value = "called the practice"
    form.buttons["note"].click()
    form.buttons["note"].click()
    assert len(store.history("case02")) == 1
    form.words.value = "called again"
    form.buttons["note"].click()
    assert len(store.history("case02")) == 2


def test_what_is_refused_is_said_and_nothing_is_kept(panel: QueuePanel, store: Store) -> None:
    form = opened(panel).decision
    for amount, said in (("much", "no number"), ("-3", "0 or more")):
        form.outcome.value, form.amount.value = "substantiated", amount
        form.buttons["decide"].click()
        assert said in form.message.value
    form.outcome.value, form.amount.value = "", ""
    form.buttons["decide"].click()
    assert "is not one of substantiated" in form.message.value
    assert store.history("case02") == []


def test_who_comes_second_is_told_that_a_colleague_decided(
    panel: QueuePanel, store: Store, lake: Lake
) -> None:
    form = opened(panel).decision
    other = colleague(store, lake)
    other.decide("case02", "unsubstantiated", seen=0, note="<b>sound</b>")
    form.outcome.value = "substantiated"
    form.buttons["decide"].click()
    assert "bob decided: unsubstantiated" in form.message.value
    assert "decided: unsubstantiated by bob" in form.standing.value
    assert len(store.dispositions("case02")) == 1
    assert "<b>sound" not in panel.queue.open("case02")._repr_html_()
    other.engine.dispose()


def test_the_history_stands_in_the_dossier(cases: Queue, store: Store) -> None:
    case = cases.open("case03")
    case.note("asked for the <script>records</script>")
    case.take()
    case.decide("referred", amount=300)
    case.recover(120)
    page = cases.open("case03")._repr_html_()
    assert "ann decided: referred, 300.00" in page
    assert "asked for the &lt;script&gt;records" in page
    assert "120 EUR came back" in page
    assert case.state.status == "decided"


def test_names_shown_are_kept_with_who_asked_and_why(cases: Queue, store: Store) -> None:
    shown = cases.open("case00").unmask("hearing on Monday")
    assert shown.who["name"] == HOSTILE_NAME
    (act,) = store.history("case00")
    assert (act.kind, act.analyst, act.details["reason"]) == ("unmask", "ann", "hearing on Monday")


def test_the_network_is_drawn_when_its_tab_is_opened(panel: QueuePanel) -> None:
    shown = opened(panel, "case00")
    assert shown.network is None
    shown.selected_index = shown.titles.index("Network")
    assert shown.network is not None
    assert len(shown.network.network.nodes) > 5


def test_a_file_is_kept_with_the_case(panel: QueuePanel, store: Store) -> None:
    form = opened(panel).decision
    form.buttons["attach"].click()
    assert "choose a file" in form.message.value
    form.file.value = (
        {
            "name": "letter.txt",
            "type": "text/plain",
            "size": 5,
            "content": memoryview(b"dear "),
            "last_modified": datetime(2024, 5, 1, tzinfo=UTC),
        },
    )
    form.buttons["attach"].click()
    (act,) = store.history("case02")
    assert store.attachment(act.details["sha256"]) == b"dear "


def test_files_are_masked_until_a_reason_is_given_and_kept(
    panel: QueuePanel, store: Store, tmp_path: Path
) -> None:
    export = opened(panel, "case00").export
    export.folder.value = str(tmp_path)
    export.button.click()
    page = (tmp_path / "case-case00.html").read_text(encoding="utf-8")
    assert "•••" in page
    assert store.history("case00") == []
    export.what.value = "claim_lines"
    export.reason.value = "sent to the court"
    export.button.click()
    assert SURNAME in (tmp_path / "case-case00-claim_lines.csv").read_text(encoding="utf-8")
    (act,) = store.history("case00")
    assert (act.kind, act.details["reason"]) == ("unmask", "sent to the court")
    export.folder.value = str(tmp_path / "nowhere")
    export.button.click()
    assert "nowhere" in export.message.value
