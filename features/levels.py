"""At which levels a provider bills: lines by family of levels and code."""

from __future__ import annotations

from features.partials import Part

LEVEL_PARTS = (
    Part(
        "level",
        "f.family || '|' || l.procedure_code",
        join="join level_families f on l.procedure_code = f.procedure_code",
    ),
)
"""Keys are ``family|code``; families are those of ``features.bucket_views.LEVELS``."""
