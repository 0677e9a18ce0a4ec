"""Shared identity: subject and value, kept where strangers share the value and the crowd does not.

A value held by one family or one organisation says nothing and makes no link; a value held by more
units than its kind admits (a switchboard, a tower block) says nothing either, and would tie the
whole population into one component.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.identifiers import placeholder_sql
from claims.runs import Snapshot
from features.identity_values import rows_of

# Units (families or organisations) above which a value is a service, not a shared identity.
MOST_UNITS = {
    "account": 300,
    "phone": 100,
    "email": 100,
    "address": 200,
    "national_id": 50,
    "tax_id": 50,
    "card": 50,
    "device": 50,
}
LINK_COLUMNS = (
    "subject_type",
    "subject_id",
    "unit",
    "kind",
    "value",
    "units",
    "weight",
    "start_date",
    "end_date",
)

_INSTITUTIONAL = f"""
select trim(account_id) as value, bool_or(everyone) as everyone from (
  select account_id, holder_type = 'guardian' as everyone
  from accounts where holder_type in ('guardian', 'organisation')
  union all
  select code, true from code_sets where code_set = 'institutional_accounts'
) where not {placeholder_sql("account_id")} group by all order by all
"""


@dataclass(frozen=True)
class SharedValues:
    """Which values count as shared.

    Args:
        most_units: by kind, units above which a value is left out.
        least_households: an address counts only from this number of units on …
        building_quantile: … and above this quantile of units an address, so that a town of
            apartment houses is not one ring.
    """

    most_units: Mapping[str, int] = field(default_factory=lambda: MOST_UNITS)
    least_households: int = 8
    building_quantile: float = 0.999


def institutional_accounts(spark: SparkSession, snapshot: Snapshot) -> DataFrame:
    """Accounts of guardians, care homes and other organisations that collect for others.

    Returns:
        ``value`` and ``everyone``: whether the account is left out for providers and employers
        too (they lawfully use an organisation's account, members' pay goes there by mandate).
    """
    rows = rows_of(snapshot, _INSTITUTIONAL, "accounts", "code_sets")
    return spark.createDataFrame(rows, "value string, everyone boolean")


def owners_of_payees(values: DataFrame) -> DataFrame:
    """Unknown payee accounts given to the side that owns them: the one with fewer subjects.

    A provider's new account is paid for one provider and many members, a diverted account of
    members' reimbursements for few members and many providers.
    """
    payees = values.where("source = 'payee'")
    sides = payees.groupBy("value").agg(
        F.count_distinct(F.when(F.col("subject_type") == "member", F.col("subject_id"))).alias("m"),
        F.count_distinct(F.when(F.col("subject_type") == "provider", F.col("subject_id"))).alias(
            "p"
        ),
    )
    owner = F.when(F.col("m") < F.col("p"), F.lit("member")).otherwise(F.lit("provider"))
    owners = sides.select("value", owner.alias("subject_type"))
    owned = payees.join(owners, ["value", "subject_type"], how="left_semi")
    return values.where("source <> 'payee'").unionByName(owned)


def identity_links(
    values: DataFrame, institutional: DataFrame, admitted: SharedValues | None = None
) -> DataFrame:
    """Subjects tied to values that at least two units share.

    Args:
        values: as ``identity_values`` gives them; read several times, so persist them.
        institutional: as ``institutional_accounts`` gives them.

    Returns:
        ``subject_type``, ``subject_id``, ``unit``, ``kind``, ``value``, ``units`` (bigint: units
        that share the value), ``weight`` (1 / (units - 1): the fewer share a value, the more it
        says), ``start_date`` and ``end_date`` (between which the subject is known to have held it,
        null where unknown or still so), one row a subject and value.
    """
    held = _held(values)
    shared = _shared(values, held, admitted or SharedValues()).where("why is null")
    links = held.join(shared.drop("why"), ["kind", "value"], how="inner")
    return _marked(links, institutional).where("not lawful").select(*LINK_COLUMNS)


def context_links(
    values: DataFrame, institutional: DataFrame, admitted: SharedValues | None = None
) -> DataFrame:
    """Values that several subjects share for a reason: what a dossier shows beside a ring.

    Args:
        values: as ``identity_values`` gives them; read several times, so persist them.
        institutional: as ``institutional_accounts`` gives them.

    Returns:
        The columns of ``identity_links``, and ``why``: ``one unit`` (a family or an organisation),
        ``crowd`` (more units than the bound of its kind), ``usual building``, or ``institution``.
    """
    held = _held(values)
    shared = _shared(values, held, admitted or SharedValues())
    links = _marked(held.join(shared, ["kind", "value"], how="inner"), institutional)
    why = F.coalesce("why", F.when(F.col("lawful"), F.lit("institution")))
    return links.withColumn("why", why).where("why is not null").select(*LINK_COLUMNS, "why")


def _held(values: DataFrame) -> DataFrame:
    """One row a subject and value; what is on file has no end but its own."""
    open_end = (F.col("source") == "on_file") & F.col("end_date").isNull()
    return (
        owners_of_payees(values)
        .groupBy("subject_type", "subject_id", "kind", "value", "unit")
        .agg(
            F.min("start_date").alias("start_date"),
            F.when(~F.bool_or(open_end), F.max("end_date")).alias("end_date"),
        )
    )


def _shared(values: DataFrame, held: DataFrame, admitted: SharedValues) -> DataFrame:
    """Values of several subjects, with their units and why they are no link."""
    counted = (
        held.groupBy("kind", "value")
        .agg(F.count_distinct("unit").alias("units"), F.count(F.lit(1)).alias("subjects"))
        .where(F.col("subjects") >= 2)
        .drop("subjects")
    )
    most = F.create_map(*[F.lit(part) for pair in admitted.most_units.items() for part in pair])
    homes = (
        values.where("kind = 'address'")
        .groupBy("value")
        .agg(F.count_distinct("unit").alias("units"))
    )
    usual = homes.agg(
        F.coalesce(
            F.percentile_approx("units", admitted.building_quantile, 100_000), F.lit(0)
        ).alias("usual")
    )
    crowded = (F.col("units") >= admitted.least_households) & (F.col("units") > F.col("usual"))
    why = (
        F.when(F.col("units") < 2, F.lit("one unit"))
        .when(F.col("units") > most[F.col("kind")], F.lit("crowd"))
        .when((F.col("kind") == "address") & ~crowded, F.lit("usual building"))
    )
    return counted.crossJoin(F.broadcast(usual)).withColumn("why", why).drop("usual")


def _marked(links: DataFrame, institutional: DataFrame) -> DataFrame:
    """Links with their weight, and whether the account is an institution's."""
    closed = institutional.withColumn("kind", F.lit("account"))
    known = links.join(F.broadcast(closed), ["kind", "value"], how="left")
    # ``everyone`` is null where the account is no institution's.
    of_member = F.col("everyone").isNotNull() & (F.col("subject_type") == "member")
    weight = F.when(F.col("units") > 1, 1 / (F.col("units") - 1)).otherwise(F.lit(0.0))
    return known.withColumn(
        "lawful", F.coalesce(F.col("everyone"), F.lit(False)) | of_member
    ).withColumn("weight", F.round(weight, 9))
