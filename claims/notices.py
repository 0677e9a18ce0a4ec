"""What a load notices and tells, but does not refuse: it may be the very thing looked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from claims.adjustments import ADJUSTED
from claims.identifiers import is_placeholder, suspected
from claims.model import INPUT_TABLES

# Detail table: by the table that registers the ids (and its id column) the columns that name them.
REFERENCES: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {
    "claim_lines": {
        ("members", "person_id"): ("person_id",),
        ("providers", "provider_id"): (
            "billing_provider_id",
            "rendering_provider_id",
            "ordering_provider_id",
            "facility_provider_id",
        ),
    },
    "benefit_payments": {
        ("members", "person_id"): ("person_id",),
        ("employers", "employer_id"): ("employer_id",),
        ("providers", "provider_id"): ("certifying_provider_id",),
    },
}


def row_warnings(frames: Mapping[str, DataFrame]) -> list[str]:
    """Sentences about loaded rows that a reader of any later report should know.

    Args:
        frames: accepted or stored rows by table.
    """
    counts = [count for name in REFERENCES if name in frames for count in _counts(name, frames)]
    if not counts:
        return []
    rows = reduce(DataFrame.unionByName, counts).where("rows > 0").orderBy("notice").collect()
    return [f"{row.rows:,} {row.notice}" for row in rows]


def _counts(name: str, frames: Mapping[str, DataFrame]) -> list[DataFrame]:
    rows = frames[name]
    own, original, _ = ADJUSTED[name]
    conditions: dict[str, Column] = {
        f"rows of {name} have a placeholder for their person": is_placeholder("person_id"),
        f"voids or replacements of {name} name no other {own} in {original}": F.col(
            "adjustment_type"
        ).isin("void", "replacement")
        & (F.col(original).isNull() | (F.col(original) == F.col(own))),
    }
    if name == "claim_lines":
        unpaid = F.col("claim_status").isin("denied", "pending") & (F.col("paid_amount") != 0)
        conditions["rows of claim_lines are denied or pending and have a paid_amount"] = unpaid
    labelled = F.explode(
        F.array_compact(F.array(*[F.when(test, F.lit(text)) for text, test in conditions.items()]))
    )
    found = [rows.select(labelled.alias("notice"))]
    if "members" in frames:
        known = frames["members"].select("person_id")
        unknown = rows.select("person_id").join(known, "person_id", how="left_anti")
        text = f"rows of {name} are of a person without a row in members"
        found.append(unknown.select(F.lit(text).alias("notice")))
    return [each.groupBy("notice").agg(F.count(F.lit(1)).alias("rows")) for each in found]


def suspects(
    details: Mapping[str, DataFrame], dimensions: Mapping[str, DataFrame]
) -> dict[str, dict[str, list[dict[str, object]]]]:
    """Ids suspected of being placeholders, by detail table and column.

    Args:
        details: stored rows by table.
        dimensions: by table all rows that register an id, those in quarantine included.
    """
    found = [
        suspected(details[name], columns, dimensions[table], key).select(
            F.lit(name).alias("table_name"), "*"
        )
        for name, references in REFERENCES.items()
        if name in details
        for (table, key), columns in references.items()
        if table in dimensions
    ]
    result: dict[str, dict[str, list[dict[str, object]]]] = {}
    if not found:
        return result
    for row in (
        reduce(DataFrame.unionByName, found).orderBy("table_name", "column_name", "id").collect()
    ):
        entry = {"id": row.id, "rows": row.rows, "share": row.share, "reason": row.reason}
        result.setdefault(row.table_name, {}).setdefault(row.column_name, []).append(entry)
    return result


def registrations(name: str, rows: DataFrame) -> DataFrame:
    """The model's columns of a dimension, by which contradictory rows of one id are told."""
    return rows.select(*INPUT_TABLES[name].names)
