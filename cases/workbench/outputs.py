"""What a notebook keeps when it is saved: prose and calls, never rows of persons."""

from __future__ import annotations

from typing import Any


def strip_outputs(model: dict[str, Any], **_: Any) -> None:
    """Empty a notebook of outputs, execution counts and widget state, in place, before it is saved.

    Args:
        model: the contents model that Jupyter Server is about to write; other files pass as is.
    """
    if model.get("type") != "notebook" or not model.get("content"):
        return
    notebook = model["content"]
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
            cell["metadata"].pop("execution", None)
