"""The case queue: every suspect of a run in the order of the money expected back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from cases.reading import attach_run, run_of, top_cases
from cases.workbench.dossier import Dossier, currency, dossier
from cases.workbench.pages import fragment, page
from claims.errors import LakeError
from claims.lake import Lake

if TYPE_CHECKING:
    from cases.workbench.panels import QueuePanel

SHOWN = 40
COLUMNS = (
    "rank",
    "subject",
    "suspicion",
    "exposure",
    "overpayment",
    "expected_recovery",
    "families",
    "within_capacity",
    "why",
    "case_id",
)

FAMILIES = """
select case_id, list_sort(list(distinct split_part(detector, '.', 1)))
from case_contributions semi join (from cases where rank <= $n) using (case_id)
where finding_id is not null and points > 0 group by case_id
"""
TOTALS = """
select count(*) as total, count_if(within_capacity) as within,
    coalesce(sum(expected_recovery) filter (within_capacity), 0) as recovery
from cases
"""


@dataclass(frozen=True)
class Queue:
    """The cases of one run; a cell that ends in it shows the first of them.

    Args:
        run: the run's row, with its JSON decoded.
        rows: the cases read, by rank, each with ``family_names``.
        totals: total, within and recovery over all cases of the run.
    """

    lake: Lake
    run: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]
    totals: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.rows)

    def open(self, case: str | int) -> Dossier:
        """The dossier of one case, by its id or by its rank.

        Raises:
            LakeError: the run has no such case.
        """
        return dossier(self.lake, self._case_id(case), self.run["run_id"])

    def frame(self) -> pd.DataFrame:
        """The cases as a table, for a question of one's own; amounts are floats."""
        return pd.DataFrame([_plain(row) for row in self.rows], columns=list(COLUMNS))

    @cached_property
    def panel(self) -> QueuePanel:
        """The queue to sort, search and select in; a selected case opens beneath."""
        from cases.workbench.panels import QueuePanel

        return QueuePanel(self)

    def save(self, path: str | Path) -> Path:
        """Write the queue as one HTML file that asks for nothing; returns where it lies."""
        written = Path(path)
        written.write_text(page("Case queue", self._repr_html_()), encoding="utf-8")
        return written

    def _case_id(self, case: str | int) -> str:
        if isinstance(case, str):
            return case
        for row in self.rows:
            if row["rank"] == case:
                return str(row["case_id"])
        raise LakeError(f"{self.lake.root}: no case has rank {case}; {len(self)} were read")

    def _repr_html_(self) -> str:
        return fragment(
            "queue.html",
            rows=self.rows[:SHOWN],
            cut=self.totals["within"],
            hours=self.run["parameters"].get("capacity_hours"),
            currency=currency(self.run),
            **self.totals,
        )


def queue(lake: Lake | str, limit: int = 2000, run_id: str | None = None) -> Queue:
    """The case queue of a lake's last succeeded run.

    Args:
        limit: how many cases to read, from rank 1 on.
        run_id: another succeeded run.

    Raises:
        LakeError: no such run has succeeded.
    """
    opened = Lake(lake) if isinstance(lake, str) else lake
    run = run_of(opened, run_id)
    cases = top_cases(opened, limit, run["run_id"])
    with duckdb.connect() as connection:
        attach_run(connection, opened, run["run_id"], "cases", "case_contributions")
        named = dict(connection.sql(FAMILIES, params={"n": limit}).fetchall())
        totals = connection.sql(TOTALS).to_arrow_table().to_pylist()[0]
    rows = tuple({**row, "family_names": named.get(row["case_id"], [])} for row in cases)
    return Queue(opened, run, rows, totals)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "rank": row["rank"],
        "subject": f"{row['subject_type']} {row['subject_id']}",
        "suspicion": row["suspicion"],
        **{name: float(row[name] or 0) for name in COLUMNS[3:6]},
        "families": ", ".join(row["family_names"]),
        "within_capacity": row["within_capacity"],
        "why": row["summary"],
        "case_id": row["case_id"],
    }
