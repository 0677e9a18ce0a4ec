"""The currency of a run's amounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def currency(run: Mapping[str, Any]) -> str:
    """ISO 4217 code of a run's amounts."""
    return str(run["parameters"].get("layout", {}).get("currency", ""))
