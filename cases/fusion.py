"""How findings about one subject add up: log-odds points that a waterfall can show.

Points are weights of evidence (Good 1950): a finding that stood alone would leave the case at a
suspicion equal to its score. Adding them in full would treat them as independent, which they are
not: two rules of one group often fire on the same habit, and two detectors of one family read the
same profile. So of a group only the strongest finding counts, and the groups of a family add with
halving weights, which bounds a family at twice its strongest group however many detectors it has.

Families add in full, and they too can be moved by one cause (deviation and forest both read the
profiles; a rule's breach also swells the totals). The sum is then overconfident: three findings of
0.3 in three families give 0.995 at a prior of 0.02. Until dispositions calibrate it, suspicion is
an order, not a frequency; ``Policy.family_weights`` tempers a family known to echo another. As
suspicion saturates, the money at stake decides the order of cases, never suspicion alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from cases.policy import Policy
from detectors.base import finding_id

SUMMARY_REASONS = 3
SUMMARY_CHARACTERS = 210

EXACT = "decimal(20,9)"


def case_id(subject_type: str, subject_id: str) -> str:
    """The lasting id of a subject's case: MD5 of ``subject_type|subject_id``."""
    text = f"{subject_type}|{subject_id}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def weigh(findings: DataFrame, policy: Policy, muted: Iterable[tuple[str, str]] = ()) -> DataFrame:
    """The points of every finding of every case.

    Args:
        findings: columns of the model's ``findings`` (``run_id`` is not read).
        muted: cases and detectors whose findings on them people have suppressed.

    Returns:
        One row a finding: case_id, subject_type, subject_id, detector, finding_id, family,
        overpayment, reason, muted, points (log-odds at nine decimals, 0 where a stronger finding
        of the group counted, or it is muted) and place (1 is the finding told first: points ×
        overpayment, then points).
    """
    family = F.split_part("detector", F.lit("."), F.lit(1))
    group = F.when(
        family == "rules", F.concat(F.lit("rules."), F.split_part("detector", F.lit("."), F.lit(2)))
    ).otherwise(F.col("detector"))
    strongest = ("muted", F.col("score").desc(), F.col("finding_id"))
    in_group = Window.partitionBy("case_id", "group").orderBy(*strongest)
    in_family = Window.partitionBy("case_id", "family").orderBy("follows", *strongest)
    # What a case is opened for is told first: the evidence that carries its money.
    telling = F.col("points") * F.coalesce("overpayment", F.lit(Decimal(0))).cast("double")
    in_case = Window.partitionBy("case_id").orderBy(
        telling.desc(), F.col("points").desc(), *strongest
    )
    named = findings.select(
        "*", finding_id(F.col("subject_type"), F.col("subject_id")).alias("case_id")
    )
    return (
        _marked(named, muted)
        .select(
            "case_id",
            "subject_type",
            "subject_id",
            "detector",
            "finding_id",
            family.alias("family"),
            group.alias("group"),
            F.nanvl(F.coalesce("score", F.lit(0.0)), F.lit(0.0)).alias("score"),
            "overpayment",
            "reason",
            "muted",
        )
        # One exchange serves the three windows, as each is within a case.
        .repartition("case_id")
        .withColumn("follows", F.col("muted") | (F.row_number().over(in_group) > 1))
        .withColumn("step", F.row_number().over(in_family))
        .withColumn("points", F.when(F.col("follows"), 0.0).otherwise(_points(policy)))
        .withColumn("place", F.row_number().over(in_case))
        .drop("group", "follows", "step", "score")
    )


def _marked(findings: DataFrame, muted: Iterable[tuple[str, str]]) -> DataFrame:
    """With the column ``muted``; there are few, so that they go to every task."""
    pairs = sorted(set(muted))
    if not pairs:
        return findings.withColumn("muted", F.lit(False))
    frame = findings.sparkSession.createDataFrame(pairs, "case_id string, detector string")
    marks = F.broadcast(frame.withColumn("muted", F.lit(True)))
    joined = findings.join(marks, ["case_id", "detector"], how="left")
    return joined.withColumn("muted", F.coalesce("muted", F.lit(False)))


