"""The text of a rule beside what it found, as the file has it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from detectors.rulebook.loader import PACKAGED, written
from detectors.rulebook.reading import Reader

PROSE = ("examples:",)


@dataclass(frozen=True)
class RuleCard:
    """A rule's file without its examples.

    Args:
        changed: the rule means something else now than when it found what it found.
    """

    name: str
    text: str
    changed: bool


def rule_card(name: str, version: str, folders: Sequence[str] = ()) -> RuleCard | None:
    """The card of a rule; none where its file is not at hand.

    Args:
        name: ``rules.<group>.<id>``.
        version: hash of the rule as it ran.
        folders: a site's own folders, which come first.
    """
    _, group, rule_id = [*name.split("."), "", ""][:3]
    roots: list[Traversable] = [*map(Path, folders), files(PACKAGED).joinpath("rules")]
    for root in roots:
        file = root.joinpath(group, f"{rule_id}.yaml")
        if file.is_file():
            text = written(file)
            rule = Reader(file.name, rule_id, group).rule(text)
            return RuleCard(name, _without_examples(text), rule is None or rule.version != version)
    return None


def _without_examples(text: str) -> str:
    kept: list[str] = []
    for line in text.splitlines():
        if line.startswith(PROSE):
            break
        kept.append(line)
    return "\n".join(kept).rstrip()
