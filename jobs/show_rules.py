"""The rule library from the command line: what there is, what a rule says, whether it holds."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from detectors.rulebook import catalogue
from detectors.rulebook.library import library
from detectors.rulebook.pages import pages
from detectors.rulebook.problems import Problem, RuleError
from jobs import show_language
from jobs.late_commands import LateCommands
from jobs.options import Format, Output, RuleFolders, RuleParams


class Rules(LateCommands):
    """Those below, which need neither Spark nor a lake, and those that may."""

    modules: ClassVar[Mapping[str, str]] = {
        "new": "jobs.new_rule",
        "backtest": "jobs.backtest_rules",
        "promote": "jobs.promote_rule",
        "coverage": "jobs.show_coverage",
    }


app = typer.Typer(cls=Rules, help="The rule library.", no_args_is_help=True, add_completion=False)
app.command("columns")(show_language.columns)
app.command("functions")(show_language.functions)
NOT_WRITTEN = "name a folder that you may write to"

Ids = Annotated[list[str] | None, typer.Argument(help="Rule ids; all of them if absent.")]


@app.command("list")
def list_rules(
    folders: RuleFolders = None, params: RuleParams = None, output: Format = Output.table
) -> None:
    """List the rules: name, grain, status, weight and title."""
    rows = catalogue.rules_list(library(folders or (), params))
    if output == Output.json:
        typer.echo(json.dumps(rows, indent=1))
        return
    columns = ("name", "grain", "status", "weight", "title")
    if output == Output.csv:
        writer = csv.DictWriter(sys.stdout, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return
    table = Table(box=None)
    for column in columns:
        # A name is there to be copied, whatever the width.
        table.add_column(column, no_wrap=column == "name", overflow="fold")
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    Console(width=None if Console().is_terminal else 160).print(table)


@app.command("show")
def show_rule(
    rule: Annotated[str, typer.Argument(help="A rule's id or full name.")],
    folders: RuleFolders = None,
    params: RuleParams = None,
) -> None:
    """Print a rule's file and its version, and what a site sets otherwise."""
    by = library(folders or (), params)
    found = catalogue.rule_show(rule, by)
    # Comments of YAML, so that what is printed is a rule file that can be copied and changed.
    lines = [f"# {found.name}, version {found.version}, {found.file}"]
    for name, value in by.params.get(found.id, {}).items():
        lines.append(f"# {name} is {value} by {by.params_file}")
    text = "\n".join([*lines, catalogue.rule_text(found).rstrip()])
    console = Console()
    if not console.is_terminal:
        typer.echo(text)
        return
    console.print(Syntax(text, "yaml", background_color="default", word_wrap=True))


@app.command("test")
def test_rules(ids: Ids = None, folders: RuleFolders = None, params: RuleParams = None) -> None:
    """Run the rules' own examples; exit 1 where one does not come out as it says."""
    verdicts = catalogue.rules_test(ids or (), library(folders or (), params))
    failed = [verdict for verdict in verdicts if not verdict.passed]
    for verdict in failed:
        typer.echo(str(verdict.problem))
    rules, passed = len({verdict.rule for verdict in verdicts}), len(verdicts) - len(failed)
    typer.echo(f"{_n(rules, 'rule')}: {_n(passed, 'example')} passed, {len(failed)} failed")
    raise typer.Exit(1 if failed else 0)


@app.command("docs")
def write_docs(
    to: Annotated[Path, typer.Option("--to", help="Folder of the pages.")] = Path("docs"),
    folders: RuleFolders = None,
) -> None:
    """Write the library as pages: a table of all rules, a page a family, what rules may name."""
    for name, text in pages(library(folders or ()).rules).items():
        path = to / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise RuleError([Problem(str(path), 0, "cannot be written", NOT_WRITTEN)]) from error
        typer.echo(str(path))


@app.command("lint")
def lint_rules(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files or folders; ours if absent.")
    ] = None,
    folders: RuleFolders = None,
    params: RuleParams = None,
) -> None:
    """Name every defect of rule files with line and remedy; exit 1 where there is one.

    Files and folders that are named have their examples run too.
    """
    named, own = paths or [], [str(folder) for folder in folders or ()]
    problems = catalogue.rules_lint(named, own, str(params) if params else None)
    left = catalogue.rules_unwritten([*named, *own])
    for problem in (*problems, *left):
        typer.echo(str(problem))
    drafts = f", {_n(len(left), 'text')} of drafts still to be written" if left else ""
    typer.echo(f"{_n(len(problems), 'defect')}{drafts}")
    raise typer.Exit(1 if problems else 0)


def _n(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    app()