def _points(policy: Policy) -> Column:
    # A score below the prior is raised to it, and so gives no points rather than negative ones.
    score = F.least(F.greatest("score", F.lit(policy.prior)), F.lit(policy.ceiling))
    alone = F.log(score / (1 - score)) - F.lit(policy.prior_points)
    weight = F.lit(1.0)
    for column, factors in (
        ("family", policy.family_weights),
        ("detector", policy.detector_weights),
    ):
        weight = weight * _factor(column, factors)
    halved = F.pow(F.lit(policy.halving), F.col("step") - 1)
    return F.greatest(F.round(alone * weight * halved, 9), F.lit(0.0))


def _factor(column: str, factors: Mapping[str, float]) -> Column:
    """The factor of the value that a column has; 1 of a value not named."""
    if not factors:
        return F.lit(1.0)
    pairs = [F.lit(part) for name, factor in sorted(factors.items()) for part in (name, factor)]
    return F.coalesce(F.element_at(F.create_map(*pairs), F.col(column)), F.lit(1.0))


def score(
    weighed: DataFrame, policy: Policy, suspicion: Callable[[Column], Column] | None = None
) -> DataFrame:
    """One row a case: its score, suspicion, number of families that gave points, and summary.

    Args:
        weighed: what :func:`weigh` gives.
        suspicion: the probability of a score, where decisions have calibrated it.

    Returns:
        case_id, subject_type, subject_id, score (prior + points, summed as decimals so that the
        order of rows cannot move it), suspicion (its logistic, nine decimals, where nothing
        calibrates it), families, summary.
    """
    counted = F.when((F.col("points") > 0) | (F.col("place") == 1), F.col("reason"))
    reasons = [
        F.max(F.when(F.col("place") == place, counted)).alias(f"reason_{place}")
        for place in range(1, SUMMARY_REASONS + 1)
    ]
    total = F.lit(policy.prior_points).cast(EXACT) + F.col("points")
    likely = (suspicion or logistic)(F.col("score"))
    return (
        weighed.groupBy("case_id", "subject_type", "subject_id")
        .agg(
            F.sum(F.col("points").cast(EXACT)).alias("points"),
            F.countDistinct(F.when(F.col("points") > 0, F.col("family")))
            .cast("int")
            .alias("families"),
            F.count("*").alias("findings"),
            *reasons,
        )
        .withColumn("score", total.cast("double"))
        .select(
            "case_id",
            "subject_type",
            "subject_id",
            "score",
            likely.alias("suspicion"),
            "families",
            _summary().alias("summary"),
        )
    )


def logistic(score: Column) -> Column:
    """The probability that a score is, taken as log-odds; nine decimals."""
    return F.round(1 / (1 + F.exp(-score)), 9)


def _summary() -> Column:
    """The first reasons that fit on one line, then how many findings are left."""
    columns = [
        F.trim(F.rtrim(_one_line(f"reason_{n}"), F.lit("."))) for n in range(1, SUMMARY_REASONS + 1)
    ]
    first = columns[0]
    text = F.when(
        F.length(first) > SUMMARY_CHARACTERS,
        F.concat(F.substring(first, 1, SUMMARY_CHARACTERS - 1), F.lit("…")),
    ).otherwise(first)
    shown = F.lit(1)
    for number in range(2, SUMMARY_REASONS + 1):
        longer = F.concat_ws("; ", *columns[:number])
        fits = columns[number - 1].isNotNull() & (F.length(longer) <= SUMMARY_CHARACTERS)
        text = F.when(fits, longer).otherwise(text)
        shown = F.when(fits, F.lit(number)).otherwise(shown)
    left = F.col("findings") - shown
    more = (
        F.when(left == 1, F.lit(" and 1 more finding"))
        .when(left > 1, F.concat(F.lit(" and "), left.cast("string"), F.lit(" more findings")))
        .otherwise(F.lit(""))
    )
    return F.concat(F.coalesce(text, F.lit("")), more)


def _one_line(column: str) -> Column:
    return F.regexp_replace(column, r"\s+", " ")
