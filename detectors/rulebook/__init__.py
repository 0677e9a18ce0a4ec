"""The rule library: one rule, one file, evaluated as DuckDB programs over member buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detectors.rulebook.detector import Rulebook

__all__ = ["Rulebook"]


def __getattr__(name: str) -> Any:
    """The detector once it is asked for: who only reads rules must not wait for Spark."""
    if name != "Rulebook":
        raise AttributeError(f"no {name} in {__name__}")
    from detectors.rulebook.detector import Rulebook

    return Rulebook
