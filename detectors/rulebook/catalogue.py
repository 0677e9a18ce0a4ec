"""The library for the command line: list, show, test, lint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from difflib import get_close_matches
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from detectors.rulebook.examples import Verdict, verdicts
from detectors.rulebook.library import Library, library
from detectors.rulebook.loader import RuleFile, defects, load_rules, packaged_files, written
from detectors.rulebook.problems import Problem, RuleError
from detectors.rulebook.rule import Rule
from detectors.rulebook.unwritten import is_draft, unwritten

# Beginning further processes takes as long as the examples of some rules.
MANY = 50


def rules_list(by: Library | None = None) -> list[dict[str, Any]]:
    """One row a rule: name, title, status, grain, weight, jurisdiction, number of examples."""
    return [
        {
            "name": rule.name,
            "title": rule.title,
            "status": rule.status,
            "grain": rule.grain,
            "weight": rule.weight,
            "jurisdiction": rule.jurisdiction,
            "examples": len(rule.examples),
            "version": rule.version,
        }
        for rule in _rules(by)
    ]


def rule_show(rule_id: str, by: Library | None = None) -> Rule:
    """The rule of an id or full name.

    Raises:
        RuleError: there is none.
    """
    return chosen_rules([rule_id], by)[0]


def chosen_rules(rule_ids: Sequence[str], by: Library | None = None) -> list[Rule]:
    """The rules of these ids or full names, in that order.

    Raises:
        RuleError: one or more are not there; all of them are named.
    """
    found: dict[str, list[Rule]] = {}
    for rule in _rules(by):
        for name in (rule.id, rule.name):
            found.setdefault(name, []).append(rule)
    missing = [_missing(name, found) for name in rule_ids if name not in found]
    if missing:
        raise RuleError(missing)
    return list({rule.file: rule for name in rule_ids for rule in found[name]}.values())


def _missing(name: str, known: Mapping[str, Any]) -> Problem:
    near = get_close_matches(name, known, 3)
    meant = f"did you mean {' or '.join(near)}?" if near else "see `vigie rules list`"
    remedy = f"{meant} A site's own are found with --folder"
    return Problem(name, 0, "no such rule", remedy)


def rule_text(rule: Rule) -> str:
    """The text of the rule's file."""
    for file in packaged_files():
        if file.label == rule.file:
            return file.text
    return Path(rule.file).read_text(encoding="utf-8")


def rules_test(rule_ids: Sequence[str] = (), by: Library | None = None) -> list[Verdict]:
    """The outcome of every example of the rules named, or of all.

    Raises:
        RuleError: there is no rule of a name given.
    """
    rules = chosen_rules(rule_ids, by) if rule_ids else _rules(by)
    if len(rules) < MANY:
        return [verdict for rule in rules for verdict in verdicts(rule)]
    # Processes of their own, as a notebook's may hold threads that a forked one would lack.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return list(chain.from_iterable(pool.map(verdicts, rules, chunksize=4)))


def rules_lint(
    paths: Sequence[str] = (), folders: Sequence[str] = (), params_file: str | None = None
) -> list[Problem]:
    """Every defect of rule files: of the package's own, or of files and folders named.

    Examples of files that are named are run too; ``rules_test`` runs those of ours.

    Args:
        folders: a site's own, looked at beside ours too, as a run takes them.
        params_file: a site's values of parameters, for ours and the site's.

    Raises:
        RuleError: a path names no rule file, or a file is no text.
    """
    found, missing = _named_files((*paths, *folders))
    if missing:
        raise RuleError(missing)
    problems = defects(found)
    if problems or not (folders or params_file):
        return problems
    try:
        library(folders, params_file)
    except RuleError as error:
        return list(error.problems)
    return []


def rules_unwritten(paths: Sequence[str] = ()) -> list[Problem]:
    """What drafts still leave to be written; no defect until they are to run."""
    found, _ = _named_files(paths)
    drafts = [file for file in found if is_draft(file.text)]
    return sorted(left for file in drafts for left in unwritten(file.label, file.text))


def _named_files(paths: Sequence[str]) -> tuple[list[RuleFile], list[Problem]]:
    """The rule files that are meant, and what names none; a folder may be a site's or a group."""
    found: list[RuleFile] = [] if paths else list(packaged_files())
    missing: list[Problem] = []
    for path in map(Path, paths):
        below = sorted(path.glob("*/*.yaml")) or sorted(path.glob("*.yaml"))
        named = below if path.is_dir() else [path] if path.is_file() else []
        if not named:
            remedy = "name a rule file, or a folder that holds <group>/<id>.yaml"
            missing.append(Problem(str(path), 0, "no rule file", remedy))
        for file in named:
            group = file.resolve().parent.name
            found.append(RuleFile(str(file), file.stem, group, written(file), True))
    return found, missing


def _rules(by: Library | None) -> Sequence[Rule]:
    return load_rules() if by is None else by.rules
