"""The first line of a notebook: which lake, which run, and what is missing, in plain words."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cases.workbench.pages import fragment
from claims.errors import LakeError
from claims.lake import Lake
from claims.runs import latest

VARIABLE = "VIGIE_LAKE"


@dataclass(frozen=True)
class OpenedLake(Lake):
    """A lake that says, in a notebook, what lies in it."""

    def _repr_html_(self) -> str:
        run = latest(self, "run")
        missing = dict(sorted(run["not_run"].items()))
        return fragment("opening.html", lake=self.root, run=run, missing=missing)


def opening(uri: str | None = None) -> OpenedLake:
    """Open a lake for the analyst.

    Args:
        uri: the lake; where absent, the one that ``vigie lab`` was started on.

    Raises:
        LakeError: no lake was named, or no detection run has succeeded in it.
    """
    named = uri or os.environ.get(VARIABLE)
    if not named:
        raise LakeError(
            f"no lake was named: start the notebook with `vigie lab --lake LAKE`, set {VARIABLE}, "
            'or give it: opening("LAKE")'
        )
    lake = OpenedLake(named)
    latest(lake, "run")
    return lake
