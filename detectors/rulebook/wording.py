"""The sentence of a finding and its values, as SQL, so that they are made where the rows are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from detectors.rulebook.scope import Scope

RUN_DATES = ("period_start", "period_end")
_FILL = re.compile(r"\{([^{}]+)\}")


def text_literal(value: str) -> str:
    """A SQL string."""
    return "'" + value.replace("'", "''") + "'"


def placeholders(reason: str) -> list[str]:
    """Names in braces, in order, each once."""
    return list(dict.fromkeys(_FILL.findall(reason)))


def _value(name: str, scope: Scope) -> str:
    return scope.sql("{" + name + "}" if _given(name, scope) else name)


def _given(name: str, scope: Scope) -> bool:
    """A row's own column comes before the dates of the run, which bear such names too."""
    own = name in RUN_DATES and scope.row is not None and scope.row.column((name,)) is not None
    return name in scope.values and not own


def reason_sql(reason: str, scope: Scope) -> str:
    """The reason with its values: amounts grouped in thousands, whole numbers without decimals."""
    parts, last = [], 0
    for found in _FILL.finditer(reason):
        parts.append(text_literal(reason[last : found.start()]))
        name = found.group(1)
        kind = _literal_kind(scope.values[name]) if _given(name, scope) else scope.kind(name)
        parts.append(f"coalesce({_shown(_value(name, scope), kind)}, 'unknown')")
        last = found.end()
    parts.append(text_literal(reason[last:]))
    return " || ".join(part for part in parts if part != "''") or "''"


def _literal_kind(value: Any) -> str:
    """As texts the words, whole numbers and days of parameters are what they are."""
    return "varchar" if isinstance(value, str | int | date) else ""


def _shown(value: str, kind: str) -> str:
    """A value as text.

    Args:
        kind: its type, where that is known before it is read.
    """
    # By type and not by look, as codes of digits (99213, E11.0) must stay what they are.
    if kind.startswith("decimal"):
        return _grouped(f"cast({value} as double)")
    if kind not in ("", "double"):
        return f"cast({value} as varchar)"
    number = f"try_cast({value} as double)"
    return (
        f"case when typeof({value}) like 'DECIMAL%'"
        f" or (typeof({value}) = 'DOUBLE' and abs({number}) >= 1)"
        f" then {_grouped(number)} else cast({value} as varchar) end"
    )


def _grouped(number: str) -> str:
    return f"regexp_replace(format('{{:,.2f}}', {number}), '\\.00$', '')"


def fields_sql(names: Iterable[str], scope: Scope) -> str:
    """A JSON object of named values."""
    pairs = ", ".join(f"{text_literal(name)}, {_value(name, scope)}" for name in names)
    return f"cast(json_object({pairs}) as varchar)"
