"""The report on a terminal: what failed and what it means, then one line."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from claims.rejections import told
from expectations.report import Report, Result


def figure(result: Result) -> str:
    """The result's figure as a reader says it: rows and their share, columns, days or a share."""
    if result.share is None:
        return ""
    if result.check.startswith("newest"):
        return f"{result.share:.0f} days"
    if result.failing is None:
        return f"{result.share:.1%}"
    if result.check in ("schema", "null_share_drift"):
        return f"{result.failing} columns"
    return f"{result.failing:,} rows ({result.share:.2%})"


def render(report: Report) -> RenderableType:
    """Critical failures and warnings with their meaning, quarantine, and the summary line.

    Names of checks are never cut, whatever the width: a reader looks them up by name.
    """
    failures = (*report.critical, *report.warnings)
    style = "red" if report.critical else "yellow" if report.warnings else "green"
    line = Text(report.summary, style=style)
    quarantined = [Text(told_line) for told_line in told(report.rejections)]
    if not failures:
        return Group(*quarantined, line)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for result in failures:
        meaning = result.meaning + (f" ({result.reason})" if result.reason else "")
        table.add_row(
            Text(result.severity, style="red" if result.severity == "critical" else "yellow"),
            Text(f"{result.full_name}: {figure(result)}\n{meaning}"),
        )
    return Group(table, *quarantined, line)
