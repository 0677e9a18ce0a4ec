"""The pictures of a case: each says something, none is drawn where there is nothing to say."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import altair as alt
import pandas as pd

from cases.reading import CaseFile
from cases.workbench import charts, story
from cases.workbench.currency import currency
from cases.workbench.detail import DATED, Detail
from cases.workbench.peer_groups import Peers, peers_of
from cases.workbench.places import Places, places_of
from claims.lake import Lake

ROWS = 1000


class CasePictures:
    """Waterfall, timeline, peers and map of a case."""

    lake: Lake
    file: CaseFile
    unmasked_because: str

    @property
    def reasons(self) -> list[story.Reason]:
        """What stands out, strongest first."""
        raise NotImplementedError

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """Type and id of the subject and, for a group, of each of its members."""
        return story.subjects_of(self.file, self.reasons)

    @property
    def tables(self) -> list[str]:
        """Tables that evidence names rows of."""
        return sorted({row["table_name"] for row in self.file.evidence})

    def waterfall(self) -> alt.LayerChart:
        """Prior and points as bars that sum to the score."""
        return charts.waterfall(
            [
                charts.Part(
                    row["detector"],
                    story.family(row["detector"]),
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

    def compared(self) -> alt.LayerChart | None:
        """Observed values against those expected; none where no finding compares."""
        found = story.comparisons(self.reasons)
        return charts.peers(found) if found else None

    @cached_property
    def peer_groups(self) -> list[Peers]:
        """The subject's measures and its peers', those first that a finding rests on."""
        case = self.file.case
        subject = (case["subject_type"], case["subject_id"])
        return peers_of(self.lake, self.file.run, subject, story.measures_of(self.reasons))

    def peers(self) -> alt.VConcatChart | None:
        """How peers' values are spread, and where the subject stands; none without a profile."""
        from cases.workbench.peer_charts import distributions

        return distributions(self.peer_groups) if self.peer_groups else None

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

    @cached_property
    def places(self) -> Places | None:
        """Where the subject and the persons and providers of its rows are; none if unknown."""
        named = [("member", row["person_id"]) for row in self.file.evidence if row["person_id"]]
        named += [
            ("provider", row["provider_id"]) for row in self.file.evidence if row["provider_id"]
        ]
        exact = bool(self.unmasked_because)
        return places_of(self.lake, self.file.run, self.subjects, named, exact)

    def map(self) -> alt.LayerChart | None:
        """The places as points; rounded to a town while personal values are masked."""
        return self.places.chart() if self.places else None

    def _evidence(self, table: str, finding_id: str | None = None) -> list[dict[str, Any]]:
        return [
            row
            for row in self.file.evidence
            if row["table_name"] == table and finding_id in (None, row["finding_id"])
        ]
