"""What deviation and forest find of what was planted, alone and together, beside total paid.

    .venv/bin/vigie demo --to demo-lake
    .venv/bin/python -m benchmarks.deviation_detection planted demo-lake
    .venv/bin/python -m benchmarks.deviation_detection clean --seeds 20 --lines 20000

``planted`` runs both families on the profiles of the folder's newest run and ranks their findings
as a run would: where the subjects of each scheme stand, honest look-alikes among the first 200,
average precision and planted money at 50, 100 and 250 places, and how far each comparison's order
restates the order by total paid (Spearman, over all it tests). ``clean`` makes populations
in which nothing is planted: whoever is flagged there is flagged by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import duckdb
import numpy as np
import pyarrow as pa
import typer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table
from scipy import stats
from sklearn.metrics import average_precision_score

from cases.evaluation import evaluate, read_truth
from cases.queues import subjects_by_total_paid
from cases.ranking import rank
from claims.lake import Lake
from claims.loading import load
from claims.runs import Run, Snapshot, latest
from claims.session import spark_session
from claims.synthetic.population import synthesize
from claims.synthetic.world import END, START
from detectors.base import Inputs
from detectors.deviation import DEVIATION, Deviation
from detectors.families import run_family
from features.catalogue import PROFILES
from features.profiles import build_profiles
from jobs.demo import SETTLED

KS = (50, 100, 250)
LOOK_ALIKE_PLACES = 200
# Many small populations: compiling their plans would take longer than the plans.
INTERPRETED = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1",
}
# Schemes that show in how one subject compares with its peers; the others are for rules and graphs.
DEVIATIONS = (
    "below_review_threshold", "dormant_then_burst", "ghost_transport", "impossible_day",
    "refill_too_soon", "sick_leave_ring", "small_amount_skimming", "undeclared_employees",
    "units_over_maximum", "upcoded_visits", "doctor_shopping", "duplicate_billing",
    "stolen_member_list", "pharmacy_kickback", "missing_approval",
)  # fmt: skip

app = typer.Typer(add_completion=False, help=__doc__)


@dataclass(frozen=True)
class Queue:
    """A ranking under a name, and the findings behind it where there are any."""

    name: str
    places: pa.Table


def stored_inputs(spark: SparkSession, lake: Lake) -> Inputs:
    """The newest run's snapshot, period, seed and profiles, as its detectors saw them."""
    run = latest(lake, "run")
    snapshot = Snapshot.of_run(lake, run["rows"], run["parameters"])
    profiles = {
        name: lake.read(spark, name).where(F.col("run_id") == run["run_id"]).drop("run_id")
        for name in run["parameters"]["profiles"]
    }
    period = run["period_start_date"], run["period_end_date"]
    return Inputs(spark, snapshot, *period, run["seed"] or 0, profiles)


def rebuilt_inputs(spark: SparkSession, lake: Lake, folder: str) -> Inputs:
    """The same with profiles made anew, for a lake whose run is older than the features."""
    stored = stored_inputs(spark, lake)
    made = build_profiles(spark, stored.snapshot, stored.start, stored.end)
    profiles = {}
    for name, frame in made.items():
        frame.write.mode("overwrite").parquet(f"{folder}/{name}")
        profiles[name] = spark.read.parquet(f"{folder}/{name}")
    return Inputs(spark, stored.snapshot, stored.start, stored.end, stored.seed, profiles)


def queue_of(name: str, findings: DataFrame, evidence: DataFrame) -> Queue:
    """Findings ranked as cases: place, subject_type, subject_id."""
    ranked = rank(findings, evidence)
    places = ranked.cases.select(
        F.col("rank").alias("place"), "subject_type", "subject_id"
    ).toArrow()
    ranked.release()
    return Queue(name, places)


