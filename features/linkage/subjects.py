"""Members and providers of a snapshot as linkage records, and the links among them."""

from __future__ import annotations

from typing import Literal

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.identity_values import rows_of
from features.linkage.linking import linked
from features.linkage.records import RECORD_DDL, records_sql
from features.linkage.settings import REGISTER, LinkageSettings

Subject = Literal["member", "provider"]

_MEMBERS = records_sql(
    """(select m.*, e.known_from, e.known_to from members m left join (
      select person_id, min(coverage_start_date) as known_from,
        nullif(max(coalesce(coverage_end_date, date 'infinity')), date 'infinity') as known_to
      from eligibility group by person_id) e on m.person_id = e.person_id)""",
    "person_id",
    {
        "given_name": "first_name",
        "family_name": "last_name",
        "sex": "sex",
        "birth_date": "birth_date",
        "postal_code": "postal_code",
        "address": "address",
        "phone": "phone",
        "email": "email",
        "account": "bank_account_id",
        "official_id": "national_id",
        "known_from": "known_from",
        "known_to": "known_to",
    },
)
# An individual's name is given name first; an organisation's name is all family name.
_ALONE = "provider_type = 'individual' and contains(trim(name), ' ')"
_PROVIDERS = records_sql(
    "providers",
    "provider_id",
    {
        "given_name": f"case when {_ALONE} then regexp_extract(trim(name), '^(.*) [^ ]+$', 1) end",
        "family_name": f"if({_ALONE}, regexp_extract(trim(name), '[^ ]+$'), name)",
        "postal_code": "postal_code",
        "address": "address",
        "occupation": "specialty",
        "phone": "phone",
        "account": "bank_account_id",
        "official_id": "tax_id",
        "known_from": "enrolment_date",
        "known_to": "termination_date",
    },
)


def member_records(spark: SparkSession, snapshot: Snapshot) -> DataFrame:
    """Members as linkage records, known from their first cover to their last; lazy."""
    program = BucketProgram({"members": (), "eligibility": ()}, sql(_MEMBERS), RECORD_DDL)
    return run_in_buckets(spark, snapshot, program)


def provider_records(spark: SparkSession, snapshot: Snapshot) -> DataFrame:
    """Providers as linkage records, known from enrolment to termination."""
    found = rows_of(snapshot, f"{_PROVIDERS} order by record_id", "providers")
    return spark.createDataFrame(found, RECORD_DDL)


def same_person_links(
    spark: SparkSession,
    snapshot: Snapshot,
    subject: Subject,
    settings: LinkageSettings = REGISTER,
) -> DataFrame:
    """Which members, or which providers, may be one person (one enterprise) under two ids.

    Args:
        subject: ``member`` or ``provider``.

    Returns:
        ``subject_type`` and the columns of ``features.linkage.LINK_DDL``.
    """
    records = {"member": member_records, "provider": provider_records}[subject](spark, snapshot)
    links = linked(spark, records, settings)
    return links.select(F.lit(subject).alias("subject_type"), *links.columns)
