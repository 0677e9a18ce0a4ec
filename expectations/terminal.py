"""The report on a terminal: what failed and what it means, then one line."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

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
    """A table of critical failures and warnings with their meaning, and the summary line."""
    failures = (*report.critical, *report.warnings)
    style = "red" if report.critical else "yellow" if report.warnings else "green"
    line = Text(report.summary, style=style)
    if not failures:
        return line
    table = Table(box=None, pad_edge=False)
    for column in ("severity", "check", "failing", "meaning"):
        table.add_column(column, justify="right" if column == "failing" else "left")
    for result in failures:
        meaning = result.meaning + (f" ({result.reason})" if result.reason else "")
        table.add_row(
            Text(result.severity, style="red" if result.severity == "critical" else "yellow"),
            Text(result.full_name),
            figure(result),
            Text(meaning),
        )
    return Group(table, line)
