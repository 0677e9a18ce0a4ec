"""Whether a rule's examples notice its mutants: killed, lived, or the same rule in other words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb

from detectors.rulebook.documents import Document
from detectors.rulebook.examples import bench, fault
from detectors.rulebook.mutants import mutants
from detectors.rulebook.plan import plan
from detectors.rulebook.prepared import Prepared
from detectors.rulebook.problems import ExpressionError
from detectors.rulebook.rule import Example, Rule


@dataclass(frozen=True)
class Score:
    """What became of a rule's mutants.

    Args:
        killed: how many make an example fail.
        lived: changes that no example notices.
        equivalent: changes that no example can notice, as equivalent_mutants.yaml gives reasons.
        stale: changes listed there that did not live.
    """

    rule: str
    killed: int
    lived: tuple[str, ...]
    equivalent: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def mutants(self) -> int:
        """How many counted."""
        return self.killed + len(self.lived)

    @property
    def share(self) -> float:
        """Killed of all that counted."""
        return self.killed / max(1, self.mutants)


@cache
def equivalents() -> Mapping[str, Sequence[str]]:
    """By rule, changes that leave its meaning as it is."""
    text = files("detectors.rulebook").joinpath("equivalent_mutants.yaml").read_text("utf-8")
    loaded = dict(Document(text).value or {})
    return {
        rule_id: [str(change) for entry in entries for change in entry["changes"]]
        for rule_id, entries in loaded.items()
    }


def score(rule: Rule) -> Score:
    """Run a rule's examples over all its mutants; those that are no valid rule do not count."""
    killed, survivors = 0, []
    # The example that killed one mutant often kills the next: it is asked first.
    examples = list(rule.examples)
    with bench() as connection:
        for mutant in mutants(rule):
            fate = _killed(connection, mutant.rule, examples)
            if fate:
                killed += 1
            elif fate is False:
                survivors.append(" ".join(mutant.change.split()))
    found, listed = Counter(survivors), Counter(equivalents().get(rule.id, ()))
    return Score(
        rule.name,
        killed,
        tuple((found - listed).elements()),
        tuple((found & listed).elements()),
        tuple((listed - found).elements()),
    )


def _killed(
    connection: duckdb.DuckDBPyConnection, rule: Rule, examples: list[Example]
) -> bool | None:
    """Whether an example fails; nothing where the mutant is no rule."""
    try:
        prepared = Prepared(connection, plan(rule))
    except (ExpressionError, duckdb.Error):
        return None
    for place, example in enumerate(examples):
        if fault(prepared, example):
            examples.insert(0, examples.pop(place))
            return True
    return False
