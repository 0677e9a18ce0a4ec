"""The library beside the reference catalogue: which rules are there, missing, or beyond it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from detectors.rulebook.documents import Document
from detectors.rulebook.rule import Rule, Status

Standing = Status | Literal["missing"]
NO_REASON = "no reason is written"


@dataclass(frozen=True)
class Covered:
    """One rule of the catalogue or of the library.

    Args:
        grain: the catalogue's, or the library's where the catalogue does not list it.
        evaluated: the grain in which the library evaluates it; empty where it is missing.
        listed: the catalogue lists it.
        core: it is one of those to build first.
        remark: why a listed rule is missing.
    """

    id: str
    family: str
    grain: str
    evaluated: str
    status: Standing
    listed: bool
    core: bool
    remark: str = ""

    @property
    def name(self) -> str:
        """The detector name of its findings."""
        return f"rules.{self.family}.{self.id}"


@cache
def reference() -> Mapping[str, Covered]:
    """The reference catalogue by id, as if the library held none of it."""
    text = files("detectors.rulebook").joinpath("reference_catalogue.yaml").read_text("utf-8")
    loaded = dict(Document(text).value or {})
    core, reasons = frozenset(loaded["core"]), loaded["omitted"]
    return {
        rule_id: Covered(
            rule_id, family, grain, "", "missing", True, rule_id in core,
            str(reasons.get(rule_id, NO_REASON)),
        )
        for family, grains in loaded["families"].items()
        for grain, ids in grains.items()
        for rule_id in ids
    }  # fmt: skip


def coverage(
    rules: Sequence[Rule], listed: Mapping[str, Covered] | None = None
) -> tuple[Covered, ...]:
    """Every rule of the catalogue and of the library, by family and id.

    Args:
        rules: the library; of several dated versions of a rule the last one counts.
        listed: a catalogue in place of the reference.
    """
    catalogue = reference() if listed is None else listed
    found = dict(catalogue)
    for rule in sorted(rules, key=lambda rule: rule.effective):
        entry = catalogue.get(rule.id)
        found[rule.id] = Covered(
            rule.id,
            rule.group,
            entry.grain if entry else rule.grain,
            rule.grain,
            rule.status,
            entry is not None,
            entry is not None and entry.core,
        )
    return tuple(sorted(found.values(), key=lambda rule: (rule.family, rule.id)))
