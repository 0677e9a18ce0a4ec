"""The library: rule files of the package and of a site, read strictly, all defects at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from detectors.rulebook import sound
from detectors.rulebook.checks import check
from detectors.rulebook.examples import verdicts
from detectors.rulebook.problems import Problem, RuleError
from detectors.rulebook.reading import Reader
from detectors.rulebook.rule import Rule
from detectors.rulebook.unwritten import is_draft, unwritten
from detectors.rulebook.versions import clashes, together

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


def load_rules(folders: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The rules of the package and of a site's folders, by name.

    Args:
        folders: folders laid out as ours, ``<group>/<id>.yaml`` or ``<id>@<first day>.yaml``.

    Raises:
        RuleError: one or more files cannot be used; every defect is listed.
    """
    ours, problems = _ours()
    rules, more = list(ours), list(problems)
    if folders:
        rules, found = read_files(site_files(folders), ours)
        more += found
    if more:
        raise RuleError(more)
    return tuple(rules)


@cache
def _ours() -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    # Their expressions were checked before they were shipped, by lint in the suite; to check them
    # anew in each process takes longer than most of what is then done with them.
    rules, problems = _read(packaged_files())
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
            yield RuleFile(f"{label}/{file.name}", stem, group.name, written(file), site)


def written(file: Traversable) -> str:
    """The text of a rule file; what is not UTF-8 stays in it, for the reader to refuse."""
    return file.read_bytes().decode("utf-8", "surrogateescape")


def _sorted(found: Iterable[Traversable]) -> list[Traversable]:
    return sorted(found, key=lambda item: item.name)


def read_files(
    found: Iterable[RuleFile], ours: Sequence[Rule] = ()
) -> tuple[list[Rule], list[Problem]]:
    """Rules of files, and every defect of them; a site's rule may override one of ours.

    A site's examples are run, where its rule has no other defect; ours are by ``rules_test``.

    Args:
        ours: rules that stand already, and are not checked again.
    """
    files_found = list(found)
    rules, problems = _read(files_found, ours)
    standing = {rule.file for rule in ours}
    added = [rule for rule in rules if rule.file not in standing]
    problems += check(added)
    faulty = {problem.file for problem in problems}
    of_site = {file.label for file in files_found if file.site} - faulty
    problems += [
        verdict.problem
        for rule in added
        if rule.file in of_site
        for verdict in verdicts(rule)
        if not verdict.passed
    ]
    return rules, problems


def defects(found: Sequence[RuleFile]) -> list[Problem]:
    """Every defect of files; those found sound before, to the letter, are not looked at again."""
    known = sound.known()
    count = Counter(_id_of(file) for file in found)
    keys = {
        file.label: sound.key(str(file.site), file.group, file.stem, file.text) for file in found
    }
    # Whether one id stands twice depends on the other files.
    looked_at = [file for file in found if keys[file.label] not in known or count[_id_of(file)] > 1]
    problems = sorted(read_files(looked_at)[1]) if looked_at else []
    faulty = {problem.file for problem in problems}
    fresh = {keys[file.label] for file in looked_at if file.label not in faulty}
    sound.remember(known, fresh)
    return problems


def _id_of(file: RuleFile) -> str:
    return file.stem.partition("@")[0]


def _read(found: Iterable[RuleFile], ours: Sequence[Rule] = ()) -> tuple[list[Rule], list[Problem]]:
    """Rules by name and first day in force, and what is wrong with how they are written."""
    added: list[tuple[Rule, bool]] = []
    problems: list[Problem] = []
    for file in found:
        reader = Reader(file.label, file.stem, file.group)
        rule = reader.rule(file.text)
        problems += reader.problems
        if not is_draft(file.text):
            problems += unwritten(file.label, file.text)
        if rule is not None:
            added.append((rule, file.site))
    rules = together(ours, added)
    return rules, problems + clashes(rules, ours)


def rulebook_hash(rules: Sequence[Rule]) -> str:
    """Hash of what all rules mean together."""
    text = "\n".join(f"{rule.dated_name} {rule.version} {rule.status}" for rule in rules)
    return sha256(text.encode()).hexdigest()[:16]
