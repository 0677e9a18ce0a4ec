"""The stages of a detection run, each reading what the one before it wrote to the lake."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from claims.errors import GateError, LakeError
from claims.lake import Lake
from claims.loading import SourceName, read_source
from claims.rejections import of_loads, of_rows
from claims.runs import Run, Snapshot, recorded
from claims.storage import write_result
from detectors.rulebook.library import Library
from expectations.gate import check
from expectations.history import measures_of
from expectations.report import CHECKS_DDL, Report
from features.profiles import build_profiles
from jobs.detect_stage import detect_stage
from jobs.progress import stage
from jobs.rank_stage import rank_stage

DATED = {"claim_lines": "claim_line_start_date", "benefit_payments": "period_start_date"}


def begin(
    spark: SparkSession,
    lake: Lake,
    start: date | None,
    end: date | None,
    seed: int,
    capacity_hours: float,
) -> Run:
    """A new detection run on the newest succeeded loads; the period defaults to the data's own."""
    snapshot = Snapshot.latest(lake)
    first, last = _period(spark, snapshot, start, end)
    return Run(
        lake,
        "run",
        period=(first, last),
        seed=seed,
        rows={table: dict(account) for table, account in snapshot.rows.items()},
        parameters={**snapshot.parameters(), "capacity_hours": capacity_hours},
    )


def period_of(
    spark: SparkSession, lake: Lake, start: date | None, end: date | None
) -> tuple[date, date]:
    """A period of the newest succeeded loads; a day not given is the data's own first or last.

    Raises:
        LakeError: there is no dated row, or the period ends before it starts.
    """
    return _period(spark, Snapshot.latest(lake), start, end)


def _period(
    spark: SparkSession, snapshot: Snapshot, start: date | None, end: date | None
) -> tuple[date, date]:
    days = [day for day in (start, end) if day]
    if len(days) < 2:
        for table, column in DATED.items():
            if snapshot.has(table):
                rows = snapshot.lake.read(spark, table, snapshot.versions[table])
                found = rows.agg(F.min(column), F.max(column)).first()
                days += [day for day in found or () if day]
    if not days:
        raise LakeError(f"{snapshot.lake.root}: no dated claim line or payment; load some first")
    first, last = start or min(days), end or max(days)
    if first > last:
        raise LakeError(f"the period ends ({last}) before it starts ({first}); give other dates")
    return first, last


def snapshot_of(run: Run) -> Snapshot:
    """The snapshot that the run's row names."""
    return Snapshot.of_run(run.lake, run.rows, run.parameters)


def check_stage(spark: SparkSession, run: Run, as_of: date) -> Report:
    """Gate the snapshot.

    Raises:
        GateError: a critical check failed, so no detector may run.
    """
    with stage("gate") as told:
        report = _checked(spark, run, as_of)
        told.append(
            f"{len(report.results)} checks, {len(report.critical)} critical, "
            f"{len(report.warnings)} warnings"
        )
    run.parameters["warnings"] = {result.full_name: result.failing for result in report.warnings}
    if report.critical:
        names = ", ".join(result.full_name for result in report.critical)
        meant = (
            "; if fewer rows are meant, load with --new-baseline" if "rows_kept" in names else ""
        )
        raise GateError(
            f"critical checks failed: {names}; see `vigie check --lake {run.lake.uri}`{meant}"
        )
    return report


def _checked(spark: SparkSession, run: Run, as_of: date) -> Report:
    snapshot = snapshot_of(run)
    frames = {
        table: run.lake.read(spark, table, snapshot.versions[table]) for table in snapshot.rows
    }
    earlier = measures_of(run.lake, snapshot.loads)
    report = check(
        frames,
        earlier,
        as_of,
        snapshot.layout.currency,
        accounts=snapshot.rows,
        rejections=of_loads(run.lake, snapshot.loads),
    )
    rows = spark.createDataFrame(report.to_rows(), CHECKS_DDL)
    write_result(rows, run.lake, "checks", run.run_id)
    return report


def features_stage(spark: SparkSession, run: Run) -> None:
    """Compute the profiles of the period once, for all detectors, case files and notebooks."""
    start, end = run.period or (date.min, date.max)
    with stage("features") as told:
        profiles = build_profiles(spark, snapshot_of(run), start, end)
        # Small jobs wait for the driver more than for the cores: tables are written side by side.
        with ThreadPoolExecutor(len(profiles)) as writers:
            written = [
                writers.submit(write_result, frame, run.lake, name, run.run_id)
                for name, frame in profiles.items()
            ]
        for table in written:
            table.result()
        run.parameters["profiles"] = sorted(profiles)
        told.append(", ".join(sorted(profiles)))


def detection_run(
    spark: SparkSession,
    lake: Lake,
    period: tuple[date | None, date | None],
    seed: int,
    capacity_hours: float,
    only: str | None,
    as_of: date,
    library: Library,
    decisions: str | None = None,
) -> Run:
    """All stages in one session; the run's row is marked as succeeded last.

    Args:
        decisions: the database of decisions to learn from.
    """
    run = begin(spark, lake, *period, seed, capacity_hours)
    with recorded(run):
        check_stage(spark, run, as_of)
        features_stage(spark, run)
        detect_stage(spark, run, only, library, decisions)
        rank_stage(spark, run, decisions)
    return run


def check_lake(spark: SparkSession, lake: str, as_of: date) -> Report:
    """Gate what a lake holds; the result is kept as a run of kind ``check``."""
    opened = Lake(lake)
    snapshot = Snapshot.latest(opened)
    rows = {table: dict(account) for table, account in snapshot.rows.items()}
    with recorded(Run(opened, "check", rows=rows, parameters=snapshot.parameters())) as run:
        return _checked(spark, run, as_of)


def check_folder(spark: SparkSession, source: SourceName, folder: str, as_of: date) -> Report:
    """Gate the rows that a load would accept, told of those that it would quarantine."""
    cast = read_source(spark, source, folder, as_of)
    try:
        refused = of_rows(cast.quarantine)
        return check(
            cast.frames, None, as_of, cast.currency, accounts=cast.accounts, rejections=refused
        )
    finally:
        cast.release()
