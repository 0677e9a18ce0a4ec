"""What the store of decisions refuses, and why; every text says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claims.errors import VigieError

if TYPE_CHECKING:
    from cases.decisions.acts import Act


class DecisionError(VigieError):
    """An act on a case is not admitted."""


class UnknownCaseError(DecisionError):
    """No succeeded run of the lake has the case."""


class ConflictError(DecisionError):
    """A colleague moved the case after it was opened.

    Args:
        act: what came first.
    """

    def __init__(self, act: Act) -> None:
        self.act = act
        super().__init__(
            f"{act.sentence} at {act.at:%Y-%m-%d %H:%M}, after you opened the case; "
            "look at it again, then act"
        )


class SchemaError(DecisionError):
    """The database is none of ours, or of another revision than this code reads."""
