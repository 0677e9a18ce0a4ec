"""How sharp the rules' own examples are: change one thing in a rule, and see one of them fail.

    .venv/bin/python -m benchmarks.rule_mutations [IDS]... [--core] [--survivors] [--write]

The changes are those of detectors/rulebook/mutants.py. A change that cannot alter what a rule says
is listed with its reason in detectors/rulebook/equivalent_mutants.yaml and counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Annotated

import typer

from detectors.rulebook.coverage import reference
from detectors.rulebook.loader import load_rules
from detectors.rulebook.mutation import Score, score

WRITTEN = Path("detectors/rulebook/mutation_score.yaml")
HEAD = """\
# How sharp the rules' own examples are, as benchmarks/rule_mutations.py last measured it: of so
# many changed rules, how many make an example fail, over all rules and over those to build first.
# Changes that mean the same (equivalent_mutants.yaml) are counted apart. Empty where not measured.
"""


def main(
    ids: Annotated[list[str] | None, typer.Argument(help="Rules; all if absent.")] = None,
    core: Annotated[bool, typer.Option(help="Only those to build first.")] = False,
    survivors: Annotated[bool, typer.Option(help="Name the mutants that lived.")] = False,
    write: Annotated[bool, typer.Option(help="Keep the score of all for the docs.")] = False,
    processes: Annotated[int, typer.Option(help="Rules looked at side by side.")] = 2,
) -> None:
    """Print the share of mutants killed, by rule and over all."""
    first = {f"rules.{rule.family}.{rule.id}" for rule in reference().values() if rule.core}
    rules = [rule for rule in load_rules() if not ids or rule.id in ids]
    rules = [rule for rule in rules if rule.name in first] if core else rules
    if write and (ids or core):
        raise typer.BadParameter("the docs show the score of all rules: name none")
    scores = []
    with ProcessPoolExecutor(processes) as pool:
        for done in as_completed([pool.submit(score, rule) for rule in rules]):
            scores.append(done.result())
            _tell(scores[-1], survivors)
    texts = {"": _totals(scores)}
    texts["core"] = _totals(each for each in scores if each.rule in first)
    for name, totals in texts.items():
        typer.echo(f"{name or 'all'}: " + ", ".join(f"{n} {what}" for what, n in totals.items()))
    if write:
        lines = [f"{what}: {n}\n" for what, n in texts[""].items()]
        lines += ["core:\n", *(f"  {what}: {n}\n" for what, n in texts["core"].items())]
        WRITTEN.write_text(HEAD + "".join(lines), encoding="utf-8")


def _tell(each: Score, survivors: bool) -> None:
    typer.echo(f"{each.share:6.1%}  {each.killed:4} of {each.mutants:4}  {each.rule}")
    for change in each.lived if survivors else ():
        typer.echo(f"          lived: {change}")
    for change in each.stale:
        typer.echo(f"          listed as equivalent and is not: {change}")


def _totals(scores: Iterable[Score]) -> dict[str, int]:
    listed = list(scores)
    return {
        "rules": len(listed),
        "mutants": sum(each.mutants for each in listed),
        "killed": sum(each.killed for each in listed),
        "equivalent": sum(len(each.equivalent) for each in listed),
    }


if __name__ == "__main__":
    typer.run(main)
