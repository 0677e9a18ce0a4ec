"""What came of a question: a table whose lines lead to the rows behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cases.workbench.explore.drill import Question, behind
from cases.workbench.pages import fragment
from claims.errors import VigieError

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 30


@dataclass(frozen=True)
class Answer:
    """A table of at most so many lines as were asked for.

    Args:
        table: the lines, with their exact types.
        more: there are further lines than these.
        ask: answers another question over the same tables.
    """

    question: Question
    table: pa.Table
    more: bool
    ask: Callable[[Question], Answer] = field(repr=False)
    title: str = ""

    @property
    def frame(self) -> pd.DataFrame:
        """The lines in pandas."""
        found: pd.DataFrame = self.table.to_pandas()
        return found

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def rows(self, line: int = 0) -> Answer:
        """The rows behind one line; of a line that is a row already, itself.

        Raises:
            VigieError: there is no such line, or the question cannot be taken apart.
        """
        if not 0 <= line < len(self):
            raise VigieError(f"no line {line}; there are {len(self)}, counted from 0")
        one = self.table.slice(line, 1)
        asked = behind(self.question, one.to_pylist()[0])
        if asked is None:
            return Answer(self.question, one, False, self.ask, "The row itself")
        found = self.ask(asked)
        return Answer(asked, found.table, found.more, self.ask, f"The rows behind line {line}")

    def save(self, path: str | Path) -> Path:
        """Write the lines as CSV, as masked as they are shown."""
        written = Path(path)
        self.frame.to_csv(written, index=False)
        return written

    def _repr_html_(self) -> str:
        return fragment(
            "answer.html",
            title=self.title,
            frame=self.frame.head(SHOWN).astype(object),
            lines=len(self),
            more=self.more,
            sql=self.question.sql,
            down=_leads_down(self.question),
        )


def _leads_down(question: Question) -> bool:
    try:
        return behind(question, {}) is not None
    except VigieError:
        return False
