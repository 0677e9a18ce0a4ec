"""Try chosen rules on a period of the past, whatever their status; nothing is written."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cases.backtest import Tried, backtest
from cases.dispositions import latest_outcomes, open_store
from claims.lake import Lake
from claims.runs import latest
from claims.session import spark_session
from detectors.rulebook.catalogue import chosen_rules
from detectors.rulebook.library import library
from jobs.options import (
    Format,
    FromDate,
    LakeUri,
    Master,
    Output,
    Packages,
    RuleFolders,
    RuleParams,
    ToDate,
    day,
)
from jobs.stages import period_of

Ids = Annotated[list[str], typer.Argument(help="Rule ids or full names; at least one.")]
Decisions = Annotated[
    str | None,
    typer.Option("--decisions", help="Database URL of the decisions on cases.",
                 envvar="VIGIE_DECISIONS"),
]  # fmt: skip
OVERLAPS = 3


def main(
    ids: Ids,
    lake: LakeUri,
    from_date: FromDate = None,
    to_date: ToDate = None,
    folders: RuleFolders = None,
    params: RuleParams = None,
    decisions: Decisions = None,
    output: Format = Output.table,
    master: Master = None,
    packages: Packages = None,
) -> None:
    """Print hits, money, overlap with other rules, and confirmed and refuted cases."""
    opened = Lake(lake)
    latest(opened, "load")  # before the library and the JVM, which take their time
    rules = chosen_rules(ids, library(folders or (), params))
    outcomes = latest_outcomes(open_store(decisions)) if decisions else {}
    spark = spark_session("vigie-backtest", master, packages)
    period = period_of(spark, opened, day(from_date), day(to_date))
    _print(backtest(spark, opened, rules, period, outcomes), output)


def _print(tried: list[Tried], output: Output) -> None:
    if output == Output.json:
        typer.echo(json.dumps([asdict(row) for row in tried], indent=1, default=str))
        return
    if output == Output.csv:
        rows = [asdict(row) | {"shared": json.dumps(row.shared)} for row in tried]
        writer = csv.DictWriter(sys.stdout, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return
    table = Table("rule", "status", "subjects", "rows", "paid", "overpayment", "confirmed",
                  "refuted", "rows also flagged by", box=None)  # fmt: skip
    for row in tried:
        shared = ", ".join(f"{name} {n:,}" for name, n in list(row.shared.items())[:OVERLAPS])
        counts = (row.subjects, row.rows, row.paid, row.overpayment, row.confirmed, row.refuted)
        table.add_row(
            row.rule, row.status, *(f"{n:,}" for n in counts),
            f"not run: {row.not_run}" if row.not_run else shared,
        )  # fmt: skip
    Console(width=None if Console().is_terminal else 200).print(table)


if __name__ == "__main__":
    typer.run(main)
