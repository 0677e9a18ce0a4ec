"""A site's values of rules' parameters: one YAML file, rule id, parameter, value, read strictly.

Beside its parameters a rule's ``status`` may be set, so that a site retires what is not its law and
makes active what it has tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from detectors.rulebook.checks import check
from detectors.rulebook.documents import Document, YamlFault
from detectors.rulebook.problems import Problem, RuleError
from detectors.rulebook.rule import STATUSES, Rule

Values = Mapping[str, Mapping[str, Any]]
STATUS = "status"


def read_params(file: str, rules: Sequence[Rule]) -> Values:
    """The values that a file gives by rule id and parameter.

    Args:
        rules: those whose parameters may be set; each value is of its default's type.

    Raises:
        RuleError: it cannot be used; every defect is named with its line.
    """
    return _Reader(file, rules).values()


def with_values(rules: Sequence[Rule], values: Values) -> tuple[Rule, ...]:
    """The rules with a site's values in place of their defaults."""
    return tuple(_with(rule, values[rule.id]) if rule.id in values else rule for rule in rules)


def _with(rule: Rule, given: Mapping[str, Any]) -> Rule:
    changed = rule.with_params({k: v for k, v in given.items() if k in rule.params})
    return replace(changed, status=given.get(STATUS, rule.status))


class _Reader:
    """Reads one file; defects are collected."""

    def __init__(self, file: str, rules: Sequence[Rule]) -> None:
        self.file, self.rules = file, rules
        self.problems: list[Problem] = []
        # A rule may stand in several dated versions; a value holds for all that have it.
        self.defaults: dict[str, dict[str, Any]] = {}
        for rule in rules:
            self.defaults.setdefault(rule.id, {}).update(rule.params)

    def values(self) -> Values:
        """The file's values, once nothing is wrong with them."""
        document = self._document()
        given: Mapping[str, Any] = {}
        if document is not None and isinstance(document.value, Mapping):
            given = document.value
            for rule_id in given:
                self._rule(document, given, rule_id)
        elif document is not None and document.value is not None:
            self._fault(1, "not a mapping of rules", "write `rule_id: {parameter: value}`")
        if document is not None and not self.problems:
            self._bound(document, given)
        if self.problems:
            raise RuleError(self.problems)
        return given

    def _fault(self, line: int, fault: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, line, fault, remedy))

    def _document(self) -> Document | None:
        try:
            return Document(Path(self.file).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            self._fault(0, "no file of parameters that can be read", "name a YAML file in UTF-8")
        except YamlFault as error:
            self._fault(error.line, error.fault, error.remedy)
        return None

    def _rule(self, document: Document, given: Mapping[str, Any], rule_id: str) -> None:
        line, values = document.line(given, rule_id), given[rule_id]
        defaults = self.defaults.get(rule_id)
        if defaults is None:
            self._fault(line, f"no rule {rule_id}", _meant(rule_id, self.defaults))
            return
        if not isinstance(values, Mapping):
            example = ", ".join(f"{name}: {_written(v)}" for name, v in list(defaults.items())[:1])
            remedy = f"write `{rule_id}: {{{example}}}`" if example else "drop it: it has none"
            self._fault(line, f"{rule_id} is no mapping of parameters", remedy)
            return
        for name, value in values.items():
            line = document.line(values, name)
            if name == STATUS:
                if value not in STATUSES:
                    remedy = "use one of " + ", ".join(STATUSES)
                    self._fault(line, f"unknown status {value} of {rule_id}", remedy)
            elif name not in defaults:
                remedy = "use " + ", ".join(defaults) if defaults else "drop it: it has none"
                self._fault(line, f"{rule_id} has no parameter {name}", remedy)
            elif not _fits(value, defaults[name]):
                fault = f"{name} of {rule_id} is {_kind(value)}, not {_kind(defaults[name])}"
                self._fault(line, fault, f"write it like {_written(defaults[name])}")

    def _bound(self, document: Document, given: Mapping[str, Any]) -> None:
        """What the rules' conditions themselves refuse, such as part of a day."""
        changed = [rule for rule in with_values(self.rules, given) if rule.id in given]
        for problem in check(changed):
            rule_id = next(rule.id for rule in changed if rule.file == problem.file)
            remedy = f"give values that suit its conditions ({problem.remedy})"
            self._fault(document.line(given, rule_id), f"{rule_id}: {problem.fault}", remedy)


def _meant(rule_id: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(rule_id, known, 3)
    return f"did you mean {' or '.join(near)}?" if near else "use an id of `vigie rules list`"


def _kind(value: Any) -> str:
    """What a value is, in the author's words."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, list):
        kinds = sorted({_kind(item).removeprefix("a ") + "s" for item in value})
        return f"a list of {' and '.join(kinds)}" if kinds else "an empty list"
    if isinstance(value, int | float):
        return "a number"
    named: dict[type, str] = {
        str: "text", date: "a date", datetime: "a time", type(None): "nothing",
    }  # fmt: skip
    return named.get(type(value), "a mapping")


def _fits(value: Any, default: Any) -> bool:
    """Of the default's type; a parameter that is unset by default takes any single value."""
    if default is None:
        return not isinstance(value, list | dict)
    return _kind(value) == _kind(default)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
