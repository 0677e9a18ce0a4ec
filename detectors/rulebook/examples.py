"""The examples of a rule: tiny tables made of the rows that its file gives."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

import duckdb
import pyarrow as pa

from claims.adjustments import HISTORIES
from claims.buckets import SOUND
from claims.model import INPUT_TABLES
from detectors.rulebook.code_sets import at_hand
from detectors.rulebook.evaluate import Outcome, describe, evaluate_whole
from detectors.rulebook.fields import EXAMPLE_KEYS
from detectors.rulebook.plan import Plan, plan
from detectors.rulebook.prepared import Prepared
from detectors.rulebook.problems import ExpressionError
from detectors.rulebook.rule import Example, Rule
from detectors.rulebook.sources import LINES, PAYMENTS, duckdb_type, model_table

KNOWN = {*INPUT_TABLES, *HISTORIES}
Tables = Mapping[str, tuple[Mapping[str, Any], ...]]

# What a short example leaves out and the tables require.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "claim_lines": {
        "claim_id": "C1",
        "claim_line_number": 1,
        "claim_type": "professional",
        "person_id": "M1",
        "billing_provider_id": "B1",
        "claim_line_start_date": "2025-03-03",
        "paid_amount": 100,
    },
    "benefit_payments": {
        "payment_id": "Y1",
        "person_id": "M1",
        "period_start_date": "2025-03-03",
        "paid_amount": 100,
    },
    "eligibility": {"person_id": "M1", "programme": "general"},
    "members": {"person_id": "M1"},
    "cards": {"person_id": "M1"},
    "authorizations": {"person_id": "M1", "valid_from_date": "2025-01-01"},
    "employments": {"person_id": "M1", "employer_id": "E1"},
    "declarations": {"person_id": "M1"},
    "contributions": {"employer_id": "E1"},
}
KEYS = {
    "rendering_provider_id": "R1",
    "ordering_provider_id": "O1",
    "facility_provider_id": "F1",
    "certifying_provider_id": "O1",
    "card_id": "K1",
    "procedure_code": "X1",
    "drug_code": "D1",
    "authorization_id": "A1",
    "employer_id": "E1",
}


@dataclass(frozen=True)
class Verdict:
    """What became of one example.

    Args:
        fault: empty where the rule said what the example says.
    """

    rule: str
    number: int
    flagged: bool
    line: int
    fault: str

    @property
    def passed(self) -> bool:
        """The rule said what the example says."""
        return not self.fault


def example_tables(example: Mapping[str, Any], table: str) -> Tables:
    """Rows by table of an example as written.

    Either tables with their rows, or one row of the rule's own table whose look-ups are written
    with a dot (``member.death_date``).

    Raises:
        ExpressionError: a table or column that the model does not know.
    """
    given = {key: value for key, value in example.items() if key not in EXAMPLE_KEYS}
    if any(key in KNOWN and isinstance(value, list) for key, value in given.items()):
        tables: Tables = {name: tuple(_copies(rows)) for name, rows in given.items()}
    else:
        tables = _of_row(given, table)
    for name, rows in tables.items():
        known = frozenset(model_table(name).names) if name in KNOWN else None
        unknown = {c for row in rows for c in row} - known if known else set()
        if known is None or unknown:
            what = f"column {', '.join(sorted(unknown))} of {name}" if known else f"table {name}"
            raise ExpressionError(f"the example names an unknown {what}", "see the claims model")
    return tables


def _of_row(given: Mapping[str, Any], table: str) -> Tables:
    view = PAYMENTS if table == "benefit_payments" else LINES
    row = {key: value for key, value in given.items() if "." not in key}
    dimensions: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        if "." not in key:
            continue
        name, column = key.split(".", 1)
        lookup = view.lookups.get(name)
        if lookup is None:
            raise ExpressionError(f"the example names an unknown look-up {name}", "see the view")
        own = DEFAULTS[table].get(lookup.column, KEYS.get(lookup.column))
        row.setdefault(lookup.column, own)
        found = dimensions.setdefault(f"{name} {lookup.table}", {lookup.key: row[lookup.column]})
        found[column] = value
    tables: dict[str, tuple[Mapping[str, Any], ...]] = {table or "claim_lines": (row,)}
    for name, found in dimensions.items():
        kind = name.split(" ")[1]
        tables[kind] = (*tables.get(kind, ()), found)
    return tables


def _copies(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows with ``copies`` repeated: ``n`` times, or ``[n, m]`` for every pair of numbers.

    ``{n}`` and ``{m}`` in their texts count from 1.
    """
    out: list[Mapping[str, Any]] = []
    for row in rows:
        kept = {key: value for key, value in row.items() if key != "copies"}
        times = row.get("copies", 1)
        first, second = times if isinstance(times, list) else (times, 1)
        for n, m in product(range(1, int(first) + 1), range(1, int(second) + 1)):
            out.append({key: _numbered(value, n, m) for key, value in kept.items()})
    return out


