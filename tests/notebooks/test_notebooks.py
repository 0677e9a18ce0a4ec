"""The notebooks of the workbench: prose and calls, run once as an analyst runs them."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from cases.workbench.server import NOTEBOOKS
from claims.lake import Lake
from tests.notebooks.result_lake import PHONE, SURNAME

ALL = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_a_notebook_is_prose_and_calls_and_holds_no_output(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
            defining = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.Lambda)
            assert not [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, defining)]


@pytest.fixture(scope="module")
def kernel(
    lake: Lake, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[AsyncKernelManager, Path]]:
    """One kernel for all notebooks, as imports take longer than what they then do."""
    folder = tmp_path_factory.mktemp("notebooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIGIE_LAKE", lake.root)
        patch.setenv("VIGIE_DECISIONS", f"sqlite:///{folder / 'acts.db'}")
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        manager = AsyncKernelManager(kernel_name="python3")
        yield manager, folder
        asyncio.run(manager.shutdown_kernel(now=True))


# What an analyst finds in each, beside its first line.
SHOWN = {
    "01_queue": {"expected back", "expected_recovery"},
    "02_case": {"What stands out", "Among its peers", "Who is tied to it", "Where it stands"},
    "03_rule_lab": {"exact_duplicate_line_revised", "tried from 2024-01-01"},
    "04_network": {"Size is money", "has on file the account"},
    "06_yield": {"Of 24 cases", "nothing is known yet"},
    "05_explore": {"gives the rows behind the first line", "The rows behind line 0"},
}


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_a_notebook_runs_and_its_pictures_outlive_the_kernel(
    path: Path, kernel: tuple[AsyncKernelManager, Path]
) -> None:
    manager, folder = kernel
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=120, km=manager, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    exporter = HTMLExporter(
        exclude_input=True, mathjax_url="", require_js_url="", jquery_url="", embed_images=True
    )
    page, _ = exporter.from_notebook_node(notebook)
    assert [text for text in SHOWN[path.stem] if text not in page] == []
    assert "2024-01-01" in page
    assert SURNAME not in page
    assert PHONE not in page
    assert "<script>window.hostile" not in page


def test_a_chart_comes_live_and_as_a_picture_in_a_cell(
    kernel: tuple[AsyncKernelManager, Path],
) -> None:
    manager, folder = kernel
    cell = nbformat.v4.new_code_cell(
        "from cases.workbench import opening, queue\nqueue(opening()).open(1).waterfall()"
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(
        notebook, timeout=120, km=manager, resources={"metadata": {"path": str(folder)}}
    ).execute()
    (output,) = notebook.cells[0].outputs
    assert {"application/vnd.vegalite.v5+json", "image/png"} <= set(output["data"])
