"""The detail around a case: the subject's own row, and the rows of the persons evidence names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from claims.lake import Lake
from claims.model import TABLES, Table
from claims.storage import bucket_number

# Columns by which a row of detail names a subject, by type of subject.
NAMED_BY = {
    "provider": (
        "billing_provider_id",
        "rendering_provider_id",
        "ordering_provider_id",
        "facility_provider_id",
        "certifying_provider_id",
        "provider_id",
    ),
    "member": ("person_id", "landlord_id"),
    "employer": ("employer_id", "landlord_id"),
    "account": ("payee_account_id", "bank_account_id"),
}
SUBJECT_TABLES = {
    "provider": ("providers", "provider_id"),
    "member": ("members", "person_id"),
    "employer": ("employers", "employer_id"),
    "account": ("accounts", "account_id"),
}
# What a point in time and an amount is, for the tables a timeline shows.
DATED = {
    "claim_lines": ("claim_line_start_date", "paid_amount"),
    "benefit_payments": ("period_start_date", "paid_amount"),
    "contributions": ("period_start_date", "contributions_due"),
}
LABELS = ("procedure_code", "benefit_type")
EVIDENCE = pa.schema([(name, pa.string()) for name in ("row_key", "person_id", "role")])


@dataclass(frozen=True)
class Detail:
    """Reads detail at the table versions of one run, by member bucket where persons are known.

    Args:
        run: the run's row, with its JSON decoded.
    """

    lake: Lake
    run: Mapping[str, Any]

    def subject(self, subject_type: str, subject_id: str) -> dict[str, Any]:
        """The subject's own row; empty where its kind has no table or the table no such row."""
        name, key = SUBJECT_TABLES.get(subject_type, ("", ""))
        if not self._has(name):
            return {}
        persons = [subject_id] if TABLES[name].person == key else []
        with duckdb.connect() as connection:
            self._attach(connection, name, persons)
            found = connection.sql(
                f'select * from "{name}" where {key} = $subject order by all limit 1',
                params={"subject": subject_id},
            ).to_arrow_table()
        rows = found.drop_columns([c for c in ("bucket",) if c in found.column_names]).to_pylist()
        return rows[0] if rows else {}

    def timeline(
        self,
        table: str,
        evidence: Sequence[Mapping[str, Any]],
        subjects: Iterable[tuple[str, str]],
        limit: int,
    ) -> pd.DataFrame:
        """Dated money of the persons that evidence names, as far as the subjects take part in it.

        Args:
            evidence: rows of evidence on this table.
        Returns:
            Columns row_key, day (date), amount (float), flagged (boolean), text; at most ``limit``
            rows, flagged ones first, then by amount.
        """
        if not self._has(table) or table not in DATED:
            return pd.DataFrame()
        day, amount = DATED[table]
        named = _named_by(TABLES[table], subjects)
        label = next((name for name in LABELS if name in TABLES[table].names), "''")
        rows = [{name: row[name] for name in EVIDENCE.names} for row in evidence]
        with duckdb.connect() as connection:
            self._attach(connection, table, _persons(evidence))
            connection.register("evidence", pa.Table.from_pylist(rows, schema=EVIDENCE))
            person = TABLES[table].person
            among = f"{person} in (select person_id from evidence)" if person else "true"
            return connection.execute(
                f"select {_row_key(TABLES[table])} as row_key, {day} as day, "
                f"cast({amount} as double) as amount, coalesce({label}, '') as text, "
                "row_key in (select row_key from evidence where role = 'flagged') as flagged "
                f'from "{table}" as rows where {day} is not null and {among} and ({named.sql}) '
                "order by flagged desc, amount desc, row_key limit $limit",
                {"limit": limit, **named.values},
            ).df()

    def _has(self, table: str) -> bool:
        return table in self.run["rows"]

    def _attach(
        self, connection: duckdb.DuckDBPyConnection, table: str, persons: Iterable[str]
    ) -> None:
        """Attach a table, only the buckets of these persons where it has buckets."""
        version = int(self.run["rows"][table]["version"])
        buckets = int(self.run["parameters"].get("layout", {}).get("buckets", 0))
        wanted = {bucket_number(person, buckets) for person in persons} if buckets else set()
        if not wanted or not TABLES[table].person or "://" in self.lake.root:
            self.lake.attach(connection, table, version)
            return
        files = self.lake.files(table, version)
        listed = [file for bucket in sorted(wanted) for file in files.get(bucket, ())]
        if not listed:
            self.lake.attach(connection, table, version)
            return
        paths = ", ".join("'" + path.replace("'", "''") + "'" for path in listed)
        connection.execute(
            f'create view "{table}" as select * from '
            f"read_parquet([{paths}], hive_partitioning = true, union_by_name = true)"
        )


@dataclass(frozen=True)
class _Condition:
    sql: str
    values: dict[str, Any]


def _named_by(table: Table, subjects: Iterable[tuple[str, str]]) -> _Condition:
    ids: dict[str, list[str]] = {}
    for subject_type, subject_id in subjects:
        for column in NAMED_BY.get(subject_type, ()):
            if column in table.names:
                ids.setdefault(column, []).append(subject_id)
    if not ids:
        return _Condition("true", {})
    return _Condition(
        " or ".join(f"list_contains(${column}, {column})" for column in sorted(ids)), dict(ids)
    )


def _persons(evidence: Sequence[Mapping[str, Any]]) -> list[str]:
    """Persons that evidence names; none where some row names nobody, as then all must be read."""
    persons = {row["person_id"] for row in evidence}
    return [] if None in persons else sorted(persons)


def _row_key(table: Table) -> str:
    columns = ", ".join(f"coalesce(cast(rows.\"{name}\" as varchar), '')" for name in table.key)
    return f"concat_ws('|', {columns})"