def average_precision(queue: pa.Table, truth: pa.Table, everyone: pa.Table) -> float:
    """Average precision over all subjects that were paid or planted; the unranked come last."""
    sql = """
    with planted as (select distinct subject_type, subject_id from truth where kind = 'planted'),
    placed as (select subject_type, subject_id, min(place) as place from queue group by all)
    select p.subject_id is not null as planted, -coalesce(q.place, 1000000000) as score
    from (select subject_type, subject_id from everyone union select * from planted
      union select subject_type, subject_id from placed) e
    left join planted p using (subject_type, subject_id)
    left join placed q using (subject_type, subject_id)
    """
    with duckdb.connect() as connection:
        for name, table in (("queue", queue), ("truth", truth), ("everyone", everyone)):
            connection.register(name, table)
        rows = connection.sql(sql).fetchnumpy()
    return float(average_precision_score(rows["planted"], rows["score"]))


def schemes_found(queue: pa.Table, truth: pa.Table) -> list[tuple[Any, ...]]:
    """By scheme and difficulty: subjects planted, and how many stand in the first 50, 100, 250."""
    sql = """
    select scheme, difficulty, count(distinct (t.subject_type, t.subject_id)) as planted,
      count(distinct (t.subject_type, t.subject_id)) filter (place <= 50) as k50,
      count(distinct (t.subject_type, t.subject_id)) filter (place <= 100) as k100,
      count(distinct (t.subject_type, t.subject_id)) filter (place <= 250) as k250
    from truth t left join (select subject_type, subject_id, min(place) as place from queue
      group by all) q using (subject_type, subject_id)
    where kind = 'planted' group by scheme, difficulty
    order by scheme, array_position(['easy', 'medium', 'hard'], difficulty)
    """
    with duckdb.connect() as connection:
        connection.register("queue", queue)
        connection.register("truth", truth)
        return connection.sql(sql).fetchall()


def look_alikes(queue: pa.Table, truth: pa.Table, places: int) -> list[tuple[Any, ...]]:
    """Honest look-alikes in the first places of a ranking, by scheme that they resemble."""
    sql = f"""
    select scheme, subject_id, min(place) as place from queue join truth t
      using (subject_type, subject_id)
    where kind = 'look_alike' and place <= {places} and not exists (from truth o
      where o.kind = 'planted' and o.subject_type = t.subject_type and o.subject_id = t.subject_id)
    group by all order by place
    """
    with duckdb.connect() as connection:
        connection.register("queue", queue)
        connection.register("truth", truth)
        return connection.sql(sql).fetchall()


def restating(inputs: Inputs, paid: pa.Table) -> Iterator[tuple[str, int, float]]:
    """By comparison: subjects tested, and Spearman's correlation of their distance from their
    peers with total paid.
    """
    subject_of = {one.name: one.subject for one in DEVIATION}
    order = paid.to_pandas().set_index(["subject_type", "subject_id"])["place"]
    tested, _ = Deviation().judged(inputs, alpha=1.0)
    tested = tested[tested["subject_id"].notna()]
    tested = tested.assign(subject_type=tested["measure"].map(subject_of))
    tested = tested.join(order, on=["subject_type", "subject_id"])
    for name, rows in tested.groupby("measure"):
        known = rows[["effect", "place"]].astype("float64").dropna()
        many = len(known) >= 5 and known["effect"].nunique() > 1
        rho = stats.spearmanr(known["effect"], -known["place"]).statistic if many else np.nan
        yield str(name), len(rows), float(rho)


@app.command()
def planted(
    folder: Annotated[Path, typer.Argument(help="Folder that `vigie demo --to` filled.")],
    rebuild: Annotated[bool, typer.Option(help="Make the profiles anew.")] = False,
) -> None:
    """Schemes found, look-alikes, added value over total paid, and who restates it."""
    lake, truth = Lake(f"{folder}/lake"), read_truth(folder / "truth" / "schemes.parquet")
    spark = spark_session("vigie-benchmark", "local[2]")
    with TemporaryDirectory() as scratch:
        inputs = rebuilt_inputs(spark, lake, scratch) if rebuild else stored_inputs(spark, lake)
        paid = subjects_by_total_paid(lake)
        parts = {name: run_family(name, inputs) for name in ("deviation", "forest")}
        frames = {
            name: (part.findings.persist(), part.evidence.persist()) for name, part in parts.items()
        }
        both = [reduce(DataFrame.unionByName, pair) for pair in zip(*frames.values(), strict=True)]
        queues = [queue_of(name, *pair) for name, pair in frames.items()]
        queues.append(queue_of("both", both[0], both[1]))
        _print(Queue("total paid", paid), queues, truth)
        _print_restating(inputs, paid)
        for name, part in parts.items():
            Console().print(f"{name}: {len(part.not_run)} not run {sorted(part.not_run)}")
            part.release()
    spark.stop()


