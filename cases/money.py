"""Whose money is whose: what a case is worth, each row of evidence once, in integer cents."""

from __future__ import annotations

from decimal import Decimal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

# A contribution that was never paid is lost on a row whose amounts may say nothing of it.
UNPAID_TABLES = ("contributions",)

LARGEST = "9223372036854775807L"

ROW = ("table_name", "row_key")
CASE = ("case_id", "subject_type", "subject_id", "suspicion")


def shares(evidence: DataFrame, findings: DataFrame) -> DataFrame:
    """Each finding's overpayment spread over its flagged rows in proportion to their amounts.

    Exact in cents by cumulative rounding down: with the rows in order of table and key, a row gets
    ``floor(o·c/t) - floor(o·c'/t)``, where ``o`` is the overpayment, ``t`` the sum of amounts and
    ``c'``, ``c`` the amounts up to and with the row. The shares sum to ``o`` and none exceeds its
    row's amount. An overpayment above the amounts is cut to them, except that rows of
    ``contributions`` take the rest in even parts.

    Args:
        evidence: columns of the model's ``evidence`` (``run_id`` is not read). Rows of role
            ``context`` are left out; a row named twice by a finding counts once.
        findings: finding_id, overpayment and the columns that shall come along.

    Returns:
        One row a finding and flagged row: the columns of ``findings`` but its overpayment,
        table_name, row_key, amount and undue (bigint cents).
    """
    along = [name for name in findings.columns if name not in ("finding_id", "overpayment")]
    flagged = (
        evidence.where(F.coalesce("role", F.lit("flagged")) == "flagged")
        .select("finding_id", *ROW, _cents("amount").alias("amount"))
        .repartition("finding_id")
        .groupBy("finding_id", *ROW)
        .agg(F.max("amount").alias("amount"))
    )
    whole = Window.partitionBy("finding_id")
    until = whole.orderBy(*ROW).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    unpaid = F.col("table_name").isin(*UNPAID_TABLES).cast("bigint")
    owed = _cents("overpayment")
    return (
        flagged.join(findings, "finding_id", how="inner")
        .withColumn("amounts", F.sum("amount").over(whole))
        .withColumn("amounts_until", F.sum("amount").over(until))
        .withColumn("spread", F.least(owed, F.col("amounts")))
        .withColumn("rest", owed - F.col("spread"))
        .withColumn("unpaid", unpaid)
        .withColumn("unpaids", F.sum("unpaid").over(whole))
        .withColumn("unpaids_until", F.sum("unpaid").over(until))
        .select(
            "finding_id",
            *along,
            *ROW,
            "amount",
            (
                _part("spread", "amount", "amounts_until", "amounts")
                + _part("rest", "unpaid", "unpaids_until", "unpaids")
            ).alias("undue"),
        )
    )


def _cents(column: str) -> Column:
    """An amount as integer cents; null and negative amounts are 0."""
    amount = F.coalesce(F.col(column).cast("decimal(18,2)"), F.lit(Decimal(0)))
    return F.greatest((amount * 100).cast("bigint"), F.lit(0).cast("bigint"))


def _part(total: str, weight: str, until: str, whole: str) -> Column:
    """What a row gets of a total, by cumulative rounding down; 0 where there is no weight."""

    def part(number: str) -> str:
        upto, before = (
            f"(cast({total} as {number}) * cast({weights} as {number})) div {whole}"
            for weights in (until, f"({until} - {weight})")
        )
        return f"{upto} - {before}"

    # Cents times cents may overflow 64 bits; decimals do not, but take several times as long.
    return F.expr(
        f"case when {total} = 0 or {whole} = 0 then 0L "
        f"when {total} <= {LARGEST} div {whole} then {part('bigint')} "
        f"else {part('decimal(19,0)')} end"
    )


def stakes(shares: DataFrame) -> DataFrame:
    """What every case has at stake, a row's money going to one case only.

    Within a case a row counts once, at its highest amount and highest share. Over cases its money
    goes to the case of highest suspicion, then by subject_type and subject_id; a case that claims
    no money on the row (a lead) does not take it from one that does.

    Args:
        shares: what :func:`shares` gives, with case_id, subject_type, subject_id and suspicion.

    Returns:
        One row a case with flagged evidence: case_id, exposure, overpayment and assigned (the
        overpayment of the rows that are its own), decimal(18,2).
    """
    first = Window.partitionBy(*ROW).orderBy(
        (F.col("undue") > 0).desc(), F.col("suspicion").desc(), "subject_type", "subject_id"
    )
    return (
        # Laid by row, the sums within a case and the choice between cases need no exchange.
        shares.repartition(*ROW)
        .groupBy(*ROW, *CASE)
        .agg(F.max("amount").alias("amount"), F.max("undue").alias("undue"))
        .withColumn("own", F.when(F.row_number().over(first) == 1, F.col("undue")).otherwise(0))
        .groupBy("case_id")
        .agg(
            _money(F.sum("amount")).alias("exposure"),
            _money(F.sum("undue")).alias("overpayment"),
            _money(F.sum("own")).alias("assigned"),
        )
    )


def _money(cents: Column) -> Column:
    return (cents.cast("decimal(19,0)") * F.lit(Decimal("0.01"))).cast("decimal(18,2)")


def expected_recovery(suspicion: Column, assigned: Column) -> Column:
    """Suspicion times the case's own overpayment, to the cent, half up."""
    exact = suspicion.cast("decimal(10,9)") * assigned.cast("decimal(18,2)")
    return F.round(exact, 2).cast("decimal(18,2)")
