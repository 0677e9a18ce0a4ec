"""From a YAML file to a rule: strict keys, every defect with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from claims.model import INPUT_TABLES
from detectors.rulebook import fields
from detectors.rulebook.examples import example_tables
from detectors.rulebook.problems import ExpressionError
from detectors.rulebook.rule import ALWAYS, GRAINS, STATUSES, Example, Extreme, Match, Rule
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.strictness import FILE_NAME, NAME, StrictFile


class Reader(StrictFile):
    """Reads one rule; defects are collected in ``problems``.

    Args:
        file: path as messages name it.
        stem: the file's name without ending: the rule's id, and after an ``@`` the first day of a
            dated version.
    """

    def __init__(self, file: str, stem: str, group: str) -> None:
        super().__init__(file)
        self.group = group
        self.stem, _, self.edition = stem.partition("@")

    def rule(self, text: str) -> Rule | None:
        """The rule, or ``None`` where the file is too broken to go on with."""
        loaded = self.mapping(text, "begin with `id:`")
        if loaded is None:
            return None
        self.keys(loaded, "", fields.ANYWHERE + sum(fields.CLAUSES.values(), ()))
        for key in fields.REQUIRED:
            if loaded.get(key) in (None, "", []):
                self.fault(1, f"{key} is missing", f"add `{key}:`")
        if loaded.get("id") not in (None, self.stem):
            self.fault(self.line(loaded, "id"), "id is not the file's name", f"call it {self.stem}")
        if not (NAME.fullmatch(self.stem) and FILE_NAME.fullmatch(self.group)):
            self.fault(0, "a file or folder name that is no word", "use letters and underscores")
        self.choice(loaded, "status", STATUSES)
        self.choice(loaded, "grain", GRAINS)
        for key in fields.MAPPINGS:
            if not isinstance(loaded.get(key) or {}, Mapping):
                self.fault(self.line(loaded, key), f"{key} is not a mapping", "name each part")
            else:
                self.names(loaded, key, loaded.get(key) or ())
        if self.problems:
            return None
        self._clauses(loaded)
        built = self._built(loaded)
        return None if self.problems else built

    def _clauses(self, loaded: Mapping[str, Any]) -> None:
        grain = loaded["grain"]
        for key in loaded:
            if key not in fields.ANYWHERE and key not in fields.CLAUSES[grain]:
                self.fault(
                    self.line(loaded, key),
                    f"{key} has no place in the grain {grain}",
                    "use " + ", ".join(fields.CLAUSES[grain]),
                )
        for key in fields.NEEDED_CLAUSES[grain]:
            if not loaded.get(key):
                self.fault(1, f"the grain {grain} needs {key}", f"add `{key}:`")
        if grain == "pair" and not (loaded.get("match") or loaded.get("together")):
            self.fault(1, "a pair without another row", "add `match:` or `together:`")
        rows = str(loaded.get("rows", fields.DEFAULT_ROWS[grain]))
        if rows and rows not in VIEWS:
            self.fault(
                self.line(loaded, "rows"), f"unknown view {rows}", "use one of " + ", ".join(VIEWS)
            )

    def _built(self, loaded: Mapping[str, Any]) -> Rule | None:
        matches = tuple(self._matches(loaded, "match", fields.MATCH_KEYS))
        absents = tuple(self._matches(loaded, "absent", fields.ABSENT_KEYS))
        extremes = tuple(self._extremes(loaded))
        needs = self._needs(loaded)
        effective = self._effective(loaded)
        if self.edition not in ("", str(effective[0])):
            self.fault(
                self.line(loaded, "effective"),
                f"a version named {self.edition} is in force from {effective[0]}",
                f"call the file {self.stem}@{effective[0]}.yaml, or mend `effective`",
            )
        rows = str(loaded.get("rows", fields.DEFAULT_ROWS[loaded["grain"]]))
        examples = tuple(self._examples(loaded, VIEWS[rows].table if rows in VIEWS else ""))
        lookback = self.number(loaded, "lookback", 0)
        if self.problems:
            return None
        texts = ("id", "title", "owner", "subject", "overpayment", "reason", "weight", "basis")
        values: dict[str, Any] = {key: str(loaded[key]) for key in texts}
        for key in (*fields.CONDITIONS, "evidence", "ask"):
            values[key] = str(loaded.get(key) or "")
        for key in ("let", "together", "measures", "derive"):
            clauses = loaded.get(key) or {}
            values[key] = {name: str(text) for name, text in clauses.items()}
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
            edition=self.edition,
            examples=examples,
            jurisdiction=str(loaded.get("jurisdiction") or "generic"),
            params=dict(loaded.get("params") or {}),
            every=bool(loaded.get("every")),
            lookback=lookback,
            overrides=bool(loaded.get("overrides")),
            file=self.file,
            lines={key: self.line(loaded, key) for key in loaded},
        )

    def _matches(
        self, loaded: Mapping[str, Any], key: str, known: tuple[str, ...]
    ) -> Iterable[Match]:
        for node in _listed(loaded.get(key)):
            if not self.keys(node, key, known):
                continue
            view = str(node.get("view", "same"))
            if view != "same" and view not in VIEWS:
                self.fault(
                    self.line(node), f"unknown view {view}", "use one of " + ", ".join(VIEWS)
                )
            self.names(loaded, key, [node.get("as", "other")])
            yield Match(
                view,
                str(node.get("as", "other")),
                str(node.get("where", "true")),
                _texts(node.get("order")),
                bool(node.get("excuse")),
            )

    def _extremes(self, loaded: Mapping[str, Any]) -> Iterable[Extreme]:
        for node in _listed(loaded.get("extreme")):
            if not self.keys(node, "extreme", fields.EXTREME_KEYS):
                continue
            if not node.get("measure"):
                self.fault(self.line(node), "extreme without a measure", "name one in `measure`")
            named = [node.get("measure"), *_texts(node.get("peers")), node.get("as", "other")]
            self.names(loaded, "extreme", named)
            yield Extreme(
                str(node.get("measure")),
                _texts(node.get("peers")),
                str(node.get("z", "3.5")),
                self.number(node, "min_peers", 30),
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
                self.fault(
                    self.line(loaded["needs"], table), f"unknown {what}", "see the claims model"
                )
            found[table] = _texts(columns)
        return found

    def _effective(self, loaded: Mapping[str, Any]) -> tuple[date, date]:
        node = loaded.get("effective") or {}
        if not self.keys(node, "effective", fields.EFFECTIVE_KEYS):
            return ALWAYS
        days = (node.get("from", ALWAYS[0]), node.get("to", ALWAYS[1]))
        if not all(isinstance(day, date) for day in days) or days[0] > days[1]:
            self.fault(
                self.line(loaded, "effective"), "effective is no span", "write {from: 2020-01-01}"
            )
            return ALWAYS
        return days

    def _examples(self, loaded: Mapping[str, Any], table: str) -> Iterable[Example]:
        node = loaded["examples"]
        if not self.keys(node, "examples", ("flagged", "clear")):
            return
        for kind in ("flagged", "clear"):
            if not node.get(kind):
                self.fault(
                    self.line(loaded, "examples"), f"no {kind} example", f"add one under {kind}"
                )
            for example in _listed(node.get(kind)):
                made = self._example(kind == "flagged", example, table)
                if made:
                    yield made

    def _example(self, flagged: bool, example: Any, table: str) -> Example | None:
        if not isinstance(example, Mapping):
            self.fault(self.line(example), "an example is not a mapping", "write its rows")
            return None
        expect = example.get("expect") or {}
        if not self.keys(expect, "expect", fields.EXPECT_KEYS):
            return None
        sets = _listed(example.get("sets"))
        if not all(isinstance(row, Mapping) and {"code_set", "code"} <= row.keys() for row in sets):
            remedy = "write sets: [{code_set: its_name, code: X1}]"
            self.fault(self.line(example), "sets hold a row without code_set and code", remedy)
            return None
        money = expect.get("overpayment")
        try:
            tables = example_tables(example, table)
        except ExpressionError as error:
            self.fault(self.line(example), error.fault, error.remedy)
            return None
        return Example(
            flagged,
            tables,
            _texts(expect["rows"]) if "rows" in expect else None,
            None if money is None else str(money),
            tuple(sets),
            self.line(example),
            str(example.get("note", "")),
            str(expect["reason"]) if "reason" in expect else None,
            float(expect["weight"]) if "weight" in expect else None,
        )


def _listed(node: Any) -> list[Any]:
    if node is None:
        return []
    return list(node) if isinstance(node, list) else [node]


def _texts(node: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in _listed(node))
