"""The notebooks of the workbench: prose and calls, run once as an analyst runs them."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from cases.workbench.server import NOTEBOOKS
from claims.lake import Lake

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


def test_the_queue_notebook_runs_without_a_page(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIGIE_LAKE", lake.root)
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    notebook = nbformat.read(NOTEBOOKS / "01_queue.ipynb", as_version=4)
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    kinds = {
        kind
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        for kind in output.get("data", ())
    }
    assert {"text/html", "application/vnd.vegalite.v5+json", "image/png"} <= kinds
    exporter = HTMLExporter(
        exclude_input=True, mathjax_url="", require_js_url="", jquery_url="", embed_images=True
    )
    page, _ = exporter.from_notebook_node(notebook)
    assert "expected back" in page
    assert "What stands out" in page
