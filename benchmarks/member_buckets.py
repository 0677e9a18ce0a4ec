"""Member buckets against plain Spark SQL and DuckDB alone: the same three questions, side by side.

    .venv/bin/python -m benchmarks.member_buckets --lines 10000000

Every side reads the same Delta table from disk and must give the same answer before any time is
printed. Read the ratios, not the seconds; sides take turns, and the best of the rounds counts.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Annotated

import duckdb
import typer
from pyspark.sql import DataFrame, SparkSession

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.lake import Lake
from claims.runs import Run, Snapshot, recorded
from claims.session import spark_session
from claims.storage import Layout, buckets_for, write_input

# Zipf-like providers, one of whom sees 30 % of the lines; persons with 45 lines on average.
MADE_LINES = """
    select concat('C', id) as claim_id, 1 as claim_line_number, 'professional' as claim_type,
        concat('M', pmod(xxhash64(id, 1), {persons})) as person_id,
        concat('P', if(pmod(xxhash64(id, 2), 10) < 3, 0,
            cast(pow(pmod(xxhash64(id, 3), 1000000) / 1e6, 3) * {providers} as int)))
            as billing_provider_id,
        date_add(date '2023-01-01', cast(pmod(xxhash64(id, 4), 730) as int))
            as claim_line_start_date,
        concat('X', pmod(xxhash64(id, 5), 400)) as procedure_code,
        cast(10 + pmod(xxhash64(id, 6), 30000) / 100 as decimal(18,2)) as paid_amount
    from range({lines})
"""

COLUMNS = (
    "person_id",
    "billing_provider_id",
    "claim_line_start_date",
    "procedure_code",
    "paid_amount",
)

QUESTIONS: dict[str, tuple[str, str, str]] = {
    "near duplicates by member (window)": (
        """
        select count(*) as a, sum(paid_amount) as b from (
            select paid_amount, claim_line_start_date - lag(claim_line_start_date) over (
                partition by person_id, billing_provider_id, procedure_code, paid_amount
                order by claim_line_start_date, claim_id) as gap
            from claim_lines) where gap {within}
        """,
        "a bigint, b decimal(38,2)",
        "select sum(a) as a, sum(b) as b from parts",
    ),
    "provider profile with exact distinct members": (
        """
        select billing_provider_id as k, count(*) as a, count(distinct person_id) as m,
            sum(paid_amount) as b from claim_lines group by billing_provider_id
        """,
        "k string, a bigint, m bigint, b decimal(38,2)",
        "select sum(a * m) as a, sum(b) as b from (select k, sum(a) as a, sum(m) as m, sum(b) as b"
        " from parts group by k)",
    ),
    "pairs of providers that share a member": (
        """
        select l.p as k, r.p as q, count(*) as a, sum(l.n) as b
        from (select person_id, billing_provider_id as p, count(*) as n from claim_lines
              where billing_provider_id <> 'P0' group by all) l
        join (select distinct person_id, billing_provider_id as p from claim_lines
              where billing_provider_id <> 'P0') r
        on l.person_id = r.person_id and l.p < r.p group by l.p, r.p
        """,
        "k string, q string, a bigint, b bigint",
        "select sum(a * a) as a, sum(b) as b from (select k, q, sum(a) as a, sum(b) as b"
        " from parts group by k, q)",
    ),
}


def made_lake(
    spark: SparkSession, folder: Path, lines: int, more: Mapping[str, str] | None = None
) -> Snapshot:
    """A lake of made-up claim lines, laid in member buckets of about a million lines.

    Args:
        more: queries of further tables by name, with ``{lines}``, ``{persons}``, ``{providers}``.
    """
    lake, layout = Lake(str(folder)), Layout(buckets_for(lines))
    with recorded(Run(lake, "load")) as run:
        for table, query in {"claim_lines": MADE_LINES, **(more or {})}.items():
            made = spark.sql(query.format(lines=lines, persons=lines // 45, providers=lines // 500))
            version = write_input(made, lake, table, layout)
            account = {"in": lines, "loaded": lines, "quarantined": 0, "version": version}
            run.rows[table] = {**account, "sha256": ""}
        run.parameters["layout"] = asdict(layout)
    return Snapshot.latest(lake)


def _answer(frame: DataFrame) -> tuple[int, ...]:
    row = frame.first()
    return tuple(int(value or 0) for value in row or ())


def _sides(
    spark: SparkSession, snapshot: Snapshot, question: str
) -> dict[str, Callable[[], tuple[int, ...]]]:
    inner, schema, merge = QUESTIONS[question]
    duck = inner.format(within="between 0 and 1")

    def buckets() -> tuple[int, ...]:
        program = BucketProgram({"claim_lines": (*COLUMNS, "claim_id")}, sql(duck), schema)
        run_in_buckets(spark, snapshot, program).createOrReplaceTempView("parts")
        return _answer(spark.sql(merge))

    def plain_spark() -> tuple[int, ...]:
        snapshot.lake.read(spark, "claim_lines").createOrReplaceTempView("claim_lines")
        spark.sql(
            inner.format(within="between interval '0' day and interval '1' day").replace(
                "group by all", "group by person_id, billing_provider_id"
            )
        ).createOrReplaceTempView("parts")
        return _answer(spark.sql(merge))

    def duckdb_alone() -> tuple[int, ...]:
        with duckdb.connect(config={"threads": 2, "memory_limit": "6GB"}) as connection:
            snapshot.lake.attach(connection, "claim_lines")
            connection.execute(f"create temp view parts as {duck}")
            row = connection.execute(merge).fetchone()
        return tuple(int(value or 0) for value in row or ())

    return {"member buckets": buckets, "plain Spark SQL": plain_spark, "DuckDB alone": duckdb_alone}


def main(
    lines: Annotated[int, typer.Option(min=10_000)] = 10_000_000,
    rounds: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Print the best time of each side and its ratio to the member buckets."""
    folder = Path(mkdtemp(prefix="vigie-benchmark-"))
    spark = spark_session("vigie-benchmark", master="local[2]")
    try:
        snapshot = made_lake(spark, folder, lines)
        for question in QUESTIONS:
            sides = _sides(spark, snapshot, question)
            best = dict.fromkeys(sides, float("inf"))
            answers: dict[str, tuple[int, ...]] = {}
            for _ in range(rounds):
                for side, ask in sides.items():
                    started = perf_counter()
                    answers[side] = ask()
                    best[side] = min(best[side], perf_counter() - started)
            if len(set(answers.values())) != 1:
                raise AssertionError(f"{question}: the answers differ: {answers}")
            print(f"{question} ({lines:,} lines, {snapshot.layout.buckets} buckets)")
            for side, seconds in best.items():
                print(f"  {side:<16} {seconds:7.1f} s   {seconds / best['member buckets']:5.2f} x")
    finally:
        spark.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
