"""The rows behind one person under several ids: paid double, or paid to who is excluded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from detectors.base import EVIDENCE_DDL, Inputs
from features.identity_values import rows_of

# What evidence is, and why a row is in it: ``double``, ``return``, or ``own`` (the record itself).
ROWS_DDL = f"{EVIDENCE_DDL}, manner string"
_FACTS_DDL = f"{ROWS_DDL}, act string, day date, until date"

_LINES = {
    "claim_lines": (
        "claim_line_number",
        "person_id",
        "billing_provider_id",
        "procedure_code",
        "drug_code",
        "claim_line_start_date",
        "paid_amount",
    )
}
_BENEFITS = {
    "benefit_payments": (
        "payment_id",
        "person_id",
        "benefit_type",
        "period_start_date",
        "period_end_date",
        "paid_amount",
    )
}
_LINE_KEY = "concat_ws('|', coalesce(l.data_source, ''), l.claim_id, l.claim_line_number)"

_MEMBERS = f"""
with facts as (
  select r.finding_id, 'claim_lines' as table_name, {_LINE_KEY} as row_key,
    l.paid_amount as amount, l.person_id, l.billing_provider_id as provider_id,
    l.billing_provider_id || '|' || coalesce(l.procedure_code, l.drug_code) as act,
    l.claim_line_start_date as day, l.claim_line_start_date as until
  from claim_lines l join records r on l.person_id = r.subject_id
  where l.claim_line_start_date between date '{{start}}' and date '{{end}}' and l.paid_amount > 0
  union all
  select r.finding_id, 'benefit_payments', b.payment_id, b.paid_amount, b.person_id, null,
    b.benefit_type, b.period_start_date, coalesce(b.period_end_date, b.period_start_date)
  from benefit_payments b join records r on b.person_id = r.subject_id
  where b.period_start_date between date '{{start}}' and date '{{end}}' and b.paid_amount > 0
)
select *, 'flagged' as role, 'double' as manner from facts
union all
select finding_id, 'members', person_id, null, person_id, null, null, null, null, 'context', 'own'
from facts group by finding_id, person_id
"""

# Rows of one person lie together, so what two ids billed for one service is found inside a bucket.
_PROVIDERS = f"""
with lines as (
  select f.finding_id, f.place, {_LINE_KEY} as row_key, l.paid_amount as amount, l.person_id,
    l.billing_provider_id as provider_id, l.claim_line_start_date as day,
    coalesce(l.procedure_code, l.drug_code) as act,
    coalesce(l.claim_line_start_date >= f.since
      and (f.until is null or l.claim_line_start_date < f.until), false) as back
  from claim_lines l join firms f on l.billing_provider_id = f.subject_id
  where l.claim_line_start_date between date '{{start}}' and date '{{end}}' and l.paid_amount > 0
), same as (
  select x.finding_id, x.row_key, min(y.place) < x.place as later
  from lines x join lines y on x.finding_id = y.finding_id and x.person_id = y.person_id
    and x.day = y.day and x.act = y.act and x.place <> y.place
  group by x.finding_id, x.row_key, x.place
)
select l.finding_id, 'claim_lines' as table_name, l.row_key, l.amount, l.person_id, l.provider_id,
  case when l.back or s.later then 'flagged' else 'context' end as role,
  case when l.back then 'return' else 'double' end as manner
from lines l left join same s on l.finding_id = s.finding_id and l.row_key = s.row_key
where l.back or s.row_key is not null
"""

_RELATIVES = """
select person_id, related_person_id from relationships
where person_id in (select subject_id from records)
  and related_person_id in (select subject_id from records)
"""

# Enrolment and, where the provider is excluded, from when until when.
_STANDING = f"""
select p.provider_id, any_value(p.enrolment_date) as enrolled, min(x.exclusion_date) as since,
  nullif(max(coalesce(x.reinstatement_date, date 'infinity')), date 'infinity') as until
from providers p left join exclusions x on x.provider_id = p.provider_id
  or (x.provider_id is null and x.tax_id = p.tax_id and not {placeholder_sql("p.tax_id")})
group by p.provider_id order by p.provider_id
"""


def related(inputs: Inputs, people: Sequence[str]) -> frozenset[frozenset[str]]:
    """Pairs of these members that are on file as relatives or wards."""
    if not inputs.snapshot.has("relationships"):
        return frozenset()
    listed = pa.table({"subject_id": pa.array(people, pa.string())})
    program = BucketProgram(
        {"relationships": ("person_id", "related_person_id")},
        sql(_RELATIVES),
        "person_id string, related_person_id string",
        {"records": listed},
    )
    found = run_in_buckets(inputs.spark, inputs.snapshot, program).collect()
    return frozenset(frozenset((row.person_id, row.related_person_id)) for row in found)


def standing(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """By provider: ``enrolled``, and ``since`` and ``until`` when it is excluded."""
    found = rows_of(inputs.snapshot, _STANDING, "providers", "exclusions").to_pylist()
    return {row["provider_id"]: row for row in found}


def member_rows(inputs: Inputs, records: pa.Table) -> DataFrame:
    """What was paid to several records of one person for one act or one time.

    The record that was paid most in all is taken for the true one; rows of the others are flagged.

    Args:
        records: ``finding_id`` and ``subject_id``.

    Returns:
        A frame of ``ROWS_DDL``; each record that was paid anything has its own row as context.
    """
    program = BucketProgram(
        {**_LINES, **_BENEFITS},
        sql(_MEMBERS.format(start=inputs.start, end=inputs.end)),
        _FACTS_DDL,
        {"records": records},
    )
    facts = run_in_buckets(inputs.spark, inputs.snapshot, program)
    most = Window.partitionBy("finding_id").orderBy(F.desc("paid"), "person_id")
    place = (
        facts.groupBy("finding_id", "person_id")
        .agg(F.sum("amount").alias("paid"))
        .withColumn("place", F.row_number().over(most))
        .drop("paid")
    )
    rows = facts.join(place, ["finding_id", "person_id"], how="inner")
    other = rows.select(
        "finding_id",
        "table_name",
        "act",
        F.col("day").alias("other_day"),
        F.col("until").alias("other_until"),
        F.col("place").alias("other_place"),
    )
    together = (
        (F.col("place") != F.col("other_place"))
        & (F.col("day") <= F.col("other_until"))
        & (F.col("other_day") <= F.col("until"))
    )
    columns = [c for c in rows.columns if c not in ("act", "day", "until", "role", "place")]
    double = (
        rows.join(other, ["finding_id", "table_name", "act"], how="inner")
        .where(together)
        .groupBy(*columns)
        .agg(F.max(F.col("other_place") < F.col("place")).alias("later"))
        .withColumn("role", F.when(F.col("later"), "flagged").otherwise("context"))
    )
    named = [part.split()[0] for part in ROWS_DDL.split(", ")]
    return double.select(*named).unionByName(facts.where("manner = 'own'").select(*named))


def provider_rows(inputs: Inputs, firms: pa.Table) -> DataFrame:
    """What a provider's further id was paid while excluded, or for one service a second time.

    Args:
        firms: ``finding_id``, ``subject_id``, ``place`` (1: the id enrolled first), ``since`` and
            ``until`` (when another id of the group is excluded, null where the id itself is).

    Returns:
        A frame of ``ROWS_DDL``.
    """
    program = BucketProgram(
        _LINES,
        sql(_PROVIDERS.format(start=inputs.start, end=inputs.end)),
        ROWS_DDL,
        {"firms": firms},
    )
    return run_in_buckets(inputs.spark, inputs.snapshot, program)
