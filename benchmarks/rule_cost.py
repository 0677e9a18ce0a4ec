"""What line rules cost: 1, 30 and 300 of them beside the reading of their columns, and elsewhere.

    .venv/bin/python -m benchmarks.rule_cost --lines 10000000

The same Delta table of made-up lines in member buckets is read by all. The reading is the same
bucket tasks that only load the rules' columns; the rulebook's figure holds that reading, the
decision and the wording of every hit. Spark SQL, DuckDB and Polars alone only decide. Hits by rule
must be equal on all sides, and row keys of the first rules too, before any time is printed. Sides
take turns and the best of the rounds counts: read the ratios, not the seconds.

Polars is no dependency of Vigie: ``pip install polars`` adds its side.
"""

from __future__ import annotations

import resource
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Annotated

import duckdb
import pyarrow as pa
import typer
from pyspark.sql import SparkSession

from benchmarks.made_rules import (
    COLUMNS,
    made_conditions,
    made_dimensions,
    made_lines,
    made_rules,
)
from claims.buckets import run_in_buckets
from claims.lake import Lake
from claims.runs import Run, Snapshot, recorded
from claims.session import spark_session
from claims.storage import LINES_PER_BUCKET, Layout, write_input
from detectors.rulebook import exchange
from detectors.rulebook.code_sets import at_hand
from detectors.rulebook.detector import lacking, with_shapes
from detectors.rulebook.loader import load_rules
from detectors.rulebook.plan import Plan, plan
from detectors.rulebook.programs import bucket_program
from detectors.rulebook.rule import GRAINS

Counts = Mapping[str, int]
PERIOD = (date(2023, 1, 1), date(2024, 12, 31))
SAMPLED = 10
SPARK_RULES = 30


