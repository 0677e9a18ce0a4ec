"""Colours of the workbench: one a family, and those of flagged and other rows."""

from __future__ import annotations

COLOURS = {
    "rules": "#b0413e",
    "deviation": "#2f6f9f",
    "forest": "#4d7c3a",
    "collusion": "#7d559c",
    "prior": "#8a8f98",
    "score": "#2b2f36",
}
FLAGGED, OTHER = "#b0413e", "#8a9bb0"
