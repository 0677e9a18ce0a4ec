"""The last stage of a detection run: findings become ranked cases, by what was decided so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from cases.decisions import open_store
from cases.experience import Experience
from cases.learning.learning import learn
from cases.ranking import Policy, rank
from claims.runs import Run, now
from claims.storage import write_result
from jobs.progress import stage

CONTROL = """
select count_if(selection = 'random') as drawn,
    count_if(case_id not in (select unnest(cast($settled as varchar[])))) as cases
from cases where run_id = $run
"""


def rank_stage(spark: SparkSession, run: Run, decisions: str | None = None) -> None:
    """Fuse the run's findings into ranked cases.

    Args:
        decisions: the database of decisions to learn from; by judgement alone where absent.
    """
    policy, experience = Policy(capacity_hours=run.parameters["capacity_hours"]), Experience()
    with stage("cases") as told:
        if decisions:
            store = open_store(decisions, lake=run.lake)
            learned = learn(run.lake, store, run.run_id, policy, now().date(), run.seed or 0)
            policy, experience = learned.policy, learned.experience
            run.parameters["decisions"] = dict(learned.record)
            told.append(f"{learned.record['labelled']:,} decided cases learned from")
        run.parameters["policy"] = asdict(policy)
        findings, evidence = (
            run.lake.read(spark, table).where(F.col("run_id") == run.run_id)
            for table in ("findings", "evidence")
        )
        ranked = rank(findings, evidence, policy, experience, run.seed or 0)
        write_result(ranked.cases, run.lake, "cases", run.run_id)
        write_result(ranked.contributions, run.lake, "case_contributions", run.run_id)
        ranked.release()
        run.parameters["control"] = _control(run, policy, experience.settled)
        told.append("fused and ranked")


def _control(run: Run, policy: Policy, settled: Iterable[str]) -> dict[str, int | float]:
    """The random arm as drawn: so many of all cases that were to be worked on."""
    found = run.lake.query(CONTROL, "cases", run=run.run_id, settled=sorted(settled))
    drawn, cases = found.to_pylist()[0].values()
    return {"share": policy.control_share, "drawn": drawn, "of": cases}
