"""A whole night on a small population: what the run promises holds in the tables it leaves."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from typer.testing import CliRunner

import jobs.stages
from cases.evaluation import evaluate_run
from cases.reading import top_cases
from claims.lake import Lake
from claims.model import INPUT_TABLES, RESULT_TABLES
from claims.runs import latest, runs
from detectors.rulebook.library import library
from detectors.rulebook.loader import load_rules
from jobs.cli import door
from jobs.stages import detection_run

SHADOW = ("shadow_findings", "shadow_evidence")
RESULTS = ("findings", "evidence", "cases", "case_contributions", *SHADOW)


def rows_of(lake: Lake, table: str, run_id: str) -> list[tuple[object, ...]]:
    """Rows of a run without its id, in an order that depends on nothing but themselves."""
    sql = f"select * exclude run_id from {table} where run_id = $run order by all"
    found = lake.query(sql, table, run=run_id)
    return [tuple(row.values()) for row in found.to_pylist()]


def test_every_row_is_loaded_or_in_quarantine(population: Lake) -> None:
    load = latest(population, "load")
    assert set(load["rows"]) <= set(INPUT_TABLES)
    for table, account in load["rows"].items():
        assert account["in"] == account["loaded"] + account["quarantined"], table
        stored = population.query(f"select count(*) as n from {table}", table)
        assert stored.column("n")[0].as_py() == account["loaded"], table
    held = population.query(
        "select table_name, count(*) as n from quarantine group by all", "quarantine"
    ).to_pylist()
    assert held, "the population's broken rows must be caught"
    assert {r["table_name"]: r["n"] for r in held} == {
        table: a["quarantined"] for table, a in load["rows"].items() if a["quarantined"]
    }


def test_results_follow_the_model(population: Lake) -> None:
    for table in (*RESULTS, "runs", "quarantine"):
        fields = population.delta(table).schema().fields
        assert [field.name for field in fields] == list(RESULT_TABLES[table].names), table


def test_points_sum_to_the_score_and_ranks_are_total(population: Lake) -> None:
    run = latest(population, "run")["run_id"]
    off = population.query(
        "select c.case_id from cases c join case_contributions p using (run_id, case_id) "
        "where run_id = $run group by c.case_id, c.score having abs(sum(points) - score) > 1e-6",
        "cases", "case_contributions", run=run,
    )  # fmt: skip
    assert len(off) == 0
    ranks = [row["rank"] for row in top_cases(population, 10**6)]
    assert ranks == list(range(1, len(ranks) + 1))
    assert len(ranks) > 50


def test_money_is_counted_once(population: Lake) -> None:
    run = latest(population, "run")["run_id"]
    total = population.query(
        "select sum(amount) as held from (select max(amount) as amount from evidence "
        "where run_id = $run and role = 'flagged' group by table_name, row_key)",
        "evidence", run=run,
    ).column("held")[0].as_py()  # fmt: skip
    rows = top_cases(population, 10**6)
    assert sum((row["expected_recovery"] for row in rows), Decimal(0)) <= total
    held = [row for row in rows if row["subject_type"] != "employer"]
    assert all(row["overpayment"] <= row["exposure"] for row in held)


def test_every_family_found_something(population: Lake) -> None:
    run = latest(population, "run")["run_id"]
    found = population.query(
        "select distinct split_part(detector, '.', 1) as family from findings where run_id = $run",
        "findings", run=run,
    )  # fmt: skip
    assert set(found.column("family").to_pylist()) == {"deviation", "rules", "forest", "collusion"}


def test_rules_in_shadow_are_counted_and_open_no_case(population: Lake) -> None:
    run = latest(population, "run")["run_id"]
    found, counting, named = (
        set(
            population.query(
                f"select distinct detector from {table} where run_id = $run", table, run=run
            )
            .column("detector")
            .to_pylist()
        )
        for table in ("shadow_findings", "findings", "case_contributions")
    )
    status = {rule.name: rule.status for rule in load_rules()}
    assert found
    assert {status[name] for name in found} == {"shadow"}
    assert {status[name] for name in counting if name.startswith("rules.")} == {"active"}
    assert not found & named


def test_the_queue_beats_the_ranking_by_total_paid(population: Lake, truth: Path) -> None:
    found = evaluate_run(population, truth)
    ours, plain = ({at.k: at for at in side.at} for side in (found.cases, found.total_paid))
    assert ours[50].precision > plain[50].precision
    assert ours[100].money_share > 1.5 * plain[100].money_share


def test_the_truth_lies_outside_the_data_and_the_lake(population: Lake, truth: Path) -> None:
    lake = Path(population.root)
    assert lake not in truth.parents
    assert lake.parent / "source" not in truth.parents


def test_a_second_run_gives_the_same_rows(spark: SparkSession, population: Lake) -> None:
    first = latest(population, "run")
    period = (first["period_start_date"], first["period_end_date"])
    again = detection_run(spark, population, period, 1, 400, None, date(2025, 1, 31), library())
    assert again.parameters["profiles"] == first["parameters"]["profiles"]
    for table in (*again.parameters["profiles"], *RESULTS):
        assert rows_of(population, table, again.run_id) == rows_of(
            population, table, first["run_id"]
        ), table
    second = latest(population, "run")
    assert second["run_id"] == again.run_id
    assert second["rows"] == first["rows"]
    assert second["rulebook_hash"] == first["rulebook_hash"] == library().hash
    assert second["parameters"]["library"] == library().origin


def test_a_killed_run_leaves_the_last_results(
    spark: SparkSession, population: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = top_cases(population, 5)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs.stages, "features_stage", killed)
    with pytest.raises(KeyboardInterrupt):
        detection_run(
            spark, population, (None, None), 1, 400, "forest", date(2025, 1, 31), library()
        )
    assert runs(population)[-1]["status"] == "failed"
    assert top_cases(population, 5) == before


def test_the_queue_is_read_without_a_jvm(population: Lake) -> None:
    command = [sys.executable, "-m", "jobs.cli", "cases", "--lake", population.root, "--top", "3"]
    done = subprocess.run(
        [*command, "--format", "csv"],
        env={"PATH": "/nowhere", "JAVA_HOME": "/nowhere"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(done.stdout.strip().splitlines()) == 4


@pytest.mark.parametrize("arguments", [["cases"], ["run", "--only", "magic"], ["nonsense"]])
def test_wrong_usage_exits_with_2(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIGIE_LAKE", raising=False)
    assert CliRunner().invoke(door, arguments).exit_code == 2


def test_an_empty_lake_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", "cases", "--lake", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "vigie run" in done.stderr
    assert "Traceback" not in done.stderr
