"""The sentence of a finding and its values, as SQL, so that they are made where the rows are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from detectors.rulebook.scope import Scope

_FILL = re.compile(r"\{([^{}]+)\}")


def text_literal(value: str) -> str:
    """A SQL string."""
    return "'" + value.replace("'", "''") + "'"


def placeholders(reason: str) -> list[str]:
    """Names in braces, in order, each once."""
    return list(dict.fromkeys(_FILL.findall(reason)))


def _value(name: str, scope: Scope) -> str:
    return scope.sql("{" + name + "}" if name in scope.values else name)


def reason_sql(reason: str, scope: Scope) -> str:
    """The reason with its values; a whole number is shown without decimals."""
    parts, last = [], 0
    for found in _FILL.finditer(reason):
        value = f"cast({_value(found.group(1), scope)} as varchar)"
        parts.append(text_literal(reason[last : found.start()]))
        parts.append(f"coalesce(regexp_replace({value}, '\\.0+$', ''), 'unknown')")
        last = found.end()
    parts.append(text_literal(reason[last:]))
    return " || ".join(part for part in parts if part != "''") or "''"


def fields_sql(names: Iterable[str], scope: Scope) -> str:
    """A JSON object of named values."""
    pairs = ", ".join(f"{text_literal(name)}, {_value(name, scope)}" for name in names)
    return f"cast(json_object({pairs}) as varchar)"