def _numbered(value: Any, n: int, m: int) -> Any:
    if not isinstance(value, str):
        return value
    return value.replace("{n}", str(n)).replace("{m}", str(m))


def load_tables(
    connection: duckdb.DuckDBPyConnection, tables: Tables, wanted: Mapping[str, Collection[str]]
) -> None:
    """Make the wanted columns of the model's tables, with an example's rows where it gives some.

    The history of a table is the rows of the table itself, unless an example tells both.
    """
    for name, chosen in sorted(wanted.items()):
        table = model_table(name)
        columns = [column for column in table.columns if column.name in chosen]
        typed = ", ".join(f'"{c.name}" {duckdb_type(c.type)}' for c in columns)
        connection.execute(f'create or replace table "{name}" ({typed})')
        rows = completed(tables, name)
        if not rows:
            continue
        texts = pa.Table.from_pylist(
            [{c.name: _text(row.get(c.name)) for c in columns} for row in rows],
            schema=pa.schema([(c.name, pa.string()) for c in columns]),
        )
        connection.register("texts", texts)
        casts = ", ".join(f'cast("{c.name}" as {duckdb_type(c.type)})' for c in columns)
        connection.execute(f'insert into "{name}" select {casts} from texts')
        connection.unregister("texts")


def completed(tables: Tables, name: str) -> list[Mapping[str, Any]]:
    """An example's rows of a table, with what a short example leaves out."""
    own = model_table(name).name
    return [{**DEFAULTS.get(own, {}), **row} for row in tables.get(name, tables.get(own, ()))]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def verdicts(rule: Rule) -> list[Verdict]:
    """What becomes of every example of a rule."""
    return list(judged(rule))


def judged(rule: Rule) -> Iterator[Verdict]:
    """The same one by one, so that a reader may stop at the first that fails."""
    with bench() as connection:
        try:
            prepared = Prepared(connection, plan(rule))
        except duckdb.Error as error:
            for number, example in enumerate(rule.examples, 1):
                yield _verdict(rule, number, example, f"failed: {describe(error)}")
            return
        for number, example in enumerate(rule.examples, 1):
            yield _verdict(rule, number, example, fault(prepared, example))


def _verdict(rule: Rule, number: int, example: Example, found: str) -> Verdict:
    return Verdict(rule.id, number, example.flagged, example.line, found)


def bench() -> duckdb.DuckDBPyConnection:
    """A database of its own, as the member buckets set theirs."""
    return duckdb.connect(config={"threads": 1, **SOUND})


def outcome_of(planned: Plan, example: Example) -> Outcome:
    """What a rule says of an example's rows, stage by stage as a member bucket asks it."""
    with bench() as connection:
        load_tables(connection, example.tables, planned.tables)
        return evaluate_whole(connection, [planned], at_hand(example.sets))


def fault(prepared: Prepared, example: Example) -> str:
    """What is wrong with what a rule says of an example; empty if nothing."""
    tables = {name: completed(example.tables, name) for name in prepared.tables}
    try:
        found = prepared.hits(tables, example.sets)
    except duckdb.Error as error:
        return f"failed: {describe(error)}"
    hits = [hit for hit in found if hit["role"] == "flagged"]
    if not example.flagged:
        return f"flagged {len(hits)} rows of a clear example" if hits else ""
    if not hits:
        return "nothing was flagged"
    return _unlike(example, hits)


def _unlike(example: Example, hits: Sequence[Mapping[str, Any]]) -> str:
    """In what the flagged rows are not as the example expects."""
    rows = None if example.rows is None else sorted(example.rows)
    money = None if example.overpayment is None else Decimal(example.overpayment)
    total = sum((hit["overpayment"] for hit in hits), Decimal(0))
    for what, expected, found in (
        ("flagged", rows, sorted(hit["row_key"] for hit in hits)),
        ("overpayment", money, total),
    ):
        if expected is not None and found != expected:
            return f"{what} {found}, expected {expected}"
    for what in ("reason", "weight"):
        wanted, told = getattr(example, what), sorted({hit[what] for hit in hits})
        if wanted is not None and wanted not in told:
            return f"{what} {told[0]!r}, expected {wanted!r}"
    return ""
