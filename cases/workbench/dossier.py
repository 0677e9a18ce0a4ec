"""The dossier of one case: one page that tells what stands out, why, and from which rows."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from cases.reading import CaseFile, case_file
from cases.workbench import charts
from cases.workbench.detail import DATED, SUBJECT_TABLES, Detail
from cases.workbench.masking import masked_frame, masked_row
from cases.workbench.pages import fragment, page
from claims.errors import VigieError
from claims.lake import Lake

if TYPE_CHECKING:
    from cases.workbench.panels import DossierPanel

LOG = logging.getLogger("vigie.workbench")
ROWS = 1000
SHOWN_ROWS = 25
EVIDENCE_COLUMNS = ("role", "amount_at_stake")


@dataclass(frozen=True)
class Dossier:
    """One case of one run; a cell that ends in it shows the page.

    Args:
        file: what the run wrote about the case, and the rows of detail it rests on.
        unmasked_because: why personal values are shown; empty where they are masked.
    """

    lake: Lake
    file: CaseFile
    unmasked_because: str = ""

    @property
    def case_id(self) -> str:
        """The case's id, stable over runs."""
        return str(self.file.case["case_id"])

    @cached_property
    def who(self) -> dict[str, Any]:
        """The subject's own row, masked unless a reason was given; empty values left out."""
        kind, subject = self.file.case["subject_type"], self.file.case["subject_id"]
        row = Detail(self.lake, self.file.run).subject(kind, subject)
        table = SUBJECT_TABLES.get(kind, ("", ""))[0]
        shown = row if self.unmasked_because or not row else masked_row(table, row)
        return {name: value for name, value in shown.items() if value is not None}

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """What stands out, strongest first: detector, family, points, reason, details and more."""
        return [
            {
                **row,
                "family": _family(row["detector"]),
                "details": json.loads(row["details"] or "{}"),
            }
            for row in self.file.contributions
            if row["finding_id"] is not None
        ]

    @property
    def innocent_explanations(self) -> list[str]:
        """What to rule out first, as the detectors and rules name it."""
        named = [
            text for row in self.reasons for text in _texts(row["details"].get("false_positives"))
        ]
        return list(dict.fromkeys(named))

    def waterfall(self) -> alt.LayerChart:
        """Prior and points as bars that sum to the score."""
        return charts.waterfall(
            [
                charts.Part(
                    row["detector"],
                    _family(row["detector"]),
                    row["points"],
                    row["reason"] or "before anything was found",
                )
                for row in self.file.contributions
            ]
        )

    def timeline(self) -> alt.Chart | None:
        """Flagged rows among the others of the same persons; none where no row has a date."""
        rows = self.moments
        return None if rows.empty else charts.timeline(rows, currency(self.file.run))

    def peers(self) -> alt.LayerChart | None:
        """Observed values against those expected of peers; none where no finding compares."""
        found = [compared for row in self.reasons for compared in _comparisons(row)]
        return charts.peers(found) if found else None

    @cached_property
    def moments(self) -> pd.DataFrame:
        """The timeline's rows: row_key, day, amount, flagged, text."""
        detail = Detail(self.lake, self.file.run)
        parts = [
            detail.timeline(table, self._evidence(table), self.subjects, ROWS)
            for table in self.tables
            if table in DATED
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """Type and id of the subject and, for a group, of each of its members."""
        members = [
            (member["subject_type"], member["subject_id"])
            for row in self.reasons
            for member in row["details"].get("subjects", ())
        ]
        case = self.file.case
        return [(case["subject_type"], case["subject_id"]), *dict.fromkeys(members)]

    @cached_property
    def tables(self) -> list[str]:
        """Tables that evidence names rows of."""
        return sorted({row["table_name"] for row in self.file.evidence})

    def rows(self, table: str = "claim_lines", finding_id: str | None = None) -> pd.DataFrame:
        """The rows of one table that evidence names, those with most money at stake first.

        Args:
            finding_id: only what this finding rests on.
        Returns:
            ``role`` (flagged, or only named), ``amount_at_stake``, then the table's own columns as
            far as they hold a value; the rows of the 1,000 dearest pieces of evidence.
        """
        detail = {row["row_key"]: row for row in self.file.rows.get(table, ())}
        found: dict[str, dict[str, Any]] = {}
        for named in self._evidence(table, finding_id):
            key = named["row_key"]
            if key in detail and key not in found:
                own = {name: value for name, value in detail[key].items() if name != "row_key"}
                found[key] = {"role": named["role"], "amount_at_stake": named["amount"], **own}
        frame = pd.DataFrame(list(found.values())).dropna(axis="columns", how="all")
        return frame if self.unmasked_because else masked_frame(table, frame, EVIDENCE_COLUMNS)

    def unmask(self, reason: str) -> Dossier:
        """The same dossier with personal values shown; the reason is logged with the case's id.

        Raises:
            VigieError: the reason is empty.
        """
        if not reason.strip():
            raise VigieError(f"case {self.case_id}: say why the names are needed")
        LOG.warning("case %s: personal values shown, because: %s", self.case_id, reason.strip())
        return replace(self, unmasked_because=reason.strip())

    @cached_property
    def panel(self) -> DossierPanel:
        """The dossier to work in: charts whose marks select the rows behind them."""
        from cases.workbench.panels import DossierPanel

        return DossierPanel(self)

    def save(self, path: str | Path) -> Path:
        """Write the dossier as one HTML file that asks for nothing; returns where it lies."""
        written = Path(path)
        written.write_text(page(f"Case {self.case_id}", self._repr_html_()), encoding="utf-8")
        return written

    def _evidence(self, table: str, finding_id: str | None = None) -> list[dict[str, Any]]:
        return [
            row
            for row in self.file.evidence
            if row["table_name"] == table and finding_id in (None, row["finding_id"])
        ]

    def _repr_html_(self) -> str:
        timeline, peers = self.timeline(), self.peers()
        return fragment(
            "dossier.html",
            case=self.file.case,
            run=self.file.run,
            currency=currency(self.file.run),
            who=self.who,
            reasons=self.reasons,
            explanations=self.innocent_explanations,
            waterfall=charts.svg(self.waterfall()),
            timeline=timeline and charts.svg(timeline),
            moments=len(self.moments),
            peers=peers and charts.svg(peers),
            tables={table: self.rows(table) for table in self.tables},
            shown=SHOWN_ROWS,
            evidence_rows=self.file.evidence_rows,
            evidence_read=len(self.file.evidence),
            unmasked_because=self.unmasked_because,
        )


def dossier(lake: Lake, case_id: str, run_id: str | None = None) -> Dossier:
    """The dossier of one case of a run, the latest succeeded one by default.

    Raises:
        LakeError: no run has succeeded, or it has no such case.
    """
    return Dossier(lake, case_file(lake, case_id, run_id, evidence_limit=ROWS))


def currency(run: Mapping[str, Any]) -> str:
    """ISO 4217 code of a run's amounts."""
    return str(run["parameters"].get("layout", {}).get("currency", ""))


def _family(detector: str) -> str:
    return detector.split(".", maxsplit=1)[0]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(text) for text in value] if isinstance(value, list) else []


def _comparisons(row: Mapping[str, Any]) -> list[charts.Comparison]:
    """What a finding compares: itself, or each feature that drove it."""
    details = row["details"]
    drivers = details.get("drivers")
    compared = drivers if isinstance(drivers, list) else [details]
    size = details["peers"].get("size") if isinstance(details.get("peers"), dict) else None
    found = []
    for part in compared:
        observed, expected = _number(part.get("observed")), _number(part.get("expected"))
        if observed is not None and expected is not None and expected > 0:
            name = part.get("feature") or details.get("measure")
            label = f"{row['family']}: {name}" if name else row["detector"]
            found.append(
                charts.Comparison(
                    label + (f" ({size:,} peers)" if size else ""),
                    observed,
                    expected,
                    _number(part.get("threshold")),
                )
            )
    return found


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
