"""Cases on a terminal or for another program: table, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cases.reading import CaseFile

Format = Literal["table", "json", "csv"]
Row = Mapping[str, Any]

SHOWN_EVIDENCE = 20


def print_cases(rows: Sequence[Row], format: Format = "table", out: TextIO | None = None) -> None:
    """Print ranked cases.

    Args:
        rows: what :func:`cases.reading.top_cases` gives.
        format: a table for people, or all columns as a JSON array or as CSV with a header.
        out: where to; standard output by default.
    """
    out = out or sys.stdout
    if format == "json":
        print_json(list(rows), out)
    elif format == "csv":
        print_csv(rows, out)
    else:
        _console(out).print(_queue(rows))


def print_hidden(hidden: Mapping[str, int], out: TextIO | None = None) -> None:
    """Say how many cases were left out of a queue, by status; nothing where there were none."""
    if hidden:
        told = ", ".join(f"{n:,} {status}" for status, n in sorted(hidden.items()))
        print(f"Left out: {told}; --all shows them.", file=out or sys.stdout)


def print_case_file(file: CaseFile, format: Format = "table", out: TextIO | None = None) -> None:
    """Print one case: its waterfall and its dearest rows, or the whole file as JSON.

    CSV gives the rows of evidence, the one part of a file that is a single table.
    """
    out = out or sys.stdout
    if format == "json":
        whole = {
            "run_id": file.run["run_id"],
            "case": file.case,
            "contributions": file.contributions,
            "evidence": file.evidence,
            "evidence_rows": file.evidence_rows,
            "rows": file.rows,
        }
        print_json(whole, out)
    elif format == "csv":
        print_csv(file.evidence, out)
    else:
        console = _console(out)
        for part in (_head(file.case), _waterfall(file), _evidence(file)):
            console.print(part)


def _console(out: TextIO) -> Console:
    # In a pipe or a log there is no screen to fit: no line of a table may be folded to 80 columns.
    return Console(file=out, width=None if out.isatty() else 160, highlight=False)


def print_json(value: object, out: TextIO) -> None:
    """Write a value as JSON: amounts as numbers, days and times in ISO form."""
    json.dump(value, out, default=_plain, ensure_ascii=False, indent=2)
    out.write("\n")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")


def print_csv(rows: Sequence[Row], out: TextIO) -> None:
    """Write rows of the same columns as CSV with a header; nothing where there are none."""
    if not rows:
        return
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _text(value: object) -> Text:
    """Text as it is: ids and reasons come from data, so no markup is read in them."""
    return Text("" if value is None else str(value))


def _money(value: Decimal | None) -> Text:
    return Text("" if value is None else f"{value:,.2f}")


def _subject(case: Row) -> str:
    return f"{case['subject_type']} {case['subject_id']}"


def _table(title: str, left: Iterable[str], right: Iterable[str], last: str) -> Table:
    table = Table(title=Text(title), title_justify="left", header_style="bold", expand=True)
    for name in left:
        table.add_column(name, overflow="fold")
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(last, overflow="fold", ratio=1)
    return table


def _queue(rows: Sequence[Row]) -> Table:
    table = _table(
        f"First {len(rows)} cases" if rows else "No case",
        ("rank", "subject"),
        ("suspicion", "exposure", "overpayment", "expected recovery"),
        "why",
    )
    for row in rows:
        table.add_row(
            _text(row["rank"]),
            _text(_subject(row) + _whose(row)),
            _text(f"{row['suspicion']:.3f}"),
            *(_money(row[name]) for name in ("exposure", "overpayment", "expected_recovery")),
            _text(" ".join(filter(None, (row.get("news"), row["summary"])))),
        )
    return table


def _whose(case: Row) -> str:
    """What people have done with the case, where it is no longer just open."""
    status = case.get("status", "open").replace("_", " ")
    if status == "open":
        return ""
    return f" ({status} to {case['assignee']})" if status == "assigned" else f" ({status})"


def _head(case: Row) -> Text:
    within = "within" if case["within_capacity"] else "beyond"
    return Text(
        f"Case {case['case_id']}: {_subject(case)}, rank {case['rank']} ({within} capacity)\n"
        f"suspicion {case['suspicion']:.3f}, exposure {case['exposure']:,.2f}, overpayment "
        f"{case['overpayment']:,.2f}, expected recovery {case['expected_recovery']:,.2f}"
    )


def _waterfall(file: CaseFile) -> Table:
    table = _table(
        f"Score {file.case['score']:.3f} = prior and points",
        ("detector",),
        ("points", "score", "overpayment"),
        "reason",
    )
    for row in file.contributions:
        table.add_row(
            _text(row["detector"]),
            _text(f"{row['points']:+.3f}"),
            _text("" if row["score"] is None else f"{row['score']:.2f}"),
            _money(row["overpayment"]),
            _text(row["reason"]),
        )
    return table


def _evidence(file: CaseFile) -> Table:
    shown = file.evidence[:SHOWN_EVIDENCE]
    title = f"{len(shown)} of {file.evidence_rows} rows of evidence"
    table = _table(title, ("table",), ("amount",), "row")
    for row in shown:
        context = " (context)" if row["role"] == "context" else ""
        table.add_row(
            _text(row["table_name"]), _money(row["amount"]), _text(row["row_key"] + context)
        )
    return table
