"""From a YAML file to a rule: strict keys, every defect with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError

from claims.model import INPUT_TABLES
from detectors.rulebook import fields
from detectors.rulebook.examples import example_tables
from detectors.rulebook.problems import ExpressionError, Problem
from detectors.rulebook.rule import ALWAYS, GRAINS, STATUSES, Example, Extreme, Match, Rule
from detectors.rulebook.shared_views import VIEWS


class Reader:
    """Reads one file; defects are collected in ``problems``.

    Args:
        file: path as messages name it.
        stem: the file's name without ending, which is the rule's id.
    """

    def __init__(self, file: str, stem: str, group: str) -> None:
        self.file, self.stem, self.group = file, stem, group
        self.problems: list[Problem] = []

    def rule(self, text: str) -> Rule | None:
        """The rule, or ``None`` where the file is too broken to go on with."""
        loaded = self._load(text)
        if loaded is None:
            return None
        self._keys(loaded, "", fields.ANYWHERE + sum(fields.CLAUSES.values(), ()))
        for key in fields.REQUIRED:
            if loaded.get(key) in (None, "", []):
                self.fault(1, f"{key} is missing", f"add `{key}:`")
        if loaded.get("id") not in (None, self.stem):
            self.fault(_line(loaded, "id"), "id is not the file's name", f"call it {self.stem}")
        self._choice(loaded, "status", STATUSES)
        self._choice(loaded, "grain", GRAINS)
        if self.problems:
            return None
        self._clauses(loaded)
        built = self._built(loaded)
        return None if self.problems else built

    def fault(self, line: int, fault: str, remedy: str) -> None:
        """Note a defect."""
        self.problems.append(Problem(self.file, line, fault, remedy))

    def _load(self, text: str) -> Mapping[str, Any] | None:
        try:
            loaded = YAML(typ="rt").load(text)
        except DuplicateKeyError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self.fault(line, "a key stands twice", "keep one of the two")
            return None
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self.fault(line, f"not YAML ({error.problem})", "quote the text or mend the indent")
            return None
        if not isinstance(loaded, Mapping):
            self.fault(1, "not a mapping", "begin with `id:`")
            return None
        return loaded

    def _keys(self, node: Any, where: str, known: Iterable[str]) -> bool:
        if not isinstance(node, Mapping):
            self.fault(_line(node), f"{where} is not a mapping", "write `key: value` pairs")
            return False
        allowed = list(dict.fromkeys(known))
        for key in node:
            if key not in allowed:
                self.fault(
                    _line(node, key),
                    f"unknown key {where + '.' if where else ''}{key}",
                    "use one of " + ", ".join(allowed),
                )
        return True

    def _choice(self, loaded: Mapping[str, Any], key: str, choices: Sequence[str]) -> None:
        value = loaded.get(key)
        if value is not None and value not in choices:
            self.fault(
                _line(loaded, key), f"unknown {key} {value}", "use one of " + ", ".join(choices)
            )

    def _clauses(self, loaded: Mapping[str, Any]) -> None:
        grain = loaded["grain"]
        for key in loaded:
            if key not in fields.ANYWHERE and key not in fields.CLAUSES[grain]:
                self.fault(
                    _line(loaded, key),
                    f"{key} has no place in the grain {grain}",
                    "use " + ", ".join(fields.CLAUSES[grain]),
                )
        for key in fields.NEEDED_CLAUSES[grain]:
            if not loaded.get(key):
                self.fault(1, f"the grain {grain} needs {key}", f"add `{key}:`")
        if grain == "pair" and not (loaded.get("match") or loaded.get("together")):
            self.fault(1, "a pair without another row", "add `match:` or `together:`")
        rows = loaded.get("rows", fields.DEFAULT_ROWS[grain])
        if rows and rows not in VIEWS:
            self.fault(
                _line(loaded, "rows"), f"unknown view {rows}", "use one of " + ", ".join(VIEWS)
            )

    def _built(self, loaded: Mapping[str, Any]) -> Rule | None:
        matches = tuple(self._matches(loaded, "match", fields.MATCH_KEYS))
        absents = tuple(self._matches(loaded, "absent", fields.ABSENT_KEYS))
        extremes = tuple(self._extremes(loaded))
        needs = self._needs(loaded)
        effective = self._effective(loaded)
        rows = str(loaded.get("rows", fields.DEFAULT_ROWS[loaded["grain"]]))
        examples = tuple(self._examples(loaded, VIEWS[rows].table if rows in VIEWS else ""))
        if self.problems:
            return None
        texts = ("id", "title", "owner", "subject", "overpayment", "reason", "weight", "basis")
        values: dict[str, Any] = {key: str(loaded[key]) for key in texts}
        for key in (*fields.CONDITIONS, "evidence", "ask"):
            values[key] = str(loaded.get(key) or "")
        for key in ("let", "together", "measures", "derive"):
            clauses = loaded.get(key) or {}
            values[key] = {str(name): str(text) for name, text in clauses.items()}
        for key in ("key", "by", "optional", "false_positives"):
            values[key] = _texts(loaded.get(key))
        return Rule(
            **values,
            group=self.group,
            status=loaded["status"],
            grain=loaded["grain"],
            rows=rows,
            match=matches,
            absent=absents,
            extreme=extremes,
            needs=needs,
            effective=effective,
            examples=examples,
            jurisdiction=str(loaded.get("jurisdiction") or "generic"),
            params={str(k): _plain(v) for k, v in (loaded.get("params") or {}).items()},
            every=bool(loaded.get("every")),
            lookback=int(loaded.get("lookback") or 0),
            overrides=bool(loaded.get("overrides")),
            file=self.file,
            lines={str(key): _line(loaded, key) for key in loaded},
        )

    def _matches(
        self, loaded: Mapping[str, Any], key: str, known: tuple[str, ...]
    ) -> Iterable[Match]:
        for node in _listed(loaded.get(key)):
            if not self._keys(node, key, known):
                continue
            view = str(node.get("view", "same"))
            if view != "same" and view not in VIEWS:
                self.fault(_line(node), f"unknown view {view}", "use one of " + ", ".join(VIEWS))
            yield Match(
                view,
                str(node.get("as", "other")),
                str(node.get("where", "true")),
                _texts(node.get("order")),
                bool(node.get("excuse")),
            )

    def _extremes(self, loaded: Mapping[str, Any]) -> Iterable[Extreme]:
        for node in _listed(loaded.get("extreme")):
            if not self._keys(node, "extreme", fields.EXTREME_KEYS):
                continue
            if not node.get("measure"):
                self.fault(_line(node), "extreme without a measure", "name one in `measure`")
            yield Extreme(
                str(node.get("measure")),
                _texts(node.get("peers")),
                str(node.get("z", "3.5")),
                int(node.get("min_peers", 30)),
                bool(node.get("once")),
                str(node.get("as", "")),
                str(node.get("fence", "")),
            )

    def _needs(self, loaded: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        found = {}
        for table, columns in (loaded.get("needs") or {}).items():
            model = INPUT_TABLES.get(table)
            unknown = [c for c in columns or () if model and c not in model.names]
            if model is None or unknown:
                what = f"column {', '.join(unknown)} of {table}" if model else f"table {table}"
                self.fault(_line(loaded["needs"], table), f"unknown {what}", "see the claims model")
            found[str(table)] = _texts(columns)
        return found

    def _effective(self, loaded: Mapping[str, Any]) -> tuple[date, date]:
        node = loaded.get("effective") or {}
        if not self._keys(node, "effective", fields.EFFECTIVE_KEYS):
            return ALWAYS
        days = (node.get("from", ALWAYS[0]), node.get("to", ALWAYS[1]))
        if not all(isinstance(day, date) for day in days) or days[0] > days[1]:
            self.fault(
                _line(loaded, "effective"), "effective is no span", "write {from: 2020-01-01}"
            )
            return ALWAYS
        return days

    def _examples(self, loaded: Mapping[str, Any], table: str) -> Iterable[Example]:
        node = loaded["examples"]
        if not self._keys(node, "examples", ("flagged", "clear")):
            return
        for kind in ("flagged", "clear"):
            if not node.get(kind):
                self.fault(_line(loaded, "examples"), f"no {kind} example", f"add one under {kind}")
            for example in node.get(kind) or ():
                expect = example.get("expect") or {}
                self._keys(expect, "expect", fields.EXPECT_KEYS)
                money = expect.get("overpayment")
                try:
                    tables = example_tables(_plain(example), table)
                except ExpressionError as error:
                    self.fault(_line(example), error.fault, error.remedy)
                    continue
                yield Example(
                    kind == "flagged",
                    tables,
                    _texts(expect["rows"]) if "rows" in expect else None,
                    None if money is None else str(money),
                    tuple(_plain(example.get("sets") or ())),
                    _line(example),
                    str(example.get("note", "")),
                    str(expect["reason"]) if "reason" in expect else None,
                    float(expect["weight"]) if "weight" in expect else None,
                )


def _line(node: Any, key: Any = None) -> int:
    place = getattr(node, "lc", None)
    if place is None or place.line is None:
        return 1
    if key is not None and key in node:
        return int(place.key(key)[0]) + 1
    return int(place.line) + 1


def _listed(node: Any) -> list[Any]:
    if node is None:
        return []
    return list(node) if isinstance(node, list) else [node]


def _texts(node: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in _listed(node))


def _plain(node: Any) -> Any:
    """A value without the reader's own types."""
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if isinstance(node, bool) or node is None or isinstance(node, date):
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node
