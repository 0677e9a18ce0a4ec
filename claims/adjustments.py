"""Net state of adjusted claims and payments: which ones a later void or replacement names.

Originals that no void or replacement of the same data source names, plus the last replacements,
are the net state; a replacement is not the last word on its original when a void of it came later.
Every version stays stored; only the names of the superseded ones are kept apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING

# Rules read the names below without a session, and must not wait for Spark to be imported.
if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Table: its own id, the id it changes, and what puts versions of one original in order.
ADJUSTED = {
    "claim_lines": ("claim_id", "original_claim_id", ("submitted_date", "paid_date")),
    "benefit_payments": ("payment_id", "original_payment_id", ("paid_date",)),
}

# Every version as stored, beside the net state of the table's own name.
HISTORIES = {f"{table}_history": table for table in ADJUSTED}


def net(table: str) -> str:
    """Which rows ``r`` of an adjusted table are its net state, as DuckDB SQL.

    Neither void nor named by a later void or replacement (table ``superseded``), and not denied
    or pending.
    """
    condition = (
        "coalesce(r.adjustment_type, 'original') <> 'void' and not exists ("
        f"select 1 from superseded s where s.table_name = '{table}'"
        " and coalesce(s.data_source, '') = coalesce(r.data_source, '')"
        f" and s.superseded_id = r.{ADJUSTED[table][0]})"
    )
    if table == "claim_lines":
        condition += " and coalesce(r.claim_status, 'paid') = 'paid'"
    return condition


def superseded(frames: Mapping[str, DataFrame]) -> DataFrame:
    """One row a superseded claim or payment, of the shape of ``model.results.SUPERSEDED``.

    Args:
        frames: stored rows of ``claim_lines`` and ``benefit_payments``, whichever there are.
    """
    tables = [_of_table(name, frame) for name, frame in frames.items()]
    return reduce(lambda left, right: left.unionByName(right), tables)


def _of_table(name: str, frame: DataFrame) -> DataFrame:
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    own, original, order = ADJUSTED[name]
    source = F.coalesce(F.col("data_source"), F.lit("")).alias("data_source")
    changed_at = F.greatest(F.lit("0001-01-01").cast("date"), *[F.col(c) for c in order])
    changes = (
        frame.where(F.col("adjustment_type").isin("void", "replacement"))
        .where(F.col(original).isNotNull() & (F.col(original) != F.col(own)))
        .groupBy(source, F.col(own).alias("own_id"), F.col(original).alias("original_id"))
        .agg(
            F.max(changed_at).alias("changed_at"),
            F.max("adjustment_type").alias("adjustment_type"),
        )
    )
    # Of the changes of one original only the last one counts. Voided and billed anew on one day,
    # it is the new bill that stands.
    order_of_changes = (
        F.col("changed_at"),
        F.col("adjustment_type") == "replacement",
        F.col("own_id"),
    )
    named = changes.groupBy("data_source", F.col("original_id").alias("superseded_id")).agg(
        F.max_by("own_id", F.struct(*order_of_changes)).alias("superseded_by")
    )
    last = Window.partitionBy("data_source", "original_id").orderBy(
        *[column.desc() for column in order_of_changes]
    )
    earlier = (
        changes.select(
            "*", F.row_number().over(last).alias("place"), F.first("own_id").over(last).alias("by")
        )
        .where((F.col("place") > 1) & (F.col("adjustment_type") == "replacement"))
        .select(
            "data_source",
            F.col("own_id").alias("superseded_id"),
            F.col("by").alias("superseded_by"),
        )
    )
    gone = (
        named.unionByName(earlier)
        .groupBy("data_source", "superseded_id")
        .agg(F.max("superseded_by").alias("superseded_by"))
    )
    gone = F.broadcast(gone)
    people = frame.select(source, F.col(own).alias("superseded_id"), "person_id")
    return (
        people.join(gone, ["data_source", "superseded_id"], how="inner")
        .distinct()
        .select(
            F.lit(name).alias("table_name"),
            "data_source",
            "superseded_id",
            "superseded_by",
            "person_id",
        )
    )
