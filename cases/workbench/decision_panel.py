"""The decision on a case as a form: one press counts once, what is refused is said beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import ipywidgets

from cases.decisions import OUTCOMES, REASONS, CaseState, ConflictError
from cases.workbench.pages import fragment
from claims.errors import VigieError

if TYPE_CHECKING:
    from cases.workbench.dossier import Dossier

WEEK = timedelta(days=7)


class DecisionPanel(ipywidgets.VBox):  # type: ignore[misc]
    """Take, decide, note, put off or reopen a case.

    Args:
        case: the case on show.
        acted: called with the new state after each act.

    Attributes:
        buttons: by verb, what an analyst presses.
        message: what was done or refused, escaped.
    """

    def __init__(self, case: Dossier, acted: Callable[[CaseState], None] | None = None) -> None:
        self._case = case
        self._acted = acted or (lambda state: None)
        self.outcome = ipywidgets.Dropdown(
            options=[("choose", "")] + [(name.replace("_", " "), name) for name in OUTCOMES],
            description="Outcome",
        )
        self.amount = ipywidgets.Text(description="Amount", placeholder="1234.50")
        self.minutes = ipywidgets.BoundedIntText(description="Minutes", max=100_000)
        self.reasons = ipywidgets.SelectMultiple(
            options=[(words, code) for code, words in REASONS.items()],
            description="Reasons",
            rows=5,
            layout={"width": "38em"},
        )
        self.words = ipywidgets.Textarea(
            description="Note", rows=3, layout={"width": "38em"}, placeholder="stays with the case"
        )
        self.file = ipywidgets.FileUpload(description="File")
        self.until = ipywidgets.DatePicker(description="Until", value=date.today() + WEEK)
        self.standing = ipywidgets.HTML()
        self.message = ipywidgets.HTML()
        self.buttons = {
            "take": self._button("Take", self._take),
            "release": self._button("Release", lambda press: case.release(self._note(), press)),
            "decide": self._button("Decide", self._decide, "primary"),
            "note": self._button("Note", lambda press: case.note(self.words.value, press)),
            "snooze": self._button("Snooze", self._snooze),
            "attach": self._button("Attach", self._attach),
            "confirm": self._button("Confirm", lambda press: case.confirm(self._note(), press)),
            "decline": self._button("Decline", lambda press: case.decline(self.words.value, press)),
            "reopen": self._button("Reopen", lambda press: case.reopen(self.words.value, press)),
        }
        for field in (
            self.outcome, self.amount, self.minutes, self.reasons, self.words, self.file
        ):  # fmt: skip
            field.observe(self._changed, names="value")
        self._changed()
        box, b = ipywidgets.HBox, self.buttons
        super().__init__(
            [self.standing, self.message, box([b["take"], b["release"]]), self.outcome,
             self.amount, self.minutes, self.reasons, self.words, box([b["decide"], b["note"]]),
             box([self.until, b["snooze"]]), box([self.file, b["attach"]]),
             box([b["confirm"], b["decline"], b["reopen"]])]
        )  # fmt: skip
        self._show(self._state())

    def _button(
        self, words: str, act: Callable[[str], CaseState], style: str = ""
    ) -> ipywidgets.Button:
        button = ipywidgets.Button(description=words, button_style=style)
        button.on_click(lambda _: self._press(words, act))
        return button

    def _press(self, words: str, act: Callable[[str], CaseState]) -> None:
        """One act; the same form pressed again is the same press, which counts once."""
        try:
            state = act(f"{self._form}-{words}")
        except ConflictError as error:
            self._case.seen = self._case.state.sequence
            self._show(self._state())
            self._say("error.html", str(error))
        except Exception as error:  # a widget's errors are seen by nobody unless shown
            self._say("error.html", str(error))
        else:
            self._show(state)
            self._say("done.html", state.sentence)
            self._acted(state)

    def _take(self, press: str) -> CaseState:
        return self._case.take(press)

    def _decide(self, press: str) -> CaseState:
        return self._case.decide(
            self.outcome.value,
            self.amount.value,
            self.minutes.value or None,
            self.reasons.value,
            self.words.value,
            press,
        )

    def _attach(self, press: str) -> CaseState:
        if not self.file.value:
            raise VigieError("choose a file first")
        chosen = self.file.value[0]
        content = bytes(chosen["content"])
        return self._case.attach(chosen["name"], content, self._note(), press)

    def _snooze(self, press: str) -> CaseState:
        return self._case.snooze(self.until.value, self.words.value, press)

    def _note(self) -> str | None:
        return self.words.value or None

    def _changed(self, _: dict[str, Any] | None = None) -> None:
        self._form = uuid4().hex

    def _state(self) -> CaseState | None:
        return self._case.state if self._case.store else None

    def _show(self, state: CaseState | None) -> None:
        who = self._case.store.identity.name if self._case.store else ""
        self.standing.value = fragment("standing.html", state=state, who=who)
        status = state.status if state else ""
        own = state is not None and state.decided_by == who
        for verb, button in self.buttons.items():
            button.disabled = state is None or not _admitted(verb, status, own)

    def _say(self, page: str, text: str) -> None:
        self.message.value = fragment(page, text=text)


def _admitted(verb: str, status: str, own: bool) -> bool:
    """Which buttons make sense where a case stands; the store has the last word."""
    closed = status in ("decided", "suppressed", "snoozed")
    waits = status == "awaiting_confirmation"
    return {
        "note": True,
        "attach": True,
        "reopen": closed,
        "confirm": waits and not own,
        "decline": waits and not own,
        "release": status == "assigned",
    }.get(verb, not closed and not waits)
