"""Links among linkage records, by whichever engine their number asks for."""

from __future__ import annotations

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from claims.buckets import arrow_schema_of
from features.linkage.engines import DuckDBEngine, SparkEngine
from features.linkage.scoring import LINK_DDL, NothingToCompare, score
from features.linkage.settings import REGISTER, LinkageSettings


def link_records(records: pa.Table, settings: LinkageSettings = REGISTER) -> pa.Table | None:
    """Links among records by one DuckDB in this process.

    Args:
        records: as ``records_sql`` makes them.

    Returns:
        Columns of ``LINK_DDL``, sorted by ``a`` and ``b``; ``None`` where nothing can be compared.
    """
    try:
        found = score(DuckDBEngine(records), settings)
    except NothingToCompare:
        return None
    return found.sort_by([("a", "ascending"), ("b", "ascending")])


def linked(
    spark: SparkSession, records: DataFrame, settings: LinkageSettings = REGISTER
) -> DataFrame:
    """Links among records: by DuckDB on the driver where they are few enough, else by Spark.

    Args:
        records: a frame of ``RECORD_DDL``, read several times.

    Returns:
        A frame of ``LINK_DDL``.
    """
    kept = records.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        if kept.count() > settings.duckdb_records:
            return _by_spark(spark, kept, settings)
        found = link_records(kept.toArrow(), settings)
    finally:
        kept.unpersist()
    if found is None:
        return spark.createDataFrame([], LINK_DDL)
    return spark.createDataFrame(found.cast(arrow_schema_of(LINK_DDL)), LINK_DDL)


def _by_spark(spark: SparkSession, records: DataFrame, settings: LinkageSettings) -> DataFrame:
    try:
        found: DataFrame = score(SparkEngine(spark, records), settings)
    except NothingToCompare:
        return spark.createDataFrame([], LINK_DDL)
    # Splink's own tables live as long as the session: what is kept is cut off from them.
    return found.localCheckpoint()
