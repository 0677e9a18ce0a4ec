"""What a rule would find, as a page: figures, overlap, what changes, and rows to look at."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cases.rule_trial import RuleTrial
from cases.workbench.pages import fragment

FEW = 10


@dataclass(frozen=True)
class TrialView(RuleTrial):
    """A trial that a cell shows."""

    @property
    def gained(self) -> pd.DataFrame:
        """Subjects that the rule in force does not flag."""
        return self.subjects[~self.subjects["in_force"]]

    def rows_of(self, subject_id: str) -> pd.DataFrame:
        """The flagged rows of one subject, by table and key."""
        return self.rows[self.rows["subject_id"] == subject_id].reset_index(drop=True)

    def _repr_html_(self) -> str:
        return fragment(
            "trial.html",
            trial=self,
            tried=self.tried,
            shared=list(self.tried.shared.items())[:FEW],
            gained=len(self.gained),
            subjects=self.subjects.head(FEW).to_dict("records"),
            examples=self.examples(FEW).to_dict("records"),
        )
