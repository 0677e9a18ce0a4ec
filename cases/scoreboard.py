"""What a ranking found of what was planted, as tables for the terminal."""

from __future__ import annotations

from rich.table import Table

from cases.evaluation import LOOK_ALIKE_PLACES, Evaluation


def shares_table(evaluation: Evaluation) -> Table:
    """Precision and money shares of both rankings, for the terminal."""
    table = Table(title="Planted schemes at the head of the queue", title_justify="left")
    table.add_column("first")
    for name in ("cases", "by total paid"):
        table.add_column(f"planted, {name}", justify="right")
        table.add_column(f"money, {name}", justify="right")
    table.add_column("money, rows named", justify="right")
    for ours, plain in zip(evaluation.cases.at, evaluation.total_paid.at, strict=True):
        figures = (
            ours.precision, ours.money_share, plain.precision, plain.money_share, ours.row_share
        )  # fmt: skip
        table.add_row(str(ours.k), *("" if f is None else f"{f:.0%}" for f in figures))
    table.caption = (
        f"look-alikes among the first {LOOK_ALIKE_PLACES}: {evaluation.cases.look_alikes} "
        f"(by total paid {evaluation.total_paid.look_alikes})"
    )
    return table


def schemes_table(evaluation: Evaluation) -> Table:
    """Planted subjects found among the first 50 and 100 cases, by scheme and difficulty."""
    table = Table(title="Planted subjects found, by scheme", title_justify="left")
    for name in ("scheme", "difficulty"):
        table.add_column(name)
    for name in ("planted", "first 50", "first 100", "first at", "first at, by total paid"):
        table.add_column(name, justify="right")
    plain = {(s.scheme, s.difficulty, s.kind): s for s in evaluation.total_paid.schemes}
    for s in evaluation.cases.schemes:
        if s.kind != "planted":
            continue
        other = plain[s.scheme, s.difficulty, s.kind]
        counts = (s.subjects, s.within_50, s.within_100, s.first_place, other.first_place)
        table.add_row(s.scheme, s.difficulty, *("" if c is None else str(c) for c in counts))
    return table
