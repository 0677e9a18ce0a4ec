"""YAML as rules are written in it: the values of YAML 1.2, a key once, and where each stands.

PyYAML's own reading is that of YAML 1.1, where ``no`` is false, ``010`` is eight and ``12:30`` is
750; codes in rules and examples must stay what they are, so the scalars are those of the core
schema of YAML 1.2.2 (section 10.3.2) without infinities, and dates and times besides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"
_STRING = _TAG + "str"


class YamlFault(ValueError):
    """Text that cannot be read.

    Args:
        line: counted from 1; 0 where it is not known.
    """

    def __init__(self, line: int, fault: str, remedy: str) -> None:
        self.line, self.fault, self.remedy = line, fault, remedy
        super().__init__(f"line {line}: {fault}; {remedy}")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Libyaml's reader with the plain scalars of YAML 1.2."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """The tag of a node that bears none."""
        if kind is yaml.ScalarNode:
            return _plain_tag(value) if implicit[0] else _STRING
        return _TAG + ("map" if kind is yaml.MappingNode else "seq")

    def descend_resolver(self, *place: Any) -> None:
        """Tags do not depend on the place."""

    def ascend_resolver(self) -> None:
        """Tags do not depend on the place."""


_PLAIN = tuple(
    (_TAG + name, re.compile(f"(?:{pattern})\\Z"))
    for name, pattern in (
        ("null", "~|null|Null|NULL|"),
        ("bool", "true|True|TRUE|false|False|FALSE"),
        ("int", "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
        ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"),
        ("timestamp", r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?)?"),
    )
)


# The same words, ids and days come again and again in examples.
@lru_cache(maxsize=10_000)
def _plain_tag(value: str) -> str:
    return next((tag for tag, pattern in _PLAIN if pattern.match(value)), _STRING)


def _day(text: str) -> date:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


_VALUES: dict[str, Callable[[str], Any]] = {
    _STRING: str,
    _TAG + "bool": lambda text: text.lower() == "true",
    _TAG + "null": lambda text: None,
    _TAG + "int": lambda text: int(text, 0) if text[:2] in ("0o", "0x") else int(text),
    _TAG + "float": float,
    _TAG + "timestamp": _day,
}


class Document:
    """The plain value of a text, and the line of each mapping, sequence and key in it.

    Raises:
        YamlFault: it is not YAML, a key stands twice, or it uses what rules do without (tags,
            anchors, keys that are no words).
    """

    def __init__(self, text: str) -> None:
        # By identity, as the values are plain; they live as long as the document does.
        self._nodes: dict[int, yaml.Node] = {}
        self._read: set[int] = set()
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 0
            remedy = "quote the text or mend the indent"
            raise YamlFault(line, f"not YAML ({error.problem})", remedy) from error
        except yaml.YAMLError as error:
            raise YamlFault(0, "not YAML (not text)", "save the file as UTF-8 text") from error
        finally:
            loader.dispose()
        self.value = None if root is None else self._value(root)

    def line(self, value: Any, key: Any = None) -> int:
        """The line on which a mapping, a sequence or a mapping's key begins; 1 of anything else."""
        node = self._nodes.get(id(value))
        if node is None:
            return 1
        if key is not None and isinstance(node, yaml.MappingNode):
            for name, _ in node.value:
                if name.value == str(key):
                    return int(name.start_mark.line) + 1
        return int(node.start_mark.line) + 1

    def _value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if node.tag not in (_TAG + "map", _TAG + "seq"):
            raise _unwanted(node, f"the tag {node.tag}")
        # Refused, as a few lines of aliases can stand for more rows than a machine holds.
        if id(node) in self._read:
            raise _unwanted(node, "an alias")
        self._read.add(id(node))
        made: Any = (
            self._mapping(node)
            if isinstance(node, yaml.MappingNode)
            else [self._value(item) for item in node.value]
        )
        self._nodes[id(made)] = node
        return made

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, item in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise _unwanted(name, "a key that is no word")
            if name.value in made:
                line = name.start_mark.line + 1
                raise YamlFault(line, "a key stands twice", "keep one of the two")
            made[name.value] = self._value(item)
        return made


def _scalar(node: yaml.ScalarNode) -> Any:
    make = _VALUES.get(node.tag)
    if make is None:
        raise _unwanted(node, f"the tag {node.tag}")
    try:
        return make(node.value)
    except ValueError:  # a day that no calendar has
        return node.value


def _unwanted(node: yaml.Node, what: str) -> YamlFault:
    return YamlFault(node.start_mark.line + 1, f"{what} is not read here", "write it out")
