"""Profiles: one row a subject and period, computed once a run and read by all detectors."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from claims.runs import Snapshot
from features.account_profiles import account_profiles
from features.employer_profiles import employer_profiles
from features.member_profiles import member_profiles
from features.provider_profiles import provider_profiles


def build_profiles(
    spark: SparkSession, snapshot: Snapshot, start: date, end: date
) -> dict[str, DataFrame]:
    """The feature tables of a period, by name; they are lazy but for the norms they rest on.

    Args:
        start: first day of the period; earlier lines only tell whom a provider already knew.
        end: last day, included.

    Returns:
        ``provider_profiles``, ``member_profiles`` and ``account_profiles``; ``employer_profiles``
        too where employers and their workers were loaded. Columns: ``features.catalogue``.
    """
    profiles = {
        "provider_profiles": provider_profiles(spark, snapshot, start, end),
        "member_profiles": member_profiles(spark, snapshot, start, end),
        "account_profiles": account_profiles(spark, snapshot, start, end),
    }
    if snapshot.has("employers") and snapshot.has("employments"):
        profiles["employer_profiles"] = employer_profiles(spark, snapshot, start, end)
    return profiles
