"""What leaves a Spark task: rows of every kind in one schema, so that one scan yields them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from detectors.rulebook.evaluate import HIT_SCHEMA, Outcome
from detectors.rulebook.subjects import SUMS

DDL = (
    "kind string, rule string, subject_id string, table_name string, row_key string, role string,"
    " amount decimal(18,2), overpayment decimal(18,2), weight double, person_id string,"
    " provider_id string, event_date date, reason string, fields string, `key` string,"
    " payload string, " + ", ".join(f"s{n} decimal(38,6)" for n in range(SUMS))
)
SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        *((name, HIT_SCHEMA.field(name).type) for name in HIT_SCHEMA.names),
        ("key", pa.string()),
        ("payload", pa.string()),
        *((f"s{n}", pa.decimal128(38, 6)) for n in range(SUMS)),
    ]
)


def packed(outcome: Outcome) -> Iterator[pa.Table]:
    """An outcome as tables of ``SCHEMA``."""
    for kind, table in (
        ("hit", outcome.hits),
        ("partial", outcome.partials),
        ("subject", outcome.subjects),
        ("examined", outcome.examined),
        ("payload", outcome.payloads),
        ("failure", failures(outcome.failures.items())),
    ):
        if table.num_rows:
            yield widened(kind, table)


def failures(found: Iterable[tuple[str, str]]) -> pa.Table:
    """Rules that broke, with what broke."""
    rows = [{"rule": rule, "reason": reason} for rule, reason in sorted(found)]
    return pa.Table.from_pylist(rows, pa.schema([("rule", pa.string()), ("reason", pa.string())]))


def widened(kind: str, table: pa.Table) -> pa.Table:
    """Rows of one kind in the common schema, with nulls where the kind has no such column."""
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.schema.names
        else pa.nulls(table.num_rows, field.type)
        for field in SCHEMA
        if field.name != "kind"
    ]
    kinds = pa.array([kind] * table.num_rows, pa.string())
    return pa.Table.from_arrays([kinds, *columns], schema=SCHEMA)
