"""Who is paid to which account, and how much."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from claims.model.column import MONEY
from claims.runs import Snapshot

_PARTS_DDL = "a_type string, a_id string, b_id string, amount decimal(38,2), first date, last date"

_PARTS = """
with paid as (
  select 'member' as a_type, b.person_id as a_id, b.period_start_date as day, b.paid_amount,
    trim(coalesce(nullif(trim(b.bank_account_id), ''), m.bank_account_id)) as b_id
  from benefit_payments b left join members m on b.person_id = m.person_id
  where b.period_start_date between date '{start}' and date '{end}'
  union all
  select 'provider', l.billing_provider_id, l.claim_line_start_date, l.paid_amount,
    trim(coalesce(nullif(trim(l.payee_account_id), ''), p.bank_account_id))
  from claim_lines l left join providers p on l.billing_provider_id = p.provider_id
  where l.claim_line_start_date between date '{start}' and date '{end}'
)
select a_type, a_id, b_id, sum(paid_amount) as amount, min(day) as first, max(day) as last
from paid where not {nobody} and not {nowhere}
group by all
"""


def payment_links(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> DataFrame:
    """Members and providers with the accounts that the period's payments for them went to.

    The account of a payment counts, and the one on file where the payment names none. Benefits are
    the member's, claim lines the billing provider's.

    Returns:
        ``features.ownership_links.TIE_DDL``: kind ``payment``, ``b_type`` ``account``; the weight
        is the amount paid, the dates are those of its first and last payment.
    """
    parts = _PARTS.format(
        start=start, end=end, nobody=placeholder_sql("a_id"), nowhere=placeholder_sql("b_id")
    )
    program = BucketProgram(
        {
            "members": ("person_id", "bank_account_id"),
            "providers": ("provider_id", "bank_account_id"),
            "benefit_payments": (
                "person_id",
                "bank_account_id",
                "period_start_date",
                "paid_amount",
            ),
            "claim_lines": (
                "billing_provider_id",
                "payee_account_id",
                "claim_line_start_date",
                "paid_amount",
            ),
        },
        sql(parts),
        _PARTS_DDL,
    )
    summed = (
        run_in_buckets(spark, snapshot, program)
        .groupBy("a_type", "a_id", "b_id")
        .agg(
            F.sum("amount").cast(MONEY).cast("double").alias("weight"),
            F.min("first").alias("start_date"),
            F.max("last").alias("end_date"),
        )
    )
    return summed.select(
        F.lit("payment").alias("kind"),
        "a_type",
        "a_id",
        F.lit("account").alias("b_type"),
        "b_id",
        "weight",
        "start_date",
        "end_date",
    )
