"""The stage of a detection run that runs the families of detectors over snapshot and profiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from cases.decisions import open_store
from cases.learning.confirmed import confirmed_subjects
from claims.runs import Run, Snapshot
from claims.storage import Mode, write_result
from detectors.base import FAMILIES, Inputs
from detectors.earlier import earlier_groups, earlier_run
from detectors.families import run_family
from detectors.rulebook.library import Library
from jobs.progress import say, stage

FEW = 4
TRIAL = ("shadow_findings", "shadow_evidence")


def detect_stage(
    spark: SparkSession,
    run: Run,
    only: str | None,
    library: Library,
    decisions: str | None = None,
) -> None:
    """Run the detectors and write what they found, family by family, rules by the library.

    Args:
        decisions: the database of decisions; whom they confirmed is where suspicion starts.
    """
    start, end = run.period or (date.min, date.max)
    profiles = {
        name: run.lake.read(spark, name).where(F.col("run_id") == run.run_id).drop("run_id")
        for name in run.parameters.get("profiles", ())
    }
    before = earlier_run(run.lake)
    earlier = earlier_groups(run.lake, before)
    confirmed = _confirmed(run, decisions) if decisions else ()
    snapshot = Snapshot.of_run(run.lake, run.rows, run.parameters)
    seed = run.seed or 0
    inputs = Inputs(
        spark, snapshot, start, end, seed, profiles, earlier=earlier, confirmed=confirmed
    )
    run.not_run = {}
    run.parameters |= {"only": only, "library": library.origin, "earlier_run": before}
    run.rulebook_hash = library.hash
    mode: Mode = "overwrite"
    for family in FAMILIES if only is None else (only,):
        if mode == "append":
            so_far = run.lake.read(spark, "findings").where(F.col("run_id") == run.run_id)
            inputs = replace(inputs, findings=so_far.drop("run_id"))
        with stage(family) as told:
            found = run_family(family, inputs, library)
            write_result(found.findings, run.lake, "findings", run.run_id, mode)
            write_result(found.evidence, run.lake, "evidence", run.run_id, mode)
            told.append(f"{_count(run, 'findings', family):,} findings")
            if found.trial:
                for table, frame in zip(TRIAL, found.trial, strict=True):
                    write_result(frame, run.lake, table, run.run_id)
                told.append(f"{_count(run, TRIAL[0], family):,} in shadow")
            found.release()
            run.not_run.update(found.not_run)
            told.append(f"{len(found.not_run)} not run")
        mode = "append"
    for line in silent_lines(run.not_run):
        say(line)


def _confirmed(run: Run, decisions: str) -> tuple[tuple[str, str], ...]:
    """Subjects confirmed so far; the run's row pins the acts they were read from."""
    store = open_store(decisions, lake=run.lake)
    pin = store.pin()
    found = confirmed_subjects(run.lake, store, pin.last_act)
    run.parameters["confirmed"] = {"store": store.url, **asdict(pin), "subjects": len(found)}
    return found


def silent_lines(not_run: Mapping[str, str]) -> Iterator[str]:
    """What did not run and why, in a line each or, where many share a reason, in one for all."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in sorted(not_run.items()):
        by_reason.setdefault(reason, []).append(name)
    for reason, names in sorted(by_reason.items(), key=lambda item: item[1]):
        told = ", ".join(names) if len(names) <= FEW else f"{len(names)} detectors"
        yield f"  not run: {told}, because {reason}"


def _count(run: Run, table: str, family: str) -> int:
    sql = f"select count(*) as n from {table} where run_id = $run and detector like $family || '.%'"
    found = run.lake.query(sql, table, run=run.run_id, family=family)
    return int(found.column("n")[0].as_py())
