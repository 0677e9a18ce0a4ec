"""Rules evaluated in one process say what a night on Spark says; Spark answers free questions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from cases.rule_trial import try_rule
from cases.workbench.explore import explore
from claims.lake import Lake
from claims.runs import latest
from detectors.rulebook.loader import load_rules
from detectors.rulebook.rule import GRAINS, Rule

OF_A_GRAIN = 3


def stored(lake: Lake, rule: Rule) -> list[tuple[str, Decimal, int]]:
    """Subject, overpayment and number of flagged rows of a rule's findings in the night."""
    prefix = "shadow_" if rule.status == "shadow" else ""
    found = lake.query(
        f"select subject_id, f.overpayment, count(*) as n from {prefix}findings f "
        f"join {prefix}evidence e using (run_id, finding_id) where run_id = $run "
        "and detector = $rule and detector_version = $version and role = 'flagged' "
        "group by all order by subject_id",
        f"{prefix}findings", f"{prefix}evidence",
        run=latest(lake, "run")["run_id"], rule=rule.name, version=rule.version,
    )  # fmt: skip
    return [tuple(row.values()) for row in found.to_pylist()]


@pytest.mark.parametrize("grain", GRAINS)
def test_a_trial_finds_what_the_night_found(population: Lake, grain: str) -> None:
    run = latest(population, "run")
    period = (run["period_start_date"], run["period_end_date"])
    own = [r for r in load_rules() if r.grain == grain and r.status in ("active", "shadow")]
    fired = [(rule, found) for rule in own if (found := stored(population, rule))]
    assert fired, f"no rule of the grain {grain} fired in the night"
    for rule, found in fired[:OF_A_GRAIN]:
        trial = try_rule(population, rule, period, {})
        told = [(s.subject_id, s.overpayment, s.rows) for s in trial.subjects.itertuples()]
        assert sorted(told) == found, rule.name
        assert trial.lost == ()
        assert trial.subjects["in_force"].all()


def test_a_question_to_spark_gives_duckdbs_answer_and_can_be_stopped(
    spark: SparkSession, population: Lake
) -> None:
    data = explore(population)
    asked = (
        "select claim_type, count(*) as n, count(distinct payee_account_id) as accounts "
        "from claim_lines group by claim_type order by claim_type"
    )
    large = data.large(asked, spark)
    large.job.join(120)
    assert large.frame is not None, large.message.value
    assert large.frame.to_dict("records") == data.sql(asked).frame.to_dict("records")
    assert large.bar.value == large.bar.max
    names = data.large("select max(last_name) as x from members", spark)
    names.job.join(120)
    assert names.frame is not None
    assert str(names.frame["x"][0]).startswith("•")
    stopped = data.large("select count(*) from range(1000000000)", spark)
    stopped.cancel.click()
    stopped.job.join(120)
    assert stopped.frame is None
    assert "stopped" in stopped.message.value
