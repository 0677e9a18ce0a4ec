"""Where rules are written and tried: drafts from a starter or from a rule that stands."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cases.reading import run_of
from cases.rule_trial import RuleTrial, try_rule
from cases.workbench.opening import store_of
from cases.workbench.rule_lab.draft import DRAFT, ID, STATUS, Draft
from cases.workbench.rule_lab.trial_view import TrialView
from claims.lake import Lake
from detectors.rulebook.catalogue import rule_show, rule_text, rules_list
from detectors.rulebook.here import Progress
from detectors.rulebook.library import Library, library
from detectors.rulebook.rule import Grain
from detectors.rulebook.starters import starter

if TYPE_CHECKING:
    from cases.workbench.rule_lab.panel import RuleLabPanel

FOLDER = "VIGIE_RULES"
REVISED = "_revised"


@dataclass(frozen=True)
class RuleLab:
    """The rules of a lake's latest run, and drafts beside them.

    Args:
        folder: the site's folder that drafts are saved in.
    """

    lake: Lake
    folder: Path | None = None

    @cached_property
    def library(self) -> Library:
        """Our rules with those of the site's folders that the latest run knew."""
        origin = run_of(self.lake)["parameters"].get("library", {})
        folders = [folder for folder in origin.get("folders", ()) if Path(folder).is_dir()]
        return library(folders, None)

    @property
    def period(self) -> tuple[date, date]:
        """First and last day of the latest run."""
        run = run_of(self.lake)
        return run["period_start_date"], run["period_end_date"]

    def rules(self) -> pd.DataFrame:
        """The library: name, title, status, grain, weight, jurisdiction, examples, version."""
        return pd.DataFrame(rules_list(self.library))

    def new(self, name: str, grain: Grain = "line", subject: str | None = None) -> Draft:
        """A draft from the starter of its grain, whose examples pass as it stands.

        Args:
            name: ``<group>/<id>``.
            subject: whom it is about, such as ``person_id``.
        """
        return self.draft(name.split("/", 1)[0], starter(name, grain, subject))

    def edit(self, name: str) -> Draft:
        """A draft made from a rule that stands; it gets an id of its own, and the rule stays.

        Args:
            name: the rule's id or full name.
        """
        rule = rule_show(name, self.library)
        text = ID.sub(f"id: {rule.id}{REVISED}", rule_text(rule), count=1)
        text = re.sub(r"^overrides:.*\n", "", text, flags=re.MULTILINE)
        return self.draft(rule.group, STATUS.sub(DRAFT, text, count=1), rule.name)

    def draft(self, group: str, text: str, stands_for: str = "") -> Draft:
        """A draft of a text."""
        return Draft(group, text, stands_for, self.folder, self._try)

    @cached_property
    def panel(self) -> RuleLabPanel:
        """The lab to write and try in."""
        from cases.workbench.rule_lab.panel import RuleLabPanel

        return RuleLabPanel(self)

    def _try(
        self, draft: Draft, period: tuple[date | None, date | None], progress: Progress | None
    ) -> RuleTrial:
        start, end = self.period
        chosen = (period[0] or start, period[1] or end)
        found = try_rule(
            self.lake, draft.rule(), chosen, self._outcomes(), progress, draft.stands_for or None
        )
        return TrialView(**vars(found))

    def _outcomes(self) -> dict[str, str]:
        store = store_of(self.lake)
        states = store.states() if store else {}
        return {case: state.outcome for case, state in states.items() if state.outcome}


def rule_lab(lake: Lake | str, folder: str | Path | None = None) -> RuleLab:
    """The rule lab on a lake.

    Args:
        folder: the site's folder of rules; else the first that ``VIGIE_RULES`` names.
    """
    named = str(folder or os.environ.get(FOLDER, "").split(os.pathsep)[0].split(" ")[0])
    opened = Lake(lake) if isinstance(lake, str) else lake
    return RuleLab(opened, Path(named) if named else None)
