"""A YAML file read strictly: keys and values that are known, each defect with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from detectors.rulebook.documents import Document, YamlFault
from detectors.rulebook.problems import Problem

# Names are written into SQL as they are, between quotes.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FILE_NAME = re.compile(r"[\w .-]+")


class StrictFile:
    """Reads one file; defects are collected in ``problems``.

    Args:
        file: path as messages name it.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.line: Callable[..., int] = lambda *_: 1

    def fault(self, line: int, fault: str, remedy: str) -> None:
        """Note a defect."""
        self.problems.append(Problem(self.file, line, fault, remedy))

    def mapping(self, text: str, remedy: str) -> Mapping[str, Any] | None:
        """The file's mapping, or ``None`` where it holds none."""
        try:
            document = Document(text)
        except YamlFault as error:
            self.fault(error.line, error.fault, error.remedy)
            return None
        self.line = document.line
        loaded = document.value
        if not isinstance(loaded, Mapping):
            self.fault(1, "not a mapping", remedy)
            return None
        return loaded

    def keys(self, node: Any, where: str, known: Iterable[str]) -> bool:
        """Whether a node is a mapping; its keys that are not known are noted."""
        if not isinstance(node, Mapping):
            self.fault(self.line(node), f"{where} is not a mapping", "write `key: value` pairs")
            return False
        allowed = list(dict.fromkeys(known))
        for key in node:
            if key not in allowed:
                self.fault(
                    self.line(node, key),
                    f"unknown key {where + '.' if where else ''}{key}",
                    "use one of " + ", ".join(allowed),
                )
        return True

    def choice(self, loaded: Mapping[str, Any], key: str, choices: Sequence[str]) -> None:
        """Note a value that is none of those it may be."""
        value = loaded.get(key)
        if value is not None and value not in choices:
            self.fault(
                self.line(loaded, key),
                f"unknown {key} {value}",
                "use one of " + ", ".join(choices),
            )

    def number(self, node: Mapping[str, Any], key: str, otherwise: int) -> int:
        """A whole number; anything else is noted."""
        value = node.get(key, otherwise)
        if type(value) is int:
            return value
        self.fault(self.line(node, key), f"{key} is no whole number", f"write `{key}: 30`")
        return otherwise

    def names(self, node: Mapping[str, Any], key: str, names: Iterable[Any]) -> None:
        """Note what is no name of a column, as the rule writes it under a key."""
        for name in names:
            if not NAME.fullmatch(str(name)):
                remedy = "use letters, digits and underscores"
                self.fault(self.line(node, key), f"a name in {key} is no word", remedy)
