"""The case queue: every suspect of a run in the order of the money expected back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cases.reading import run_of
from cases.standing import standings
from cases.workbench.currency import currency
from cases.workbench.opening import store_of
from cases.workbench.pages import fragment, page
from cases.workbench.queue_rows import told_rows, totals_of
from cases.workbench.warming import warm
from claims.errors import LakeError
from claims.lake import Lake

if TYPE_CHECKING:
    from cases.decisions import Store
    from cases.workbench.dossier import Dossier
    from cases.workbench.panels import QueuePanel

SHOWN = 40
MOST = 5000
COLUMNS = (
    "rank",
    "subject",
    "suspicion",
    "exposure",
    "overpayment",
    "expected_recovery",
    "families",
    "scheme",
    "region",
    "within_capacity",
    "status",
    "assignee",
    "since",
    "why",
    "case_id",
)


@dataclass(frozen=True)
class Queue:
    """The cases of one run; a cell that ends in it shows the first of them.

    Args:
        run: the run's row, with its JSON decoded.
        rows: the cases read, by rank, each with ``family_names``, ``scheme`` (the group of rules
            or the detector that weighs most), ``region``, ``status``, ``assignee``, ``since`` and
            ``news``.
        totals: total, within and recovery over all cases of the run.
        hidden: by state, how many of the cases read are left out: decided, snoozed or suppressed.
        store: the decisions on its cases; none where there is no store.
    """

    lake: Lake
    run: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]
    totals: Mapping[str, Any]
    hidden: Mapping[str, int]
    store: Store | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def open(self, case: str | int) -> Dossier:
        """The dossier of one case, by its id or by its rank.

        Raises:
            LakeError: the run has no such case.
        """
        from cases.workbench.dossier import dossier

        return dossier(self.lake, self._case_id(case), self.run["run_id"], self.store)

    def frame(self) -> pd.DataFrame:
        """The cases as a table, for a question of one's own; amounts are floats."""
        return pd.DataFrame([_plain(row) for row in self.rows], columns=list(COLUMNS))

    def by(self, what: str) -> pd.DataFrame:
        """Cases and money by ``scheme``, ``region``, ``status``, ``assignee`` or ``subject_type``.

        Returns:
            The group, cases, within_capacity, overpayment, expected_recovery; most money first.
            ``queue.frame().query("scheme == '…'")`` leads to its cases.
        """
        known = ("scheme", "region", "status", "assignee", "subject_type")
        if what not in known:
            raise LakeError(f"cases are not grouped by '{what}'; use one of {', '.join(known)}")
        frame = self.frame().assign(subject_type=[row["subject_type"] for row in self.rows])
        grouped = frame.groupby(frame[what].replace("", "none"), as_index=True).agg(
            cases=("case_id", "count"),
            within_capacity=("within_capacity", "sum"),
            overpayment=("overpayment", "sum"),
            expected_recovery=("expected_recovery", "sum"),
        )
        order = ["expected_recovery", "cases"]
        return grouped.sort_values(order, ascending=False).reset_index()

    def fresh(self) -> Queue:
        """The same queue as the decisions stand now."""
        return queue(self.lake, run_id=self.run["run_id"], store=self.store)

    @cached_property
    def panel(self) -> QueuePanel:
        """The queue to sort, search, filter and select in; a selected case opens beneath."""
        from cases.workbench.panels import QueuePanel

        return QueuePanel(self)

    def save(self, path: str | Path) -> Path:
        """Write the queue as one HTML file that asks for nothing; returns where it lies."""
        written = Path(path)
        written.write_text(page("Case queue", self._repr_html_()), encoding="utf-8")
        return written

    @property
    def cut(self) -> str:
        """How far the hours reach, in words."""
        hours = self.run["parameters"].get("capacity_hours")
        open_ = sum(1 for row in self.rows if row["within_capacity"])
        reach = f"Your {hours:,.0f} hours reach here" if hours else "The capacity reaches here"
        left = "" if open_ == self.totals["within"] else f" ({open_:,} still to do)"
        return (
            f"{reach}: {self.totals['within']:,} cases{left}, "
            f"{self.totals['recovery']:,.0f} {currency(self.run)} expected back"
        )

    @property
    def hidden_words(self) -> str:
        """What is left out of the list, such as ``12 decided, 2 snoozed``."""
        return ", ".join(f"{n:,} {name}" for name, n in sorted(self.hidden.items()))

    def _case_id(self, case: str | int) -> str:
        if isinstance(case, str):
            return case
        for row in self.rows:
            if row["rank"] == case:
                return str(row["case_id"])
        raise LakeError(
            f"{self.lake.root}: no open case has rank {case}; {len(self)} are in the queue"
        )

    def _repr_html_(self) -> str:
        warm()
        shown = self.rows[:SHOWN]
        return fragment(
            "queue.html",
            rows=shown,
            cut=sum(1 for row in shown if row["within_capacity"]),
            cut_words=self.cut,
            total=self.totals["total"],
            hidden=self.hidden_words,
            currency=currency(self.run),
        )


def queue(
    lake: Lake | str,
    limit: int = MOST,
    run_id: str | None = None,
    store: Store | None = None,
    everything: bool = False,
) -> Queue:
    """The case queue of a lake's last succeeded run; what is decided, or put off, is left out.

    Args:
        limit: how many cases to read, from rank 1 on.
        run_id: another succeeded run.
        store: the decisions; those kept beside the lake, or named by ``VIGIE_DECISIONS``.
        everything: leave nothing out.

    Raises:
        LakeError: no such run has succeeded.
    """
    opened = Lake(lake) if isinstance(lake, str) else lake
    run = run_of(opened, run_id)
    kept = store or store_of(opened)
    standing = standings(opened, kept, run["run_id"]) if kept else {}
    rows, hidden = [], Counter[str]()
    for row in told_rows(opened, run, limit):
        case = standing.get(row["case_id"])
        state = case.state if case else None
        if case and not case.in_queue and not everything:
            hidden[case.state.status] += 1
            continue
        rows.append(
            {
                **row,
                "status": state.status if state else "open",
                "assignee": (state.assignee if state else None) or "",
                "since": f"{state.since:%Y-%m-%d}" if state and state.since else "",
                "news": case.news.sentence if case and case.news else "",
            }
        )
    return Queue(opened, run, tuple(rows), totals_of(opened, run), hidden, kept)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in COLUMNS if name in row},
        "subject": f"{row['subject_type']} {row['subject_id']}",
        **{name: float(row[name] or 0) for name in COLUMNS[3:6]},
        "families": ", ".join(row["family_names"]),
        "why": row["summary"],
    }
