"""A rule in the writing: its text, what is wrong with it, and what it would find."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cases.rule_trial import RuleTrial
from cases.workbench.pages import fragment
from detectors.rulebook.checks import check
from detectors.rulebook.here import Progress
from detectors.rulebook.loader import RuleFile, load_rules, read_files
from detectors.rulebook.problems import Problem, RuleError
from detectors.rulebook.reading import Reader
from detectors.rulebook.rule import Rule

STATUS = re.compile(r"^status:.*$", re.MULTILINE)
ID = re.compile(r"^id:\s*(\S+)", re.MULTILINE)
DRAFT = "status: draft"

Try = Callable[["Draft", tuple[date | None, date | None], Progress | None], RuleTrial]


@dataclass
class Draft:
    """A rule's text. Nothing of it runs as code: the rulebook's own reader admits it or does not.

    Args:
        group: the folder that it will lie in.
        text: YAML; assign to it, or edit it in the panel.
        stands_for: full name of the rule that it was made from; empty of a new one.
        folder: the site's folder that it is saved in.
        trying: how it is tried; given by the lab.
    """

    group: str
    text: str
    stands_for: str
    folder: Path | None
    trying: Try

    @property
    def rule_id(self) -> str:
        """What the text calls it."""
        found = ID.search(self.text)
        return found.group(1).strip("'\"") if found else "unnamed"

    @property
    def label(self) -> str:
        """The file as messages name it."""
        return f"{self.group}/{self.rule_id}.yaml"

    def quick(self) -> tuple[Rule | None, list[Problem]]:
        """The rule, and what is wrong with its form and expressions; its examples are not run."""
        reader = Reader(self.label, self.rule_id, self.group)
        rule = reader.rule(self.text)
        problems = list(reader.problems)
        if rule is not None:
            problems += check([rule])
        return rule, sorted(problems)

    @property
    def problems(self) -> list[Problem]:
        """Every defect with its line and remedy, those of its examples and of its id too."""
        file = RuleFile(self.label, self.rule_id, self.group, self.text, True)
        return sorted(read_files([file], load_rules())[1])

    def rule(self) -> Rule:
        """The rule, sound in form and expressions.

        Raises:
            RuleError: it is not; every defect is named.
        """
        rule, problems = self.quick()
        if rule is None or problems:
            raise RuleError(problems)
        return rule

    def try_on(
        self,
        start: date | None = None,
        end: date | None = None,
        progress: Progress | None = None,
    ) -> RuleTrial:
        """What it would find in a period, by default the latest run's; nothing is written.

        Raises:
            RuleError: the text has a defect.
        """
        return self.trying(self, (start, end), progress)

    def save(self, folder: str | Path | None = None) -> Path:
        """Write it as a draft below a site's folder: it can be tested there and never runs.

        Raises:
            RuleError: it has a defect, or a rule of that id exists.
        """
        target = Path(folder) if folder else self.folder
        if target is None:
            raise RuleError([Problem(self.label, 0, "no folder", 'say where: save("/site/rules")')])
        if not STATUS.search(self.text):
            raise RuleError([Problem(self.label, 1, "status is missing", f"add `{DRAFT}`")])
        self.text = STATUS.sub(DRAFT, self.text, count=1)
        problems = self.problems
        if problems:
            raise RuleError(problems)
        path = target / self.group / f"{self.rule_id}.yaml"
        if path.exists() and path.read_text(encoding="utf-8") != self.text and not self._own(path):
            fault = f"{path} holds another rule"
            raise RuleError([Problem(self.label, 0, fault, "choose another id")])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text, encoding="utf-8")
        return path

    def _own(self, path: Path) -> bool:
        """A draft may be written over; what runs may not."""
        found = STATUS.search(path.read_text(encoding="utf-8"))
        return bool(found and found.group().split(":", 1)[1].strip().startswith("draft"))

    def _repr_html_(self) -> str:
        return fragment("lint.html", label=self.label, text=self.text, problems=self.problems)
