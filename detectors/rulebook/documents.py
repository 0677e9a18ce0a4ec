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

# Libyaml's reader where PyYAML was built with it, else the same reader in Python.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STRING = "tag:yaml.org,2002:str"


class YamlFault(ValueError):
    """Text that cannot be read.

    Args:
        line: counted from 1; 0 where it is not known.
    """

    def __init__(self, line: int, fault: str, remedy: str) -> None:
        self.line, self.fault, self.remedy = line, fault, remedy
        super().__init__(f"line {line}: {fault}; {remedy}")


def _nothing(text: str) -> None:
    """What an empty value stands for."""


def _whole_number(text: str) -> int:
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _day(text: str) -> date:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


# What a scalar without quotes is, and how it is made; a text where none matches.
_PLAIN: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = tuple(
    (re.compile(f"(?:{pattern})\\Z"), make)
    for pattern, make in (
        ("~|null|Null|NULL|", _nothing),
        ("true|True|TRUE", lambda text: True),
        ("false|False|FALSE", lambda text: False),
        ("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", _whole_number),
        (r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", float),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)?", _day),
    )
)


class Document:
    """The plain value of a text, and the line of each mapping, sequence and key in it.

    Read from the parser's events: nodes, of which a library has some hundred thousand, would take
    twice the time.

    Raises:
        YamlFault: it is not YAML, a key stands twice, or it uses what rules do without (tags,
            aliases, keys that are no words).
    """

    def __init__(self, text: str) -> None:
        # By identity, as the values are plain; they live as long as the document does.
        self._lines: dict[int, int] = {}
        self._keys: dict[int, dict[str, int]] = {}
        try:
            self._next = yaml.parse(text, Loader=_LOADER).__next__
            self.value = self._whole()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 0
            remedy = "quote the text or mend the indent"
            raise YamlFault(line, f"not YAML ({error.problem})", remedy) from error
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            raise YamlFault(0, "not YAML (not text)", "save the file as UTF-8 text") from error
        except RecursionError as error:
            raise YamlFault(0, "nested too deep", "write it flatter") from error

    def line(self, value: Any, key: Any = None) -> int:
        """The line on which a mapping, a sequence or a mapping's key begins; 1 of anything else."""
        own = self._lines.get(id(value), 1)
        return own if key is None else self._keys.get(id(value), {}).get(str(key), own)

    def _whole(self) -> Any:
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        value = self._value(self._next())
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise _unwanted(after, "a second document")
        return value

    def _value(self, event: Any) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        # Refused, as a few lines of aliases can stand for more rows than a machine holds.
        if isinstance(event, yaml.AliasEvent):
            raise _unwanted(event, "an alias")
        if event.tag is not None:
            raise _unwanted(event, f"the tag {event.tag}")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event)
        made: list[Any] = []
        while not isinstance(item := self._next(), yaml.SequenceEndEvent):
            made.append(self._value(item))
        self._lines[id(made)] = _line(event)
        return made

    def _mapping(self, event: yaml.MappingStartEvent) -> dict[str, Any]:
        made: dict[str, Any] = {}
        lines: dict[str, int] = {}
        while not isinstance(name := self._next(), yaml.MappingEndEvent):
            if not isinstance(name, yaml.ScalarEvent) or name.tag is not None:
                raise _unwanted(name, "a key that is no word")
            key, line = name.value, _line(name)
            if key in lines:
                raise YamlFault(line, "a key stands twice", "keep one of the two")
            lines[key] = line
            made[key] = self._value(self._next())
        self._lines[id(made)] = _line(event)
        self._keys[id(made)] = lines
        return made


def _scalar(event: yaml.ScalarEvent) -> Any:
    if event.tag is not None and event.tag != _STRING:
        raise _unwanted(event, f"the tag {event.tag}")
    # Only what stands without quotes, and without the tag of a text, is anything but a text.
    return _plain(event.value) if event.implicit[0] else event.value


# The same words, ids and days come again and again in examples.
@lru_cache(maxsize=10_000)
def _plain(text: str) -> Any:
    make = next((make for pattern, make in _PLAIN if pattern.match(text)), str)
    try:
        return make(text)
    except ValueError:  # a day that no calendar has, a number beyond what is read
        return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _unwanted(event: yaml.Event, what: str) -> YamlFault:
    return YamlFault(_line(event), f"{what} is not read here", "write it out")