def made_lake(spark: SparkSession, folder: Path, lines: int) -> Snapshot:
    """A lake of made-up claim lines in member buckets of about a million lines."""
    lake, layout = Lake(str(folder)), Layout(-(-lines // LINES_PER_BUCKET))
    with recorded(Run(lake, "load")) as run:
        for table, sql in {"claim_lines": made_lines(lines), **made_dimensions(lines)}.items():
            version = write_input(spark.sql(sql), lake, table, layout)
            account = {"in": lines, "loaded": lines, "quarantined": 0, "version": version}
            run.rows[table] = account | {"sha256": ""}
        run.parameters["layout"] = asdict(layout)
    return Snapshot.latest(lake)


def reading(spark: SparkSession, snapshot: Snapshot, plans: list[Plan]) -> Counts:
    """The bucket tasks of some rules that end once their columns are loaded."""
    program = bucket_program(plans, at_hand([]))
    loaded = replace(program, evaluate=_nothing)
    return {"hits": run_in_buckets(spark, snapshot, loaded).count()}


def _nothing(connection: duckdb.DuckDBPyConnection) -> Iterable[pa.Table]:
    return ()


def rulebook(spark: SparkSession, snapshot: Snapshot, plans: list[Plan]) -> Counts:
    """Hits of each rule by the rulebook, and under ``peak`` the most memory of a worker in MiB."""
    program = bucket_program(plans, at_hand([]))
    evaluate = program.evaluate

    def watched(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
        yield from evaluate(connection)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield exchange.widened("peak", pa.table({"weight": pa.array([peak], pa.float64())}))

    rows = run_in_buckets(spark, snapshot, replace(program, evaluate=watched))
    counts = rows.groupBy("kind", "rule").agg({"*": "count", "weight": "max"}).collect()
    broken = [row["rule"] for row in counts if row["kind"] == "failure"]
    if broken:
        raise AssertionError(f"rules failed: {broken[:5]}")
    hits = {row["rule"].split(".")[-1]: row["count(1)"] for row in counts if row["kind"] == "hit"}
    peak = max(int(row["max(weight)"]) for row in counts if row["kind"] == "peak")
    return hits | {"peak": peak}


def plain_spark(spark: SparkSession, snapshot: Snapshot, rules: Mapping[str, str]) -> Counts:
    """One projection of Spark SQL with a column a rule, summed."""
    snapshot.lake.read(spark, "claim_lines").createOrReplaceTempView("claim_lines")
    sums = ", ".join(f"count_if({sql}) as {name}" for name, sql in rules.items())
    row = spark.sql(f"select {sums} from claim_lines").first()
    return {name: count for name, count in (row.asDict() if row else {}).items() if count}


def duckdb_alone(snapshot: Snapshot, rules: Mapping[str, str]) -> Counts:
    """DuckDB with the columns in memory, one filter a rule (faster than masks in one pass)."""
    with duckdb.connect(config={"threads": 2, "memory_limit": "8GB"}) as connection:
        snapshot.lake.attach(connection, "claim_lines")
        listed = ", ".join(COLUMNS)
        connection.execute(f"create temp table lines as select {listed} from claim_lines")
        found = {}
        for name, sql in rules.items():
            row = connection.execute(f"select count(*) from lines where {sql}").fetchone()
            found[name] = int(row[0]) if row else 0
    return {name: count for name, count in found.items() if count}


def polars_alone(snapshot: Snapshot, rules: Mapping[str, str]) -> Counts:
    """Polars' streaming engine over the same files, masks of some rules in one pass."""
    import polars as pl

    files = [file for group in snapshot.lake.files("claim_lines").values() for file in group]
    lines = pl.scan_parquet(files, hive_partitioning=False).select(COLUMNS)
    sums = [pl.sql_expr(sql).sum().alias(name) for name, sql in rules.items()]
    row = lines.select(sums).collect(engine="streaming").row(0, named=True)
    return {name: int(count) for name, count in row.items() if count}


def sampled_keys(
    spark: SparkSession, snapshot: Snapshot, plans: list[Plan], rules: Mapping[str, str]
) -> None:
    """Compare the row keys of the first rules with DuckDB's own.

    Raises:
        AssertionError: they differ.
    """
    found = run_in_buckets(spark, snapshot, bucket_program(plans[:SAMPLED], at_hand([])))
    ours = {(r["rule"].split(".")[-1], r["row_key"]) for r in found.where("kind = 'hit'").collect()}
    theirs: set[tuple[str, str]] = set()
    with duckdb.connect() as connection:
        snapshot.lake.attach(connection, "claim_lines")
        for name, sql in list(rules.items())[:SAMPLED]:
            key = "'|' || claim_id || '|' || claim_line_number"
            rows = connection.execute(f"select {key} from claim_lines where {sql}").fetchall()
            theirs |= {(name, row[0]) for row in rows}
    if ours != theirs or not ours:
        raise AssertionError(
            f"row keys differ: {len(ours - theirs)} more, {len(theirs - ours)} less"
        )


def library_by_grain(spark: SparkSession, snapshot: Snapshot, rounds: int) -> None:
    """Print what the library's rules cost in their buckets, grain by grain and all at once.

    Those run whose tables and code sets the made lake holds.
    """
    sets = at_hand([])
    known = set(sets.column("code_set").to_pylist())
    plans = [plan(rule, *PERIOD) for rule in load_rules()]
    plans = [p for p in plans if lacking(p, snapshot, known) is None]
    plans = with_shapes(plans)
    groups = {grain: [p for p in plans if p.rule.grain == grain] for grain in GRAINS}
    for name, group in {**groups, "all grains": plans}.items():
        if not group:
            print(f"{name}: no rule whose tables are made")
            continue
        best = dict.fromkeys(("reading", "rulebook"), float("inf"))
        for _ in range(rounds):
            for side, ask in (("reading", reading), ("rulebook", rulebook)):
                started = perf_counter()
                found = ask(spark, snapshot, group)
                best[side] = min(best[side], perf_counter() - started)
        ratio = best["rulebook"] / best["reading"]
        print(f"{name}: {len(group)} rules, reading {best['reading']:.1f} s, {ratio:.2f} x,"
              f" peak of a worker {found['peak']:,} MiB", flush=True)  # fmt: skip


def best_of(rounds: int, sides: Mapping[str, Callable[[], Counts]]) -> dict[str, float]:
    """Best seconds of each side; sides take turns.

    Raises:
        AssertionError: their hits by rule differ.
    """
    best = dict.fromkeys(sides, float("inf"))
    answers: dict[str, Counter[str]] = {}
    for _ in range(rounds):
        for side, ask in sides.items():
            started = perf_counter()
            found = dict(ask())
            best[side] = min(best[side], perf_counter() - started)
            peak = found.pop("peak", None)
            if peak:
                print(f"    peak of a worker {peak:,} MiB")
            if side != "reading":
                answers[side] = Counter(found)
    first = next(iter(answers.values()))
    wrong = [side for side, answer in answers.items() if answer != first]
    if wrong or not first:
        raise AssertionError(f"hits by rule differ: {wrong}")
    return best


def line_rules(spark: SparkSession, snapshot: Snapshot, rounds: int, spark_rules: int) -> None:
    """Print the table of 1, 30 and 300 made line rules, side by side."""
    started = perf_counter()
    plans = [plan(rule, *PERIOD) for rule in made_rules(300)]
    conditions = {f"made_{n}": sql for n, sql in enumerate(made_conditions(300))}
    print(f"{snapshot.layout.buckets} buckets; planning {perf_counter() - started:.1f} s")
    sampled_keys(spark, snapshot, plans, conditions)
    for count in (1, 30, 300):
        chosen = plans[:count]
        rules = dict(list(conditions.items())[:count])
        sides: dict[str, Callable[[], Counts]] = {
            "reading": lambda p=chosen: reading(spark, snapshot, p),
            "rulebook": lambda p=chosen: rulebook(spark, snapshot, p),
            "DuckDB alone": lambda r=rules: duckdb_alone(snapshot, r),
        }
        if count <= spark_rules:
            sides["plain Spark SQL"] = lambda r=rules: plain_spark(spark, snapshot, r)
        if find_spec("polars"):
            sides["Polars alone"] = lambda r=rules: polars_alone(snapshot, r)
        best = best_of(rounds, sides)
        print(f"{count} rules")
        for side, seconds in best.items():
            print(f"  {side:<16} {seconds:7.1f} s   {seconds / best['reading']:6.2f} x", flush=True)


def main(
    lines: Annotated[int, typer.Option(min=10_000)] = 10_000_000,
    rounds: Annotated[int, typer.Option(min=1)] = 2,
    lake: Annotated[Path | None, typer.Option(help="Made lake to keep and use again.")] = None,
    spark_rules: Annotated[int, typer.Option(help="Most rules for Spark SQL.")] = SPARK_RULES,
    grains: Annotated[bool, typer.Option(help="The library's grains alone.")] = False,
) -> None:
    """Print best times, and their ratio to the reading of the same columns."""
    folder = lake or Path(mkdtemp(prefix="vigie-benchmark-"))
    spark = spark_session("vigie-benchmark", master="local[2]")
    try:
        kept = (folder / "claim_lines").exists()
        snapshot = Snapshot.latest(Lake(str(folder))) if kept else made_lake(spark, folder, lines)
        if not grains:
            line_rules(spark, snapshot, rounds, spark_rules)
        library_by_grain(spark, snapshot, rounds)
    finally:
        spark.stop()
        if lake is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
