"""Sets of rules as words of bits, and the words of each value of a column.

What rules ask of one column is decided once a distinct value. Lists of words, of which a library
has thousands, never become SQL: they are an index from word to rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

from detectors.rulebook.conjuncts import Conjunct

# Bits of a word, so that it stays a positive BIGINT.
WIDTH = 62


class Words:
    """Words of bits for some number of rules; a rule is numbered by its place."""

    def __init__(self, rules: int) -> None:
        self.rules = frozenset(range(rules))
        self.count = -(-rules // WIDTH)

    def of(self, rules: Iterable[int]) -> list[int]:
        """The words in which the bits of some rules stand."""
        found = [0] * self.count
        for number in rules:
            found[number // WIDTH] |= 1 << number % WIDTH
        return found

    def listed(self, expressions: Iterable[str]) -> str:
        """One expression a word, as columns ``w0``, ``w1`` …"""
        return ", ".join(f"cast({sql} as bigint) as w{n}" for n, sql in enumerate(expressions))

    def any_of(self, rules: Iterable[int]) -> str:
        """Whether a bit of some rules stands."""
        masks = [f"(w{n} & {word})" for n, word in enumerate(self.of(rules)) if word]
        return f"({' | '.join(masks) or '0'}) <> 0"


def look_up(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    column: str,
    asked: Mapping[int, Sequence[Conjunct]],
    words: Words,
) -> None:
    """Make a table of a column's values in ``screened`` (``v``) and the rules that each lets stand.

    Args:
        asked: by rule, what it asks of that column.
    """
    holds: dict[int, frozenset[str]] = {}
    lacks: dict[int, frozenset[str]] = {}
    others: dict[str, list[int]] = defaultdict(list)
    for number, parts in asked.items():
        for part in parts:
            if part.words and part.without:
                lacks[number] = lacks.get(number, frozenset()) | part.words
            elif part.words:
                holds[number] = holds.get(number, part.words) & part.words
        rest = [f"({part.sql})" for part in parts if not part.words]
        if rest:
            others[" and ".join(rest)].append(number)
    connection.register("given_words", _index(words, holds, lacks))
    met = _met(words, others)
    unasked = words.of(words.rules - set(holds)), words.of(words.rules - set(lacks))
    unlike = words.of(lacks)
    columns = [
        f"({unasked[0][n]} | coalesce(i.h{n}, 0)) & ({unasked[1][n]}"
        f' | case when "row"."{column}" is null then 0'
        f" else {unlike[n]} - coalesce(i.l{n}, 0) end) & ({met[n]})"
        for n in range(words.count)
    ]
    given = f'left join given_words i on i.v = "row"."{column}"' if holds or lacks else (
        f"cross join (select {', '.join(f'0 as h{n}, 0 as l{n}' for n in range(words.count))}) i"
    )  # fmt: skip
    connection.execute(
        f'create or replace temp table "{name}" as select "row"."{column}" as v,'
        f' {words.listed(columns)} from (select distinct "{column}" from "screened") as "row"'
        f" {given}"
    )
    connection.unregister("given_words")


def _index(
    words: Words, holds: Mapping[int, frozenset[str]], lacks: Mapping[int, frozenset[str]]
) -> pa.Table:
    """By listed word, the rules that it satisfies (``h0`` …) and those that it fails (``l0`` …)."""
    by_word: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for place, listed in enumerate((holds, lacks)):
        for number, given in listed.items():
            for word in given:
                by_word[word][place].append(number)
    rows = [
        {"v": word}
        | {f"h{n}": bits for n, bits in enumerate(words.of(satisfied))}
        | {f"l{n}": bits for n, bits in enumerate(words.of(failed))}
        for word, (satisfied, failed) in sorted(by_word.items())
    ]
    fields = [(f"{side}{n}", pa.int64()) for side in "hl" for n in range(words.count)]
    return pa.Table.from_pylist(rows, pa.schema([("v", pa.string()), *fields]))


def _met(words: Words, asked: Mapping[str, Sequence[int]]) -> list[str]:
    """The rules whose condition a value meets, and those that have none, one expression a word."""
    asking = {number for numbers in asked.values() for number in numbers}
    parts = [[str(bits)] for bits in words.of(words.rules - asking)]
    for sql, numbers in asked.items():
        for word, bits in enumerate(words.of(numbers)):
            if bits:
                parts[word].append(f"case when {sql} then {bits} else 0 end")
    return [" | ".join(part) for part in parts]
