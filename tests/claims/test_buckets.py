"""Programs over member buckets see the net state, every row once, and nothing outside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.errors import PythonException
from pyspark.sql import SparkSession

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from claims.storage import bucket_number, bucket_of

DAY = "2024-01-05"


def line(claim: str, person: str, paid: str, **more: str) -> dict[str, str]:
    return {
        "claim_id": claim,
        "person_id": person,
        "claim_line_start_date": DAY,
        "paid_amount": paid,
        **more,
    }


@pytest.fixture
def snapshot(lake_of: Callable[..., Snapshot]) -> Snapshot:
    return lake_of(
        claim_lines=[
            line("A", "M1", "10"),
            line("B", "M2", "20"),
            line("B-void", "M2", "-20", adjustment_type="void", original_claim_id="B"),
            line("C", "M3", "30"),
            line(
                "C1",
                "M3",
                "31",
                adjustment_type="replacement",
                original_claim_id="C",
                submitted_date="2024-02-01",
            ),
            line(
                "C2",
                "M4",
                "32",
                adjustment_type="replacement",
                original_claim_id="C",
                submitted_date="2024-03-01",
            ),
            line("D", "M5", "0", claim_status="denied"),
        ]
    )


def test_net_state_keeps_originals_unnamed_and_the_last_replacement(
    spark: SparkSession, snapshot: Snapshot
) -> None:
    program = BucketProgram(
        {"claim_lines": ("paid_amount",)},
        sql("select claim_id, paid_amount from claim_lines"),
        "claim_id string, paid_amount decimal(18,2)",
    )
    rows = run_in_buckets(spark, snapshot, program).collect()
    assert sorted((r.claim_id, float(r.paid_amount)) for r in rows) == [("A", 10.0), ("C2", 32.0)]


def test_history_holds_every_version(spark: SparkSession, snapshot: Snapshot) -> None:
    program = BucketProgram(
        {"claim_lines_history": ()},
        sql("select count(*) as n from claim_lines_history"),
        "n bigint",
    )
    rows = run_in_buckets(spark, snapshot, program).collect()
    assert sum(r.n for r in rows) == 7
    assert len(rows) == 2


def test_an_absent_table_reads_as_empty(spark: SparkSession, snapshot: Snapshot) -> None:
    program = BucketProgram(
        {"cards": ("card_id",)}, sql("select count(card_id) as n from cards"), "n bigint"
    )
    assert [r.n for r in run_in_buckets(spark, snapshot, program).collect()] == [0, 0]


@pytest.mark.parametrize(
    "attack",
    ["select * from read_csv('/etc/passwd')", "attach '/tmp/x.db'", "set threads = 4"],
)
def test_a_program_cannot_reach_outside(
    spark: SparkSession, snapshot: Snapshot, attack: str
) -> None:
    program = BucketProgram({"claim_lines": ()}, sql(attack, "select 1 as n"), "n bigint")
    with pytest.raises(PythonException):
        run_in_buckets(spark, snapshot, program).collect()


def test_python_and_spark_agree_on_the_bucket(spark: SparkSession) -> None:
    people = [f"person-{n}" for n in range(50)] + ["", "é", "9" * 40]
    frame = spark.createDataFrame([(p,) for p in people], "person_id string")
    rows = frame.select("person_id", bucket_of("person_id", 7).alias("bucket")).collect()
    assert all(r.bucket == bucket_number(r.person_id, 7) for r in rows)
