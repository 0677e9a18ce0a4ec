"""The whole path in a real browser: JupyterLab started as an analyst starts it, and driven."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect, sync_playwright

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
PATIENCE = 60_000


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A copy of the notebooks, as saving writes to them."""
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(NOTEBOOKS / "01_queue.ipynb", folder)
    return folder


@pytest.fixture
def lab(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LabServer]:
    lake = Lake(str(tmp_path / "lake"))
    result_lake(lake)
    monkeypatch.setenv("VIGIE_ALLOW_ROOT", "1")
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


def test_an_analyst_opens_the_queue_and_a_case(
    lab: LabServer, window: Page, work: Path, tmp_path: Path
) -> None:
    page = window
    asked: list[str] = []
    dialogs: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(lab.url)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    queue = page.locator("table.queue")
    expect(queue).to_be_visible(timeout=PATIENCE)
    expect(queue.locator("tr.cut")).to_contain_text("Your 72 hours reach here")
    page.keyboard.press("Control+b")
    queue.locator("caption").scroll_into_view_if_needed()
    fits = "table => table.scrollWidth <= table.closest('.jp-OutputArea-output').clientWidth"
    assert queue.evaluate(fits), "columns are cut off"
    page.screenshot(path=tmp_path / "queue.png")

    live = page.locator(".jp-OutputArea-output .dt-container").first
    live.scroll_into_view_if_needed(timeout=PATIENCE)
    search = live.get_by_role("searchbox")
    search.press_sequentially("P085")
    expect(live.locator("tbody tr")).to_have_count(1)
    live.locator("tbody tr td").nth(1).click()
    expect(page.get_by_role("tab", name="Dossier")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="provider P085")).to_be_visible()
    page.screenshot(path=tmp_path / "panel.png")

    waterfall = page.locator(".jp-RenderedVegaCommon5 canvas, .jp-RenderedVegaCommon5 svg").first
    waterfall.scroll_into_view_if_needed(timeout=PATIENCE)
    expect(waterfall).to_be_visible(timeout=PATIENCE)
    page.screenshot(path=tmp_path / "waterfall.png")

    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saving completed")).to_be_visible(timeout=PATIENCE)
    assert '"outputs": []' in (work / "01_queue.ipynb").read_text(encoding="utf-8")
    assert "P085" not in (work / "01_queue.ipynb").read_text(encoding="utf-8")
    strange = [url for url in asked if urlsplit(url).hostname not in ("127.0.0.1", None)]
    assert not strange
    assert not dialogs
