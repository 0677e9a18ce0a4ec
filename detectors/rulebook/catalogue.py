"""The library for the command line: list, show, test, lint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from detectors.rulebook import loader
from detectors.rulebook.examples import Verdict, verdicts
from detectors.rulebook.loader import RuleFile, load_rules, packaged_files, read_files, site_files
from detectors.rulebook.problems import Problem, RuleError
from detectors.rulebook.rule import Rule


def rules_list(folders: Sequence[str] = ()) -> list[dict[str, Any]]:
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
        for rule in load_rules(folders)
    ]


def rule_show(rule_id: str, folders: Sequence[str] = ()) -> Rule:
    """The rule of an id or full name.

    Raises:
        RuleError: there is none.
    """
    for rule in load_rules(folders):
        if rule_id in (rule.id, rule.name):
            return rule
    raise RuleError([Problem(rule_id, 0, "no such rule", "see `vigie rules list`")])


def rule_text(rule: Rule) -> str:
    """The text of the rule's file."""
    for file in packaged_files():
        if file.label == rule.file:
            return file.text
    return Path(rule.file).read_text(encoding="utf-8")


def rules_test(rule_ids: Sequence[str] = (), folders: Sequence[str] = ()) -> list[Verdict]:
    """The outcome of every example (of the rules named, or of all)."""
    wanted = set(rule_ids)
    return [
        verdict
        for rule in load_rules(folders)
        if not wanted or wanted & {rule.id, rule.name}
        for verdict in verdicts(rule)
    ]


def rules_lint(paths: Sequence[str] = ()) -> list[Problem]:
    """Every defect of rule files: of the package's own, or of files and folders named."""
    found: list[RuleFile] = []
    for path in map(Path, paths):
        if path.is_dir():
            found += site_files([str(path)])
        elif not path.is_file():
            return [Problem(str(path), 0, "no such file or folder", "name a rule file or folder")]
        else:
            text = path.read_text(encoding="utf-8")
            found.append(RuleFile(str(path), path.stem, path.parent.name, text, True))
    return sorted(read_files(found if paths else packaged_files())[1])


def rulebook_hash(folders: Sequence[str] = ()) -> str:
    """Hash of what all rules mean together, as a run records it."""
    return loader.rulebook_hash(load_rules(folders))
