"""The whole path in a real browser: JupyterLab started as an analyst starts it, and driven."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    expect,
    sync_playwright,
)
from sqlalchemy import create_engine, text

from cases.workbench.server import NOTEBOOKS, LabServer, start
from claims.lake import Lake
from tests.notebooks.result_lake import result_lake

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000
# What ipysigma 0.24 complains of by itself: its `layout` is not the widgets' own one, and it draws
# once more after its tab was left.
KNOWN = ("at SigmaView.create_child_view", "Sigma: Container has no width")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A copy of the notebooks, as saving writes to them."""
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(NOTEBOOKS / "01_queue.ipynb", folder)
    return folder


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'acts.db'}"


@pytest.fixture
def lab(
    work: Path, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LabServer]:
    lake = Lake(str(tmp_path / "lake"))
    result_lake(lake)
    monkeypatch.setenv("VIGIE_ALLOW_ROOT", "1")
    monkeypatch.setenv("VIGIE_DECISIONS", database)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    server = start(lake.root, 0, open_browser=False, folder=work)
    yield server
    server.stop()
    assert server.process.poll() is not None


@pytest.fixture
def window() -> Iterator[Page]:
    chromium = next((path for path in CHROMIUM if Path(path).exists()), None)
    assert chromium, "no Chromium: install it with `apt-get install chromium`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser.new_page(viewport={"width": 1400, "height": 1000})
        browser.close()


@dataclass
class Heard:
    """What the page asked for, popped up and complained of.

    Args:
        asked: addresses; ``said``: errors of the console and of scripts.
    """

    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Keep what the page does from now on."""
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("dialog", self._dialog)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.said.append(error.stack or str(error)))

    def _dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _console(self, told: ConsoleMessage) -> None:
        if told.type == "error":
            self.said.append(f"{told.text} ({told.location['url']})")


def test_an_analyst_works_from_the_queue_to_a_decision(
    lab: LabServer, window: Page, work: Path, tmp_path: Path, database: str
) -> None:
    page, heard = window, Heard()
    heard.listen(page)
    page.goto(lab.url)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    live = page.locator(".vigie-queue")
    expect(live.locator("tbody tr[data-case]").first).to_be_visible(timeout=PATIENCE)
    expect(live.locator("tr.cut")).to_contain_text("Your 72 hours reach here: 9 cases")
    page.keyboard.press("Control+b")
    live.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "queue.png")
    _filter_and_group(live)
    _open_case(page, live, tmp_path / "dossier.png")
    _see_the_network(page, tmp_path / "network.png")
    _decide(page, live, database)

    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saving completed")).to_be_visible(timeout=PATIENCE)
    kept = (work / "01_queue.ipynb").read_text(encoding="utf-8")
    assert '"outputs": []' in kept
    assert "P085" not in kept
    strange = [url for url in heard.asked if urlsplit(url).hostname not in ("127.0.0.1", None)]
    assert not strange
    assert not heard.dialogs
    assert [text for text in heard.said if not any(known in text for known in KNOWN)] == []


def _open_case(page: Page, live: Locator, picture: Path) -> None:
    """Find one case, open it by the keyboard, and see its pictures drawn."""
    live.get_by_role("searchbox").press_sequentially("P085")
    expect(live.locator("tbody tr[data-case]")).to_have_count(1)
    live.locator("tbody tr[data-case]").press("Enter")
    expect(page.get_by_role("heading", name="provider P085")).to_be_visible(timeout=PATIENCE)
    for named in ("Waterfall of the prior", "Amounts by day", "How peers' values are spread"):
        drawn = page.get_by_alt_text(re.compile(named))
        drawn.scroll_into_view_if_needed()
        assert drawn.evaluate("image => image.naturalWidth") > 400
    page.screenshot(path=picture)


def _see_the_network(page: Page, picture: Path) -> None:
    page.get_by_role("tab", name="Network").click()
    expect(page.locator(".ipysigma-widget canvas").first).to_be_visible(timeout=PATIENCE)
    page.get_by_label("Subject", exact=True).select_option(label="account A-7")
    expect(page.get_by_text("has on file the account").first).to_be_visible(timeout=PATIENCE)
    page.screenshot(path=picture)


def _decide(page: Page, live: Locator, database: str) -> None:
    """Fill in the form and press twice; the decision is kept once and the case is gone."""
    page.get_by_role("tab", name="Decide").click()
    page.get_by_label("Outcome").select_option(label="substantiated")
    page.get_by_label("Amount").press_sequentially("1200.50")
    page.get_by_label("Amount").press("Tab")
    page.get_by_label("Note", exact=True).fill("seen the records")
    page.get_by_role("button", name="Decide").dblclick()
    kept = page.get_by_text("Kept: decided: substantiated, 1,200.50")
    expect(kept).to_be_visible(timeout=PATIENCE)
    with create_engine(database).connect() as connection:
        decided = connection.execute(
            text("select outcome, amount_confirmed, note from dispositions")
        ).fetchall()
    assert [tuple(row) for row in decided] == [("substantiated", 1200.5, "seen the records")]
    expect(live.locator("tbody tr[data-case]")).to_have_count(0, timeout=PATIENCE)
    expect(live.get_by_role("status")).to_contain_text("Not shown: 1 decided")


def _filter_and_group(live: Locator) -> None:
    """One region, then grouped by it, then the whole queue again."""
    cases = live.locator("tbody tr[data-case]")
    whole = cases.count()
    region = live.get_by_label("All regions")
    region.select_option("region 1")
    expect(cases).not_to_have_count(whole)
    group = live.get_by_label("Group")
    group.select_option(label="By region")
    expect(live.locator("tr.group")).to_have_count(1)
    expect(live.locator("tr.group")).to_contain_text("region 1")
    group.select_option(label="Not grouped")
    region.select_option("")
    expect(cases).to_have_count(whole)
    live.get_by_role("button", name="Exposure").click()
    expect(live.get_by_role("columnheader", name="Exposure")).to_have_attribute(
        "aria-sort", "descending"
    )
    live.get_by_role("button", name="Rank").click()
    expect(live.locator("tr.cut")).to_be_visible()
