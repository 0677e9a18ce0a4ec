"""Try chosen rules on a period of the past, whatever their status; nothing is written."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cases.backtest import Tried, backtest
from cases.decisions import open_store
from cases.decisions.place import kept
from claims.errors import LakeError
from claims.lake import Lake
from claims.runs import latest
from claims.session import spark_session
from detectors.rulebook.catalogue import chosen_rules
from detectors.rulebook.library import library
from jobs.options import (
    Decisions,
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
OVERLAPS = 3
Period = tuple[date, date]


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
    kept_in = kept(opened, decisions)
    outcomes = open_store(kept_in, lake=opened).outcomes() if kept_in else {}
    spark = spark_session("vigie-backtest", master, packages)
    period = period_of(spark, opened, day(from_date), day(to_date))
    refuse_empty(opened, period, period_of(spark, opened, None, None))
    _print(backtest(spark, opened, rules, period, outcomes), period, output)


def refuse_empty(lake: Lake, period: Period, data: Period) -> None:
    """Refuse a period of which the lake holds nothing, as every rule would seem clean.

    Args:
        data: first and last day of the lake's own rows.

    Raises:
        LakeError: the two have no day in common.
    """
    if period[1] < data[0] or period[0] > data[1]:
        fault = f"nothing is dated from {period[0]} to {period[1]}"
        raise LakeError(f"{lake.root}: {fault}; choose days from {data[0]} to {data[1]}")


def _print(tried: list[Tried], period: Period, output: Output) -> None:
    if output == Output.json:
        typer.echo(json.dumps([asdict(row) for row in tried], indent=1, default=str))
        return
    if output == Output.csv:
        rows = [asdict(row) | {"shared": json.dumps(row.shared)} for row in tried]
        writer = csv.DictWriter(sys.stdout, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return
    title = f"Tried from {period[0]} to {period[1]}"
    table = Table("rule", "status", title=title, title_justify="left", box=None)
    for name in ("subjects", "rows", "paid", "overpayment", "confirmed", "refuted"):
        table.add_column(name, justify="right")
    table.add_column("rows also flagged by")
    for row in tried:
        shared = ", ".join(f"{name} {n:,}" for name, n in list(row.shared.items())[:OVERLAPS])
        money = (f"{row.paid:,.2f}", f"{row.overpayment:,.2f}")
        decided = (f"{row.confirmed:,}", f"{row.refuted:,}")
        figures = (f"{row.subjects:,}", f"{row.rows:,}", *money, *decided)
        if row.not_run:
            table.add_row(row.rule, row.status, *[""] * len(figures), f"not run: {row.not_run}")
        else:
            table.add_row(row.rule, row.status, *figures, shared or "none")
    Console(width=None if Console().is_terminal else 200).print(table)


if __name__ == "__main__":
    typer.run(main)
