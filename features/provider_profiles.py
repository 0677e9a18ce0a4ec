"""Provider profiles: partial sums by provider in member buckets, merged by provider."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.case_mix import case_rates
from features.code_mix import MIX, code_mix
from features.day_series import day_series
from features.partials import SCHEMA, SHARED, Step, merge
from features.provider_features import LONG_DAY_MINUTES, PROVIDER_FEATURES
from features.provider_partials import TABLES, provider_partials
from features.provider_sums import BILLED, CERTIFIED, ORDERED
from features.regions import with_region

TOPS = (
    ("top_code_share", "code", "lines"),
    ("top_diagnosis_share", "diagnosis", "lines"),
    ("top_orderer_share", "orderer", "cents"),
    ("top_pharmacy_share", "pharmacy", "cents"),
    ("top_supplier_share", "supplier", "cents"),
)
"""The feature, the part whose chief key it is about, and the measure."""

ENTROPIES = (("code_entropy", "code"), ("diagnosis_entropy", "diagnosis"))

WORK = f"""
create temp table work as
select subject_id, count(*) as work_days, max(weight) as max_minutes,
  sum(weight)::bigint as work_minutes, quantile_cont(weight, 0.95) as p95_minutes,
  count(*) filter (weight > {LONG_DAY_MINUTES}) as long_days,
  sum(case when weight > {LONG_DAY_MINUTES}
    then round(cents * (weight - {LONG_DAY_MINUTES}) / weight)::bigint else 0 end)
    as long_excess_cents
from parts where part = 'work' group by subject_id;
"""


def _mixes() -> str:
    """Statements that give one table a feature of how lines spread over the keys of a part."""
    tops = "".join(
        f"""create temp table {name} as
        select subject_id, max({measure}) / nullif(sum({measure}), 0)::double as {name}
        from parts where part = '{part}' group by subject_id;"""
        for name, part, measure in TOPS
    )
    entropies = "".join(
        f"""create temp table {name} as
        select subject_id, -sum(p * log2(p) order by key) as {name} from (
          select *, lines / sum(lines) over (partition by subject_id) as p
          from parts where part = '{part}'
        ) group by subject_id;"""
        for name, part in ENTROPIES
    )
    return f"""{tops}{entropies}
create temp table types as
select subject_id, arg_max(key, (lines, key)) as main_claim_type from parts
where part = 'type' group by subject_id;
create temp table coded as
select subject_id, sum(lines)::bigint as coded_lines from parts
where part = 'code' group by subject_id;
"""


def _facts() -> str:
    tables = (
        "totals",
        "ordereds",
        "certifieds",
        "types",
        "coded",
        *(name for name, *_ in (*TOPS, *ENTROPIES)),
        "day_facts",
        "dormancies",
        "month_facts",
        "steps",
        "work",
        "mix",
    )
    joins = " ".join(f"left join {table} using (subject_id)" for table in tables)
    return f"""
create temp table facts as
select * from (select distinct subject_id from partials) {joins};
"""


def _no_mix(connection: duckdb.DuckDBPyConnection) -> None:
    connection.register("_mix", MIX.empty_table())
    connection.execute("create temp table mix as select * from _mix")


def _steps(start: date, end: date, mix: Step) -> Iterator[Step]:
    yield f"{BILLED.merged}{ORDERED.merged}{CERTIFIED.merged}{SHARED}"
    yield mix
    yield f"{_mixes()}{day_series(start, end)}{WORK}{_facts()}"


def provider_profiles(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> DataFrame:
    """One row a provider who billed, rendered timed services, ordered or certified in the period.

    The rates that expected values need and the space of codes are computed here and now, by a pass
    over the buckets each; the rest is lazy.

    Returns:
        ``provider_id``, what peers are made of (``specialty``, ``provider_type``, ``region``,
        ``main_claim_type``), then the features of :data:`PROVIDER_FEATURES`.
    """
    with ThreadPoolExecutor(2) as passes:
        space = passes.submit(code_mix, spark, snapshot, start, end)
        rates = passes.submit(case_rates, spark, snapshot, start, end)
        mix: Step = space.result() or _no_mix
        frames: dict[str, pa.Table] = {"case_rates": rates.result()}
    program = BucketProgram(TABLES, sql(*provider_partials(start, end)), SCHEMA, frames)
    chosen = ", ".join(feature.expression for feature in PROVIDER_FEATURES)
    schema = ", ".join(f"{f.name} {f.type}" for f in PROVIDER_FEATURES)
    merged = merge(
        run_in_buckets(spark, snapshot, program),
        _steps(start, end, mix),
        f"select subject_id, main_claim_type, {chosen} from facts",
        f"subject_id string, main_claim_type string, {schema}",
    )
    known = with_region(spark, snapshot, "providers").select(
        F.col("provider_id").alias("subject_id"), "specialty", "provider_type", "region"
    )
    features = [F.col(feature.name) for feature in PROVIDER_FEATURES]
    return merged.join(known, "subject_id", how="left").select(
        F.col("subject_id").alias("provider_id"),
        "specialty",
        "provider_type",
        "region",
        "main_claim_type",
        *features,
    )
