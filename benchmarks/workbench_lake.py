"""A large lake with tens of thousands of ranked cases, for timing the workbench.

    .venv/bin/python -m benchmarks.workbench_lake --to /tmp/large --lines 10000000
    .venv/bin/python -m benchmarks.workbench_time --lake /tmp/large

Made claim lines, benefits and employments, the profiles of a run, and made findings in place of the
detectors': one of every provider, on a twentieth of his lines, and one of every twentieth member,
on all of his. They are ranked as any run's are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pyspark.sql import functions as F

from benchmarks.member_buckets import made_lake
from benchmarks.profiles import END, MORE, START
from claims.runs import recorded
from claims.session import spark_session
from claims.storage import write_result
from jobs.rank_stage import rank_stage
from jobs.stages import begin, features_stage

EVIDENCE = """
    select md5(concat(subject, id)) as finding_id, subject, id, 'claim_lines' as table_name,
        concat_ws('|', '', claim_id, claim_line_number) as row_key, paid_amount as amount,
        person_id, billing_provider_id as provider_id, 'flagged' as role
    from (
        select *, 'provider' as subject, billing_provider_id as id from claim_lines
        where pmod(xxhash64(claim_id, 1), 20) = 0
        union all
        select *, 'member', person_id from claim_lines where pmod(xxhash64(person_id, 2), 20) = 0
    )
"""
FINDINGS = """
    select finding_id, concat('rules.made.group_', pmod(xxhash64(id, 3), 12)) as detector,
        '1' as detector_version, subject as subject_type, id as subject_id,
        date '2023-01-01' as period_start_date, date '2024-12-31' as period_end_date,
        0.1 + pmod(xxhash64(id, 4), 800) / 1000 as score,
        cast(sum(amount) * pmod(xxhash64(id, 5), 100) / 100 as decimal(18,2)) as overpayment,
        concat('Of ', count(*), ' lines of ', subject, ' ', id, ' nothing is known') as reason,
        '{"rule": "made", "observed": 2, "expected": 1}' as details
    from evidence group by finding_id, subject, id
"""


def main(
    to: Annotated[Path, typer.Option("--to", help="Folder of the lake; it must not exist.")],
    lines: Annotated[int, typer.Option(min=100_000)] = 10_000_000,
) -> None:
    """Make the lake."""
    if to.exists():
        raise typer.BadParameter(f"{to} exists; name another folder")
    spark = spark_session("vigie-benchmark", master="local[2]")
    try:
        snapshot = made_lake(spark, to, lines, MORE)
        run = begin(spark, snapshot.lake, START, END, 1, 400)
        with recorded(run):
            features_stage(spark, run)
            run.not_run = {}
            lined = snapshot.lake.read(spark, "claim_lines", snapshot.versions["claim_lines"])
            lined.createOrReplaceTempView("claim_lines")
            evidence = spark.sql(EVIDENCE)
            evidence.createOrReplaceTempView("evidence")
            write_result(spark.sql(FINDINGS), run.lake, "findings", run.run_id)
            write_result(evidence.drop("subject", "id"), run.lake, "evidence", run.run_id)
            rank_stage(spark, run)
        cases = snapshot.lake.read(spark, "cases").agg(F.count("*")).collect()[0][0]
    finally:
        spark.stop()
    typer.echo(f"{lines:,} claim lines and {cases:,} cases in {to}")


if __name__ == "__main__":
    typer.run(main)
