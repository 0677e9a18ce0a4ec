"""Promote a rule out of shadow, or put it back: a person's decision, recorded with its reason."""

from __future__ import annotations

from typing import Annotated

import typer

from cases import yields
from cases.decisions import open_store
from cases.promotions import ACTIVE, SHADOW, promote
from claims.lake import Lake
from detectors.rulebook.catalogue import chosen_rules
from detectors.rulebook.library import library
from jobs.options import Decisions, LakeUri, RuleFolders, RuleParams


def main(
    rule: Annotated[str, typer.Argument(help="A rule's id or full name.")],
    lake: LakeUri,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")],
    back: Annotated[bool, typer.Option("--back", help="Put it back into shadow.")] = False,
    decisions: Decisions = None,
    folders: RuleFolders = None,
    params: RuleParams = None,
) -> None:
    """Let a rule in shadow count from the next run on; its precision so far is printed."""
    opened = Lake(lake)
    store = open_store(decisions, lake=opened)
    (chosen,) = chosen_rules([rule], library(folders or (), params))
    found = yields.precision(opened, store)
    mine = found[found["name"] == chosen.name]
    for row in mine.itertuples():
        typer.echo(
            f"{chosen.name}: {row.substantiated} of {row.decided} decided cases substantiated "
            f"({row.low:.0%} to {row.high:.0%})"
        )
    if mine.empty:
        typer.echo(f"{chosen.name}: no decided case has a finding of it")
    promote(store, chosen, SHADOW if back else ACTIVE, reason)
    typer.echo(f"{chosen.name} is {'in shadow' if back else 'active'} from the next run on")


if __name__ == "__main__":
    typer.run(main)
