"""How the rule library covers its catalogue and what it found: table, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import fill
from typing import Any, Literal, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cases.rule_yield import Found, RuleYield
from detectors.rulebook.coverage import Covered
from detectors.rulebook.rule import GRAINS

Format = Literal["table", "json", "csv"]
WIDTH = 160
STANDINGS = ("active", "shadow", "draft", "retired", "missing")


def rule_rows(rules: Sequence[Covered], found: RuleYield | None) -> list[dict[str, Any]]:
    """A row a rule; with a lake also what it found, and every rule of its run that is not at hand.

    Money is text with two decimals.
    """
    rows: list[dict[str, Any]] = [
        {
            "name": rule.name,
            "family": rule.family,
            "grain": rule.grain,
            "evaluated": rule.evaluated,
            "status": rule.status,
            "listed": rule.listed,
            "core": rule.core,
            "remark": rule.remark,
        }
        for rule in rules
    ]
    if found is None:
        return rows
    known = {rule.name for rule in rules}
    for name in sorted({*found.found, *found.not_run, *found.fired} - known):
        rows.append(_not_at_hand(name))
    return [row | _of_run(row["name"], found) for row in rows]


def _not_at_hand(name: str) -> dict[str, Any]:
    blank = {"grain": "", "evaluated": "", "status": "", "listed": False, "core": False}
    remark = "in the lake's runs, not in the library at hand"
    return {"name": name, "family": name.split(".")[1], **blank, "remark": remark}


def _of_run(name: str, found: RuleYield) -> dict[str, Any]:
    figures = found.found.get(name, Found())
    return {
        "findings": figures.findings,
        "overpayment": f"{figures.overpayment:.2f}",
        "shadow_findings": figures.shadow_findings,
        "shadow_overpayment": f"{figures.shadow_overpayment:.2f}",
        "ever_fired": name in found.fired,
        "not_run": found.not_run.get(name, ""),
    }


def print_coverage(
    rules: Sequence[Covered],
    found: RuleYield | None = None,
    format: Format = "table",
    out: TextIO | None = None,
) -> None:
    """Print the library beside its catalogue.

    Args:
        found: what the rules found in a lake's runs, where one was asked.
        format: tables for people, or a row a rule as a JSON array or as CSV with a header.
        out: where to; standard output by default.
    """
    out = out or sys.stdout
    if format == "table":
        console = Console(file=out, width=None if out.isatty() else WIDTH, highlight=False)
        for part in (*_of_catalogue(rules), *(_of_lake(rules, found) if found else ())):
            console.print(part)
        return
    rows = rule_rows(rules, found)
    if format == "json":
        out.write(json.dumps(rows, indent=1) + "\n")
        return
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _of_catalogue(rules: Sequence[Covered]) -> Iterator[Table | Text]:
    listed = [rule for rule in rules if rule.listed]
    columns = (*GRAINS, *STANDINGS, "rules")
    table = _table("Rules of the catalogue that are there, by family and grain", "family", columns)
    for family in sorted({rule.family for rule in listed}):
        table.add_row(family, *_counts([rule for rule in listed if rule.family == family]))
    table.add_section()
    table.add_row("all", *_counts(listed))
    yield table
    core = Counter(rule.status for rule in listed if rule.core)
    told = ", ".join(f"{n} {status}" for status, n in sorted(core.items()))
    yield Text(f"To build first: {core.total()} rules, {told}.")
    moved = sum(rule.evaluated not in ("", rule.grain) for rule in listed)
    if moved:
        yield Text(f"Evaluated in another grain than the catalogue's: {moved} rules.")
    for rule in listed:
        if rule.status == "missing":
            yield Text(f"Missing: {rule.name}, {rule.remark}.")
    beyond = [rule for rule in rules if not rule.listed]
    if beyond:
        yield _names("Beyond the catalogue", [rule.name for rule in beyond])


def _counts(rules: Sequence[Covered]) -> list[str]:
    grains = [_share([rule for rule in rules if rule.grain == grain]) for grain in GRAINS]
    statuses: Counter[str] = Counter(rule.status for rule in rules)
    return [*grains, *(str(statuses[s] or "") for s in STANDINGS), str(len(rules))]


def _share(rules: Sequence[Covered]) -> str:
    """All of them as one number; with some missing, how many of how many."""
    there = sum(rule.status != "missing" for rule in rules)
    if not rules:
        return ""
    return str(there) if there == len(rules) else f"{there} of {len(rules)}"


def _of_lake(rules: Sequence[Covered], found: RuleYield) -> Iterator[Table | Text]:
    row = found.run
    period = f"{row['period_start_date']} to {row['period_end_date']}"
    title = f"Run {row['run_id']}, {period}: what each rule found"
    columns = ("findings", "overpayment", "in shadow", "overpayment in shadow")
    table = _table(title, "rule", columns)
    for name, figures in sorted(found.found.items(), key=lambda item: (-_money(item[1]), item[0])):
        table.add_row(
            name,
            f"{figures.findings or ''}",
            f"{figures.overpayment:,.2f}" if figures.findings else "",
            f"{figures.shadow_findings or ''}",
            f"{figures.shadow_overpayment:,.2f}" if figures.shadow_findings else "",
        )
    yield table
    running = {rule.name for rule in rules if rule.status in ("active", "shadow")}
    silent = running - found.fired - set(found.not_run)
    runs = "the one succeeded run" if found.succeeded == 1 else f"{found.succeeded} succeeded runs"
    yield _names(f"Never fired in {runs} of the rules", silent)
    for reason, names in _by_reason(found.not_run):
        yield _names(f"Not run, because {reason}", names)


def _money(figures: Found) -> float:
    return float(figures.overpayment + figures.shadow_overpayment)


def _by_reason(not_run: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    reasons: dict[str, list[str]] = {}
    for name, reason in sorted(not_run.items()):
        reasons.setdefault(reason, []).append(name)
    return sorted(reasons.items())


def _names(what: str, names: Iterable[str]) -> Text:
    listed = sorted(name.removeprefix("rules.") for name in names)
    if not listed:
        return Text(f"{what}: none.")
    text = f"{what} ({len(listed)}): {', '.join(listed)}"
    return Text(fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False))


def _table(title: str, first: str, rest: Sequence[str]) -> Table:
    table = Table(title=Text(title), title_justify="left", box=None)
    table.add_column(first)
    for name in rest:
        table.add_column(name, justify="right")
    return table
