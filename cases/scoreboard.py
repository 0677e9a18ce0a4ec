"""What a ranking found of what was planted, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from cases.evaluation import LOOK_ALIKE_PLACES, Evaluation, Scheme


def shares_table(evaluation: Evaluation) -> Table:
    """Precision and money shares of both rankings, for the terminal."""
    table = Table(title="Planted schemes at the head of the queue", title_justify="left")
    table.add_column("first")
    for name in ("cases", "by total paid"):
        table.add_column(f"planted,\n{name}", justify="right")
        table.add_column(f"money,\n{name}", justify="right")
    table.add_column("money,\nrows named", justify="right")
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
    """Planted subjects found among the first 50 and 100 cases, a row a scheme.

    The last columns are the first place of each difficulty, from easy to hard, in both rankings.
    """
    table = Table(title="Planted subjects found, by scheme", title_justify="left")
    table.add_column("scheme", no_wrap=True)
    for name in ("planted", "first 50", "first 100", "first places", "by total paid"):
        table.add_column(name, justify="right")
    planted = [s for s in evaluation.cases.schemes if s.kind == "planted"]
    plain = [s for s in evaluation.total_paid.schemes if s.kind == "planted"]
    for scheme in sorted({s.scheme for s in planted}):
        own = [s for s in planted if s.scheme == scheme]
        table.add_row(
            scheme,
            str(sum(s.subjects for s in own)),
            str(sum(s.within_50 for s in own)),
            str(sum(s.within_100 for s in own)),
            _places(own),
            _places([s for s in plain if s.scheme == scheme]),
        )
    return table


def _places(schemes: Sequence[Scheme]) -> str:
    first = {s.difficulty: s.first_place for s in schemes}
    return " ".join(str(first.get(d) or "-") for d in ("easy", "medium", "hard"))
