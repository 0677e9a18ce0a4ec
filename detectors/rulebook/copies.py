"""Rows of an example as written, ``copies`` among them; repeated only once they are read.

Examples repeat rows some million times together, and most who load the rules run none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from detectors.rulebook.problems import ExpressionError

COPIES = "copies"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Repeated(Mapping[str, tuple[Row, ...]]):
    """Rows by table; one with ``copies`` stands for ``n``, or for every pair of ``[n, m]``.

    ``{n}`` and ``{m}`` in their texts count from 1.

    Args:
        written: the rows as their author wrote them, by table.
    """

    written: Mapping[str, Sequence[Row]]

    def __getitem__(self, table: str) -> tuple[Row, ...]:
        return tuple(copy for row in self.written[table] for copy in _copies(row))

    def __iter__(self) -> Iterator[str]:
        return iter(self.written)

    def __len__(self) -> int:
        return len(self.written)


def repeated(written: Mapping[str, Any]) -> Repeated:
    """The rows that an example gives by table.

    Raises:
        ExpressionError: they are no rows, or ``copies`` is no number of them.
    """
    for table, rows in written.items():
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise ExpressionError(
                f"the example's {table} are no rows", f"write `{table}: [{{column: value}}]`"
            )
        if not all(_counted(row.get(COPIES, 1)) for row in rows):
            raise ExpressionError(
                f"copies of {table} is no number", "write `copies: 30` or `copies: [5, 6]`"
            )
    return Repeated(written)


def _counted(times: Any) -> bool:
    numbers = times if isinstance(times, list) and len(times) == 2 else [times]
    return all(type(number) is int and number >= 0 for number in numbers)


def _copies(row: Row) -> Iterator[Row]:
    kept = {key: value for key, value in row.items() if key != COPIES}
    times = row.get(COPIES, 1)
    first, second = times if isinstance(times, list) else (times, 1)
    for n, m in product(range(1, first + 1), range(1, second + 1)):
        yield {key: _numbered(value, n, m) for key, value in kept.items()}


def _numbered(value: Any, n: int, m: int) -> Any:
    if not isinstance(value, str):
        return value
    return value.replace("{n}", str(n)).replace("{m}", str(m))
