"""Lakes made from a few rows, written as a load writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import write_deltalake
from pyspark.sql import SparkSession

from claims.adjustments import ADJUSTED, superseded
from claims.lake import Lake
from claims.model import TABLES
from claims.runs import Run, Snapshot, recorded
from claims.storage import Layout, bucket_number

Rows = Sequence[Mapping[str, Any]]

DEFAULTS: dict[str, dict[str, Any]] = {
    "claim_lines": {
        "claim_line_number": 1,
        "claim_type": "professional",
        "billing_provider_id": "P1",
        "person_id": "M1",
    },
    "benefit_payments": {"person_id": "M1"},
}


def make_lake(
    spark: SparkSession, lake: Lake, tables: Mapping[str, Rows], buckets: int = 2
) -> Snapshot:
    """Write rows (values as Python objects or text, missing columns null) and record a load.

    Written without Spark, which would take a second a table; superseded claims are derived by the
    same code that a load uses.
    """
    with recorded(Run(lake, "load")) as run:
        run.parameters["layout"] = asdict(Layout(buckets))
        run.parameters["filled"] = {}
        for name, rows in tables.items():
            texts = [{**DEFAULTS.get(name, {}), **row} for row in rows]
            version = write_table(lake, name, texts, buckets)
            run.rows[name] = {
                "in": len(rows),
                "loaded": len(rows),
                "quarantined": 0,
                "version": version,
                "sha256": "",
            }
            run.parameters["filled"][name] = sorted(
                {column for row in texts for column, value in row.items() if value is not None}
            )
        run.parameters["derived"] = _superseded(spark, lake, tables, buckets)
    return Snapshot.latest(lake)


def write_table(lake: Lake, name: str, rows: Rows, buckets: int = 2) -> int:
    """Write a table of the model, detail of persons in member buckets and results by run; returns
    its version.
    """
    table = TABLES[name]
    extra = sorted({column for row in rows for column in row} - set(table.names))
    names = (*table.names, *extra)
    texts = pa.Table.from_pylist(
        [{n: None if row.get(n) is None else str(row[n]) for n in names} for row in rows],
        schema=pa.schema([(n, pa.string()) for n in names]),
    )
    casts = [
        f'cast("{c.name}" as {c.type.replace("timestamp_ntz", "timestamp")}) as "{c.name}"'
        for c in table.columns
    ]
    with duckdb.connect() as connection:
        connection.register("texts", texts)
        chosen = ", ".join([*casts, *[f'"{n}"' for n in extra]])
        typed = connection.sql(f"select {chosen} from texts").to_arrow_table()
    if table.person:
        people = typed.column(table.person).to_pylist()
        typed = typed.append_column(
            "bucket", pa.array([bucket_number(person, buckets) for person in people], pa.int32())
        )
    write_deltalake(
        lake.path(name),
        typed,
        mode="overwrite",
        schema_mode="overwrite",
        partition_by=["bucket"]
        if table.person
        else ["run_id"]
        if "run_id" in table.names
        else None,
    )
    return lake.version(name)


def _superseded(
    spark: SparkSession, lake: Lake, tables: Mapping[str, Rows], buckets: int
) -> dict[str, int]:
    adjusted = [
        name for name in ADJUSTED if any(row.get("adjustment_type") for row in tables.get(name, ()))
    ]
    if not adjusted:
        return {}
    rows = superseded({name: lake.read(spark, name) for name in adjusted}).collect()
    return {"superseded": write_table(lake, "superseded", [row.asDict() for row in rows], buckets)}
