"""What is wrong with a rule file, each time with file, line and remedy, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claims.errors import VigieError


@dataclass(frozen=True, order=True)
class Problem:
    """One defect of a rule file.

    Args:
        line: counted from 1; 0 where the whole file is meant.
    """

    file: str
    line: int
    fault: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.fault}; {self.remedy}"


class RuleError(VigieError):
    """Rule files that cannot be used; the message lists every defect on a line of its own."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ExpressionError(VigieError):
    """An expression of a rule that the rulebook does not admit.

    Args:
        fault: what is wrong.
        remedy: what the author can write instead.
    """

    def __init__(self, fault: str, remedy: str) -> None:
        self.fault = fault
        self.remedy = remedy
        super().__init__(f"{fault}; {remedy}")
