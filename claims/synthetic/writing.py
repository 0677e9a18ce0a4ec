"""Putting tables on disk: typed as the model says, few files, counted while they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from claims.model import INPUT_TABLES
from claims.storage import conform
from claims.synthetic.schemes.pen import Stage

ARROW = {
    "string": pa.string(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp_ntz": pa.timestamp("us"),
    "decimal(18,2)": pa.decimal128(18, 2),
    "decimal(18,3)": pa.decimal128(18, 3),
    "decimal(9,1)": pa.decimal128(9, 1),
}
TRUTH = pa.schema(
    [
        *(
            (name, pa.string())
            for name in (
                "scheme",
                "kind",
                "difficulty",
                "subject_type",
                "subject_id",
                "table_name",
                "row_key",
            )
        ),
        ("amount", pa.decimal128(18, 2)),
    ]
)


def made(spark: SparkSession, table: str, rows: Sequence[dict[str, Any]]) -> DataFrame:
    """A frame of rows made in Python, with the model's columns."""
    named = INPUT_TABLES[table]
    if not rows:
        return spark.createDataFrame([], named.ddl)
    arrays = {
        column.name: pa.array([row.get(column.name) for row in rows], ARROW[column.type])
        for column in named.columns
    }
    return spark.createDataFrame(pa.table(arrays))


@dataclass(frozen=True)
class Writer:
    """Writes canonical Parquet folders.

    Args:
        to: the data root.
    """

    to: str

    def path(self, table: str) -> str:
        """Where a table lies."""
        return f"{self.to.rstrip('/')}/{table}"

    def write(self, table: str, frame: DataFrame, partitions: int) -> int:
        """Write one table; its number of rows."""
        return self.write_counted(table, frame, max(1, partitions // 8), None)[table]

    def write_counted(
        self, table: str, frame: DataFrame, files: int, flag: str | None
    ) -> dict[str, int]:
        """Write one table and count its rows on the way, those with the boolean ``flag`` too."""
        counted = Observation()
        flagged = F.sum(F.col(flag).cast("long")) if flag else F.lit(0)
        observed = frame.coalesce(files).observe(
            counted, F.count(F.lit(1)).alias("rows"), F.coalesce(flagged, F.lit(0)).alias("marked")
        )
        if flag:
            observed = observed.drop(flag)
        model = INPUT_TABLES[table]
        conform(observed, model).select(*model.names).write.mode("overwrite").parquet(
            self.path(table)
        )
        seen = counted.get
        return {table: int(seen["rows"])} | ({flag: int(seen["marked"])} if flag else {})


def save_truth(stage: Stage, path: str) -> None:
    """Write what was planted and what only looks it, one row a detail row and subject."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = sorted(stage.truth, key=lambda row: tuple(str(value) for value in row.values()))
    pq.write_table(pa.Table.from_pylist(rows, schema=TRUTH), target)