def _print(paid: Queue, queues: list[Queue], truth: pa.Table) -> None:
    console = Console(width=150)
    table = Table("ranking", "cases", "average precision", *(f"money at {k}" for k in KS),
                  *(f"precision at {k}" for k in KS))  # fmt: skip
    for queue in (paid, *queues):
        at = evaluate(queue.places, truth, paid.places, KS).cases.at
        precision = average_precision(queue.places, truth, paid.places)
        table.add_row(queue.name, f"{queue.places.num_rows:,}", f"{precision:.3f}",
                      *(f"{one.money_share:.1%}" for one in at),
                      *(f"{one.precision:.1%}" for one in at))  # fmt: skip
    console.print(table)
    table = Table("scheme", "difficulty", "planted", "first 50", "first 100", "first 250")
    for row in schemes_found(queues[0].places, truth):
        mark = "*" if row[0] in DEVIATIONS else ""
        table.add_row(row[0] + mark, *map(str, row[1:]))
    console.print(table)
    for queue in queues:
        found = look_alikes(queue.places, truth, LOOK_ALIKE_PLACES)
        console.print(f"{queue.name}: look-alikes in the first {LOOK_ALIKE_PLACES}: {found}")


def _print_restating(inputs: Inputs, paid: pa.Table) -> None:
    table = Table("comparison", "subjects tested", "rank correlation with total paid")
    for name, number, rho in restating(inputs, paid):
        table.add_row(name, f"{number:,}", "" if np.isnan(rho) else f"{rho:+.2f}")
    Console(width=150).print(table)


@app.command()
def clean(
    seeds: Annotated[int, typer.Option(help="Populations.")] = 20,
    lines: Annotated[int, typer.Option(help="Claim lines of each.")] = 20_000,
    first: Annotated[int, typer.Option(help="First seed.")] = 1,
) -> None:
    """The share of subjects flagged where nothing is planted."""
    spark = spark_session("vigie-benchmark", "local[2]", settings=INTERPRETED)
    shares, findings_of, subjects_of = [], [], []
    for seed in range(first, first + seeds):
        with TemporaryDirectory() as folder:
            lake = Lake(f"{folder}/lake")
            synthesize(spark, lines, seed, f"{folder}/source", clean=True)
            load(spark, lake, "canonical", f"{folder}/source", as_of=SETTLED)
            run = Run(lake, "run", period=(START, END), seed=seed)
            profiles = _stored(spark, Snapshot.latest(lake), folder)
            inputs = Inputs(spark, Snapshot.latest(lake), START, END, run.seed or 0, profiles)
            found = Deviation().detect(inputs)
            rows = found.findings.select("detector", "subject_type", "subject_id").toPandas()
            found.release()
            subjects = sum(profiles[PROFILES[s][0]].count() for s in PROFILES if
                           PROFILES[s][0] in profiles)  # fmt: skip
            flagged = len(rows[["subject_type", "subject_id"]].drop_duplicates())
            shares.append(flagged / subjects)
            findings_of.append(len(rows))
            subjects_of.append(subjects)
            by = rows["detector"].value_counts().to_dict()
            print(f"seed {seed}: {flagged} of {subjects:,} flagged {by}", flush=True)
    print(f"{seeds} populations of {lines:,} lines, {sum(subjects_of):,} subjects: "
          f"{np.mean(shares):.4%} flagged (most {np.max(shares):.4%}), "
          f"{sum(n > 0 for n in findings_of)} populations with any finding")  # fmt: skip
    spark.stop()


def _stored(spark: SparkSession, snapshot: Snapshot, folder: str) -> dict[str, DataFrame]:
    stored = {}
    for name, frame in build_profiles(spark, snapshot, START, END).items():
        frame.write.parquet(f"{folder}/profiles/{name}")
        stored[name] = spark.read.parquet(f"{folder}/profiles/{name}")
    return stored


if __name__ == "__main__":
    app()
