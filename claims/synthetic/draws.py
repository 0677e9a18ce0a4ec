"""Deterministic chance in SQL: a draw is a hash of seed, stream and ids, never a generator's state.

The same row therefore gets the same draw on any number of partitions and machines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

# Ids are permuted over a prime field, so that neighbouring rows do not have neighbouring ids.
FIELD = 999_999_937
STEP = 387_420_489
UNIT = "1.1102230246251565E-16D"


@dataclass(frozen=True)
class Draws:
    """SQL texts of independent draws.

    Args:
        seed: the population's seed.
    """

    seed: int

    def uniform(self, stream: str, *ids: str) -> str:
        """A double in [0, 1) for the ids, another one for every stream (53 bits of xxhash64)."""
        named = ", ".join(f"cast({one} as bigint)" for one in ids)
        return f"(shiftrightunsigned(xxhash64({self.seed}L, '{stream}', {named}), 11) * {UNIT})"

    def normal(self, stream: str, *ids: str) -> str:
        """A standard normal double (Box and Muller 1958)."""
        first = self.uniform(f"{stream}/radius", *ids)
        second = self.uniform(f"{stream}/angle", *ids)
        return f"(sqrt(-2 * ln({first} + 1e-12D)) * cos({2 * math.pi!r}D * {second}))"

    def whole(self, low: str | int, high: str | int, stream: str, *ids: str) -> str:
        """An int in [low, high], both ends included, all alike."""
        draw = self.uniform(stream, *ids)
        return f"cast(({low}) + floor((({high}) - ({low}) + 1) * {draw}) as int)"

    def pick(self, values: Sequence[str], stream: str, *ids: str) -> str:
        """One of the texts, all alike."""
        listed = ", ".join(quoted(value) for value in values)
        return f"element_at(array({listed}), {self.whole(1, len(values), stream, *ids)})"

    def claim_id(self, *ids: str) -> str:
        """The id of a claim or payment that the ids name: sixteen hexadecimal digits."""
        named = ", ".join(f"cast({one} as bigint)" for one in ids)
        return f"lpad(hex(xxhash64({self.seed}L, 'claim', {named})), 16, '0')"


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(prefix: str, number: str) -> str:
    """SQL text of the public id of a subject's number: prefix and nine digits."""
    return (
        f"concat('{prefix}', lpad(cast((cast({number} as bigint) * {STEP}L + 123456789L) "
        f"% {FIELD}L as string), 9, '0'))"
    )


def identifier_of(prefix: str, number: int) -> str:
    """The same id as :func:`identifier`, in Python."""
    return f"{prefix}{(number * STEP + 123456789) % FIELD:09d}"


def money(amount: str) -> str:
    """An amount in euro and cents as the model stores it."""
    return f"cast(round({amount}, 2) as decimal(18,2))"


def by_share(draw: str, shares: Sequence[float]) -> str:
    """The index (int) whose share of [0, 1) holds the draw; the last takes the rest."""
    cases, upper = "", 0.0
    for index, share in enumerate(shares[:-1]):
        upper += share
        cases += f" when {draw} < {upper:.9f}D then {index}"
    return f"case{cases} else {len(shares) - 1} end"


def extend(frame: DataFrame, **columns: str) -> DataFrame:
    """The frame with further columns; a later one may name an earlier one."""
    return frame.selectExpr("*", *[f"{text} as {name}" for name, text in columns.items()])


def select(frame: DataFrame, columns: Mapping[str, str]) -> DataFrame:
    """Only these columns, each from its SQL text."""
    return frame.selectExpr(*[f"{text} as {name}" for name, text in columns.items()])
