"""The rule lab to work in: text, its defects as it is written, and a trial that can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import ipywidgets

from cases.rule_trial import RuleTrial
from cases.workbench.pages import fragment
from cases.workbench.tables import table_of
from detectors.rulebook.here import Cancelled, Progress
from detectors.rulebook.rule import GRAINS

if TYPE_CHECKING:
    from cases.workbench.rule_lab.lab import RuleLab

FIRST = "house/my_rule"
SHOWN = ("subject_id", "rows", "paid", "overpayment", "outcome", "in_force", "reason")


class RuleLabPanel(ipywidgets.VBox):  # type: ignore[misc]
    """Write or change a rule, try it, save it as a draft.

    Attributes:
        text: the rule's YAML; each change is checked at once and takes back the last trial.
        buttons: new, edit, check, try, cancel, save.
        job: the thread of a trial, while it runs.
        trial: the last trial of the text as it stands.
    """

    def __init__(self, lab: RuleLab) -> None:
        self._lab = lab
        self.draft = lab.new(FIRST)
        self.trial: RuleTrial | None = None
        self.job: Thread | None = None
        self._progress = Progress()
        self.name = ipywidgets.Text(value=FIRST, description="New", placeholder="group/id")
        self.grain = ipywidgets.Dropdown(options=GRAINS, description="Grain")
        names = [rule.name for rule in lab.library.rules]
        self.standing = ipywidgets.Combobox(
            options=names, description="Standing", placeholder="a rule to start from"
        )
        self.text = ipywidgets.Textarea(
            value=self.draft.text, rows=26, layout={"width": "98%"}, continuous_update=True
        )
        self.text.add_class("vigie-yaml")
        start, end = lab.period
        self.start = ipywidgets.DatePicker(value=start, description="From")
        self.end = ipywidgets.DatePicker(value=end, description="To")
        self.folder = ipywidgets.Text(value=str(lab.folder or ""), description="Folder")
        self.lint, self.message = ipywidgets.HTML(), ipywidgets.HTML()
        self.bar = ipywidgets.IntProgress(layout={"width": "24em", "visibility": "hidden"})
        self.found = ipywidgets.VBox([])
        self.buttons = {
            "new": self._button("New", self._new),
            "edit": self._button("Edit a copy", self._edit),
            "check": self._button("Run its examples", self._check),
            "try": self._button("Try", self.begin, "primary"),
            "cancel": self._button("Cancel", self.cancel),
            "save": self._button("Save as draft", self._save),
        }
        self.buttons["cancel"].disabled = True
        self.text.observe(self._changed, names="value")
        box, b = ipywidgets.HBox, self.buttons
        super().__init__(
            [box([self.name, self.grain, b["new"]]), box([self.standing, b["edit"]]), self.text,
             self.lint, box([b["check"], self.start, self.end, b["try"], b["cancel"], self.bar]),
             box([self.folder, b["save"]]), self.message, self.found]
        )  # fmt: skip
        self._lint()

    def begin(self) -> None:
        """Try the rule beside what goes on; ``job`` is its thread."""
        if self.job and self.job.is_alive():
            return
        self.draft.rule()
        self._clear()
        self._progress = Progress(self._told, Event())
        self.bar.value, self.bar.layout.visibility = 0, "visible"
        self.buttons["try"].disabled, self.buttons["cancel"].disabled = True, False
        self.job = Thread(target=self._run, args=(self.text.value,), daemon=True)
        self.job.start()

    def cancel(self) -> None:
        """Stop the trial after the buckets that are being looked at."""
        self._progress.stopped.set()

    def _run(self, tried: str) -> None:
        try:
            trial = self.draft.try_on(self.start.value, self.end.value, self._progress)
            if self.text.value == tried:
                self._show(trial)
        except Cancelled as stopped:
            self.message.value = fragment("done.html", text=str(stopped))
        except Exception as error:  # a thread's errors are seen by nobody unless shown
            self.message.value = fragment("error.html", text=str(error))
        finally:
            self.bar.value = self.bar.max
            self.buttons["try"].disabled, self.buttons["cancel"].disabled = False, True

    def _told(self, done: int, steps: int) -> None:
        self.bar.max, self.bar.value = steps, done

    def _show(self, trial: RuleTrial) -> None:
        self.trial = trial
        page = trial._repr_html_()  # type: ignore[attr-defined]
        subjects = trial.subjects[list(SHOWN)]
        self.found.children = [ipywidgets.HTML(page), table_of(subjects), table_of(trial.rows)]

    def _new(self) -> None:
        self.draft = self._lab.new(self.name.value, self.grain.value)
        self.text.value = self.draft.text

    def _edit(self) -> None:
        self.draft = self._lab.edit(self.standing.value)
        self.text.value = self.draft.text

    def _check(self) -> None:
        self._say_problems(self.draft.problems, "Its examples pass.")

    def _save(self) -> None:
        path = self.draft.save(self.folder.value or None)
        self.text.value = self.draft.text
        self.message.value = fragment("done.html", text=str(path))

    def _changed(self, change: dict[str, Any]) -> None:
        self.draft.text = change["new"]
        self._clear()
        self._guarded(self._lint)

    def _lint(self) -> None:
        self._say_problems(self.draft.quick()[1], "Well formed; its examples are not run yet.")

    def _say_problems(self, problems: Any, sound: str) -> None:
        self.lint.value = fragment("problems.html", problems=problems, sound=sound)

    def _clear(self) -> None:
        """What was found by another text is not shown beside this one."""
        self.trial, self.found.children, self.message.value = None, [], ""

    def _button(self, words: str, work: Callable[[], None], style: str = "") -> ipywidgets.Button:
        button = ipywidgets.Button(description=words, button_style=style)
        button.on_click(lambda _: self._guarded(work))
        return button

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # a widget's errors are seen by nobody unless shown
            self.trial, self.found.children = None, []
            self.message.value = fragment("error.html", text=str(error))
