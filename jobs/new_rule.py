"""A new rule from the starter of its grain, in a site's own folder."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from detectors.rulebook.starters import starter, write_starter
from jobs.options import RuleGrain

NEXT = """\
next:
  vigie rules lint {path}
  vigie rules test {id} --folder {folder}
  vigie rules backtest {id} --folder {folder} --lake LAKE
  vigie run --rules {folder} --lake LAKE    # once it says `status: shadow`
what it may name: vigie rules columns, vigie rules functions"""


def main(
    name: Annotated[str, typer.Argument(help="<group>/<id>, such as house/odd_visits.")],
    grain: Annotated[RuleGrain, typer.Option("--grain", help="What the rule looks at at once.")],
    folder: Annotated[str, typer.Option("--folder", help="The site's folder of rules.")] = "rules",
    subject: Annotated[
        str | None, typer.Option("--subject", help="Whom it is about, such as person_id.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="What does not fit, in a few words.")] = "",
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")] = "",
    basis: Annotated[str, typer.Option("--basis", help="Law, contract or report.")] = "",
) -> None:
    """Write a commented draft whose examples pass as it stands, and say what to do next."""
    text = starter(name, grain.value, subject, title, owner, basis)
    path = write_starter(folder, name, text)
    typer.echo(str(path))
    typer.echo(NEXT.format(path=quote(str(path)), id=path.stem, folder=quote(folder)))


if __name__ == "__main__":
    typer.run(main)
