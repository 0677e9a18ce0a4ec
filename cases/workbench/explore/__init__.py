"""Free questions to the detail, each answer with the way down to its rows."""

from __future__ import annotations

from cases.workbench.explore.answer import Answer
from cases.workbench.explore.explorer import Explorer, explore

__all__ = ["Answer", "Explorer", "explore"]
