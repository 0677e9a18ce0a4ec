from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from cases.workbench import server
from cases.workbench.outputs import strip_outputs
from claims.errors import LakeError, VigieError
from claims.lake import Lake

SAVED: dict[str, Any] = {
    "type": "notebook",
    "content": {
        "metadata": {"widgets": {"state": "rows"}, "kernelspec": {"name": "python3"}},
        "cells": [
            {"cell_type": "markdown", "source": "prose", "metadata": {}},
            {
                "cell_type": "code",
                "source": "case",
                "metadata": {"execution": {"at": "noon"}},
                "outputs": [{"text": "a name"}],
                "execution_count": 4,
            },
        ],
    },
}


def test_a_saved_notebook_keeps_prose_and_calls_only() -> None:
    model = copy.deepcopy(SAVED)
    strip_outputs(model, path="x.ipynb", contents_manager=None)
    assert model["content"]["metadata"] == {"kernelspec": {"name": "python3"}}
    prose, call = model["content"]["cells"]
    assert prose["source"] == "prose"
    assert call == {
        "cell_type": "code",
        "source": "case",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }


@pytest.mark.parametrize("model", [{"type": "file", "content": "x"}, {"type": "notebook"}])
def test_what_is_no_notebook_passes_as_it_is(model: dict[str, Any]) -> None:
    before = copy.deepcopy(model)
    strip_outputs(model)
    assert model == before


def test_root_is_refused_unless_allowed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.os, "geteuid", lambda: 0)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("VIGIE_ALLOW_ROOT", raising=False)
    with pytest.raises(VigieError, match="VIGIE_ALLOW_ROOT=1"):
        server.start(lake.root, 0, open_browser=False)


def test_a_lake_without_a_run_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no succeeded run"):
        server.start(str(tmp_path), 0, open_browser=False)
