"""The library: rule files of the package and of a site, read strictly, all defects at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from detectors.rulebook.checks import check
from detectors.rulebook.problems import Problem, RuleError
from detectors.rulebook.reading import Reader
from detectors.rulebook.rule import Rule
from detectors.rulebook.unwritten import is_draft, unwritten

PACKAGED = "detectors.rulebook"


@dataclass(frozen=True)
class RuleFile:
    """One file as found.

    Args:
        label: path as messages name it.
        site: it belongs to a site's own folder.
    """

    label: str
    stem: str
    group: str
    text: str
    site: bool


def load_rules(
    folders: Sequence[str] = (), params: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[Rule, ...]:
    """The rules of the package and of a site's folders, by name.

    Args:
        folders: folders laid out as ours, ``<group>/<id>.yaml``.
        params: a site's values of parameters by rule id.

    Raises:
        RuleError: one or more files cannot be used; every defect is listed.
    """
    ours, problems = _ours()
    rules, more = list(ours), list(problems)
    if folders:
        rules, found = read_files(site_files(folders), ours)
        more += found
    rules, others = _with_params(rules, params or {})
    more += others
    if more:
        raise RuleError(more)
    return tuple(rules)


@cache
def _ours() -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    rules, problems = read_files(packaged_files())
    return tuple(rules), tuple(problems)


def packaged_files() -> Iterator[RuleFile]:
    """Rule files that come with the package, also out of a zip."""
    for group in _sorted(files(PACKAGED).joinpath("rules").iterdir()):
        if group.is_dir():
            yield from _of_group(group, f"rules/{group.name}", False)


def site_files(folders: Sequence[str]) -> Iterator[RuleFile]:
    """Rule files of a site's folders."""
    for folder in folders:
        root = Path(folder)
        if not root.is_dir():
            raise RuleError([Problem(folder, 0, "no such folder", "name a folder of rule files")])
        for group in sorted(path for path in root.iterdir() if path.is_dir()):
            yield from _of_group(group, str(group), True)


def _of_group(group: Traversable, label: str, site: bool) -> Iterator[RuleFile]:
    for file in _sorted(group.iterdir()):
        if file.name.endswith(".yaml"):
            stem = file.name.removesuffix(".yaml")
            yield RuleFile(f"{label}/{file.name}", stem, group.name, text_of(file), site)


def text_of(file: Traversable | Path) -> str:
    """The text of a rule file.

    Raises:
        RuleError: it is no UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        remedy = "save the file as UTF-8"
        raise RuleError([Problem(str(file), 0, "not text in UTF-8", remedy)]) from error


def _sorted(found: Iterable[Traversable]) -> list[Traversable]:
    return sorted(found, key=lambda item: item.name)


def read_files(
    found: Iterable[RuleFile], ours: Sequence[Rule] = ()
) -> tuple[list[Rule], list[Problem]]:
    """Rules of files, and every defect of them; a site's rule may override one of ours.

    Args:
        ours: rules that stand already.
    """
    rules = {rule.id: rule for rule in ours}
    standing = {rule.file for rule in ours}
    problems: list[Problem] = []
    for file in found:
        reader = Reader(file.label, file.stem, file.group)
        rule = reader.rule(file.text)
        problems += reader.problems
        if not is_draft(file.text):
            problems += unwritten(file.label, file.text)
        if rule is None:
            continue
        if rule.id in rules and not (file.site and rule.overrides):
            problems.append(
                Problem(
                    file.label,
                    rule.lines.get("id", 1),
                    f"{rule.id} exists in {rules[rule.id].file}",
                    "choose another id, or say `overrides: true` in a site's folder",
                )
            )
            continue
        rules[rule.id] = rule
    problems += check([rule for rule in rules.values() if rule.file not in standing])
    return sorted(rules.values(), key=lambda rule: rule.name), problems


def _with_params(
    rules: Sequence[Rule], params: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Rule], list[Problem]]:
    known = {rule.id: rule for rule in rules}
    problems = []
    for rule_id, values in params.items():
        rule = known.get(rule_id)
        if rule is None:
            problems.append(Problem("parameters", 0, f"no rule {rule_id}", "use a rule's id"))
            continue
        unknown = sorted(set(values) - set(rule.params))
        if unknown:
            problems.append(
                Problem(
                    "parameters", 0, f"{rule_id} has no parameter {', '.join(unknown)}",
                    "use " + ", ".join(rule.params),
                )
            )  # fmt: skip
            continue
        known[rule_id] = rule.with_params(values)
    return [known[rule.id] for rule in rules], problems


def rulebook_hash(rules: Sequence[Rule]) -> str:
    """Hash of what all rules mean together."""
    text = "\n".join(f"{rule.name} {rule.version} {rule.status}" for rule in rules)
    return sha256(text.encode()).hexdigest()[:16]
