"""The dossier of one case: one page that tells what stands out, why, and from which rows."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cases.reading import CaseFile, case_file
from cases.workbench import story
from cases.workbench.acts import CaseActs
from cases.workbench.case_pictures import ROWS, CasePictures
from cases.workbench.currency import currency
from cases.workbench.detail import SUBJECT_TABLES, Detail
from cases.workbench.earlier import earlier_runs
from cases.workbench.masking import masked_frame, masked_row
from cases.workbench.pages import page
from cases.workbench.printing import write_pdf
from cases.workbench.rule_cards import RuleCard, rule_card
from claims.errors import VigieError
from claims.lake import Lake

if TYPE_CHECKING:
    from cases.decisions import Store
    from cases.workbench.network.graph import Network
    from cases.workbench.panels import DossierPanel

LOG = logging.getLogger("vigie.workbench")
EVIDENCE_COLUMNS = ("role", "amount_at_stake")


@dataclass
class Dossier(CaseActs, CasePictures):
    """One case of one run; a cell that ends in it shows the page.

    Args:
        file: what the run wrote about the case, and the rows of detail it rests on.
        store: where acts on the case are kept; none where there is no store.
        seen: the number of the case's last act when it was opened.
        unmasked_because: why personal values are shown; empty where they are masked.
    """

    lake: Lake
    file: CaseFile
    store: Store | None = None
    seen: int = 0
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

    @cached_property
    def reasons(self) -> list[story.Reason]:
        """What stands out, strongest first: detector, family, points, reason, details and more."""
        return story.reasons_of(self.file)

    @property
    def lead(self) -> str:
        """The case in two sentences."""
        return story.lead(self.file, self.reasons, currency(self.file.run))

    @property
    def innocent_explanations(self) -> list[str]:
        """What to rule out first, as the detectors and rules name it."""
        return story.innocent_explanations(self.reasons)

    @cached_property
    def rules(self) -> list[RuleCard]:
        """The rules that hit, with their text as it stands now."""
        folders = self.file.run["parameters"].get("library", {}).get("folders", ())
        named = {row["detector"]: row for row in self.reasons if row["family"] == "rules"}
        cards = [rule_card(name, row["detector_version"], folders) for name, row in named.items()]
        return [card for card in cards if card]

    def network(self) -> Network:
        """Who is tied to the subject, by what; ``.panel`` to move in it."""
        from cases.workbench.marks import marked

        return marked(self)

    @cached_property
    def earlier(self) -> list[dict[str, Any]]:
        """What other runs said of the case, the newest first."""
        return earlier_runs(self.lake, self.case_id, self.file.run["run_id"])

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
        """The same dossier with personal values shown; who asked and why is kept with the case.

        Raises:
            VigieError: the reason is empty.
        """
        if not reason.strip():
            raise VigieError(f"case {self.case_id}: say why the names are needed")
        said = reason.strip()
        if self.store is not None:
            self.store.unmask(self.case_id, said, **self._context())
        LOG.warning("case %s: personal values shown, because: %s", self.case_id, said)
        return replace(self, unmasked_because=said)

    @cached_property
    def panel(self) -> DossierPanel:
        """The dossier to work in: its page, its network, its rows, and the decision."""
        from cases.workbench.panels import DossierPanel

        return DossierPanel(self)

    def save(self, path: str | Path) -> Path:
        """Write the dossier: one HTML file that asks for nothing, or a PDF; as masked as this one.

        Args:
            path: ends in ``.html`` or ``.pdf``.

        Raises:
            VigieError: a PDF without Chromium on this machine.
        """
        written = Path(path)
        text = page(f"Case {self.case_id}", self._repr_html_())
        if written.suffix == ".pdf":
            return write_pdf(text, written)
        written.write_text(text, encoding="utf-8")
        return written

    def save_rows(self, path: str | Path, table: str = "claim_lines") -> Path:
        """Write the rows of one table as CSV, as masked as this dossier."""
        written = Path(path)
        self.rows(table).to_csv(written, index=False)
        return written

    def _context(self) -> dict[str, Any]:
        return {"run_id": self.file.run["run_id"], "shown": self._shown}

    @cached_property
    def _shown(self) -> str:
        """What the page rests on, for the store to keep its hash: the same run gives the same."""
        told = [self.file.case, self.file.contributions, self.file.evidence]
        return json.dumps(told, sort_keys=True, default=str)

    def _repr_html_(self) -> str:
        from cases.workbench.dossier_page import dossier_page

        return dossier_page(self)


def dossier(
    lake: Lake, case_id: str, run_id: str | None = None, store: Store | None = None
) -> Dossier:
    """The dossier of one case of a run, the latest succeeded one by default.

    Raises:
        LakeError: no run has succeeded, or it has no such case.
    """
    file = case_file(lake, case_id, run_id, evidence_limit=ROWS)
    seen = store.state(file.case["case_id"]).sequence if store else 0
    return Dossier(lake, file, store, seen)
