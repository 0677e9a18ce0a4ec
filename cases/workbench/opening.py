"""The first line of a notebook: which lake and run, who works, and what is missing, in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from cases.workbench.pages import fragment
from claims.errors import LakeError, VigieError
from claims.lake import Lake
from claims.runs import code_version, latest, runs

if TYPE_CHECKING:
    from cases.decisions import Store

VARIABLE = "VIGIE_LAKE"
LAB = "extra == 'lab'"


@dataclass(frozen=True)
class OpenedLake(Lake):
    """A lake that says, in a notebook, what lies in it and what is missing."""

    @cached_property
    def store(self) -> Store | None:
        """The decisions on its cases; none where they cannot be opened."""
        return _opened(self)[0]

    def missing(self) -> list[str]:
        """What an analyst should know before the work begins, each in a sentence."""
        return [*_libraries(), *_staleness(self), *_decisions(self)]

    def _repr_html_(self) -> str:
        run = latest(self, "run")
        return fragment(
            "opening.html",
            lake=self.root,
            run=run,
            missing=dict(sorted(run["not_run"].items())),
            faults=self.missing(),
            identity=self.store.identity if self.store else None,
            kept=self.store.url if self.store else "",
        )


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


def store_of(lake: Lake) -> Store | None:
    """The decisions on a lake's cases; none where they cannot be opened."""
    return lake.store if isinstance(lake, OpenedLake) else _opened(lake)[0]


def _opened(lake: Lake) -> tuple[Store | None, str]:
    from cases.decisions import open_store

    try:
        return open_store(lake=lake), ""
    except VigieError as error:
        return None, str(error)


def _decisions(lake: OpenedLake) -> Iterator[str]:
    if lake.store is None:
        yield f"Nothing can be decided here, as no store of decisions opens: {_opened(lake)[1]}"
    elif lake.store.identity.source == "operating_system":
        yield (
            f"Your acts are kept under '{lake.store.identity.name}', the name of this machine's "
            "login, which proves little; JupyterHub or a database login tells who you are."
        )


def _staleness(lake: Lake) -> Iterator[str]:
    run = latest(lake, "run")
    later = [
        row
        for row in runs(lake)
        if (row["kind"], row["status"]) == ("load", "succeeded")
        and row["finished_at"] > run["started_at"]
    ]
    if later:
        yield "Data were loaded after this run; start `vigie run` to have them looked at."
    if run["code_version"] != code_version():
        yield (
            f"The run was made by version {run['code_version']}; this is {code_version()}. "
            "Cases read the same, rules may have changed since."
        )


def _libraries() -> Iterator[str]:
    """Libraries of the workbench that are absent, or older than it was made for."""
    for text in requires("vigie") or ():
        if "extra ==" in text and LAB not in text:
            continue
        wanted = Requirement(text)
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield f"The library {wanted.name} is absent; run `make setup`."
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            yield f"{wanted.name} is {found}, {wanted.specifier} is needed; run `make setup`."
