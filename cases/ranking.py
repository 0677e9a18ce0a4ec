"""From findings and evidence to ranked cases: every case written, the order total."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from cases.capacity import with_capacity
from cases.experience import Experience
from cases.fusion import score, weigh
from cases.money import expected_recovery, shares, stakes
from cases.policy import Policy
from claims.model.results import CASE_CONTRIBUTIONS, CASES

__all__ = ["CASE_COLUMNS", "CONTRIBUTION_COLUMNS", "Policy", "Ranked", "rank"]

CASE_COLUMNS = tuple(name for name in CASES.names if name != "run_id")
CONTRIBUTION_COLUMNS = tuple(name for name in CASE_CONTRIBUTIONS.names if name != "run_id")


@dataclass(frozen=True)
class Ranked:
    """Ranked cases and what made them: two lazy frames without ``run_id``.

    Args:
        cases: columns ``CASE_COLUMNS``, one row a subject.
        contributions: columns ``CONTRIBUTION_COLUMNS``: a case's prior and all its findings.
        release: frees what was persisted; to be called once both frames are written.
    """

    cases: DataFrame
    contributions: DataFrame
    release: Callable[[], None]


def rank(
    findings: DataFrame,
    evidence: DataFrame,
    policy: Policy | None = None,
    experience: Experience | None = None,
    seed: int = 0,
) -> Ranked:
    """Fuse findings into one case a subject and put the cases in order of money.

    Order: expected recovery, suspicion, exposure (all descending), subject_type, subject_id. Ranks
    are given by one window over all cases, which moves rows of a few numbers and two ids through
    one task: seconds for a million cases, and spilled to disk beyond memory. All cases have a rank;
    capacity is shared out among those that people have not settled (:mod:`cases.capacity`).

    Args:
        findings, evidence: columns of the model, with or without ``run_id``; of one run only.
        experience: what decisions so far say.
        seed: draws the control cases.

    Raises:
        PolicyError: the policy holds a value that has no meaning.
    """
    policy, known = policy or Policy(), experience or Experience()
    policy.check()
    weighed = weigh(findings, policy, known.muted).persist()
    scored = _learned(score(weighed, policy, known.suspicion), known)
    counted = weighed.where(~F.col("muted"))
    claimed = counted.join(scored.select("case_id", "suspicion"), "case_id", how="inner").select(
        "finding_id", "overpayment", "case_id", "subject_type", "subject_id", "suspicion"
    )
    staked = stakes(shares(evidence, claimed))
    return Ranked(
        _ordered(scored, staked, policy, known, seed),
        _contributions(weighed, scored, policy),
        lambda: _unpersist(weighed),
    )


def _unpersist(frame: DataFrame) -> None:
    frame.unpersist()


def _learned(scored: DataFrame, known: Experience) -> DataFrame:
    """With the suspicion of the learned order, where there is one, in place of the score's."""
    if not known.learned:
        return scored
    rows = sorted(known.learned.items())
    learned = scored.sparkSession.createDataFrame(rows, "case_id string, learned double")
    both = scored.join(learned, "case_id", how="left")
    return both.withColumn("suspicion", F.coalesce("learned", "suspicion")).drop("learned")


def _ordered(
    scored: DataFrame, staked: DataFrame, policy: Policy, known: Experience, seed: int
) -> DataFrame:
    nothing = F.lit(Decimal("0.00"))
    order = Window.orderBy(
        F.col("expected_recovery").desc(),
        F.col("suspicion").desc(),
        F.col("exposure").desc(),
        "subject_type",
        "subject_id",
    )
    ranks = (
        scored.select("case_id", "subject_type", "subject_id", "suspicion")
        .join(staked, "case_id", how="left")
        .select(
            "case_id",
            "subject_type",
            "subject_id",
            "suspicion",
            F.coalesce("exposure", nothing).alias("exposure"),
            F.coalesce("overpayment", nothing).alias("overpayment"),
            expected_recovery(F.col("suspicion"), F.coalesce("assigned", nothing)).alias(
                "expected_recovery"
            ),
        )
        .withColumn("rank", F.row_number().over(order))
        .drop("subject_type", "subject_id", "suspicion")
    )
    return scored.join(
        with_capacity(ranks, policy, known.settled, seed), "case_id", how="inner"
    ).select(*[F.col(c.name).cast(c.type) for c in CASES.columns if c.name != "run_id"])


def _contributions(weighed: DataFrame, scored: DataFrame, policy: Policy) -> DataFrame:
    prior = scored.select(
        "case_id",
        F.lit("prior").alias("detector"),
        F.lit(None).cast("string").alias("finding_id"),
        F.lit(policy.prior_points).alias("points"),
    )
    return prior.unionByName(weighed.select(*CONTRIBUTION_COLUMNS))
