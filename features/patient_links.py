"""Providers tied by shared patients, beyond what their volumes and their area explain.

Buckets split persons, so shared-patient counts are sums over buckets, made without a shuffle of
claim lines. Two cuts bound the work without a quadratic join: providers above a stated share of
all patients (hospitals, laboratories) and persons with very many providers are left out, so that a
person makes at most ``most_providers * (most_providers - 1) / 2`` pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from claims.runs import Snapshot
from features.chance import (
    COUNT_DDL,
    HOME_TABLES,
    HOMES,
    ChanceTest,
    beyond_chance,
    sharing_enough,
    summed,
)

VISIT_TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": ("person_id", "billing_provider_id", "claim_line_start_date", "claim_type"),
}

_VISITS = """
create temp table visits as
with seen as (
  select distinct person_id, billing_provider_id as provider
  from claim_lines
  where claim_line_start_date between date '{start}' and date '{end}'
    and claim_type in ({claim_types}) and not {placeholder}
)
select * from seen qualify count(*) over (partition by person_id) <= {most_providers}
"""

_VOLUMES = """
select part, a, null as b, coalesce(stratum, '') as stratum, coalesce(parent, '') as parent,
  count(*) as n
from (
  select 'left' as part, provider as a, person_id from visits
  union all
  select distinct 'all', null, person_id from visits
) v left join homes h using (person_id)
group by all
"""

# Colleagues share patients by trade: pairs of one organisation or one tax id make no link.
_JOINT = """
with kept as (
  select v.person_id, v.provider, coalesce(p.organisation_id, v.provider) as organisation,
    coalesce(nullif(trim(p.tax_id), ''), v.provider) as tax_id
  from visits v join eligible e on v.provider = e.provider
  left join providers p on v.provider = p.provider_id
)
select 'joint' as part, x.provider as a, y.provider as b, null as stratum, null as parent,
  count(*) as n
from kept x join kept y on x.person_id = y.person_id and x.provider < y.provider
where x.organisation <> y.organisation and x.tax_id <> y.tax_id
group by all
"""


# The same where both visits lie within some days of each other; the expected count is that of the
# whole period, so that the test is conservative.
_NEAR = """
with kept as (
  select distinct v.person_id, v.provider, l.claim_line_start_date as day,
    coalesce(p.organisation_id, v.provider) as organisation,
    coalesce(nullif(trim(p.tax_id), ''), v.provider) as tax_id
  from visits v join eligible e on v.provider = e.provider
  join claim_lines l on l.person_id = v.person_id and l.billing_provider_id = v.provider
    and l.claim_line_start_date between date '{start}' and date '{end}'
    and l.claim_type in ({claim_types})
  left join providers p on v.provider = p.provider_id
)
select 'joint' as part, x.provider as a, y.provider as b, null as stratum, null as parent,
  count(distinct x.person_id) as n
from kept x join kept y on x.person_id = y.person_id and x.provider < y.provider
  and abs(date_diff('day', x.day, y.day)) <= {window_days}
where x.organisation <> y.organisation and x.tax_id <> y.tax_id
group by all
"""

VISIT_DDL = "part string, provider string, person_id string, degree int"
_SHARED = """
with chosen as (
  select v.person_id, v.provider, p.part, count(*) over (partition by v.person_id) as degree
  from visits v left join parts p on v.provider = p.provider
)
select part, provider, person_id, degree::int as degree from chosen where part is not null
qualify count(*) over (partition by person_id, part) >= 2
"""


@dataclass(frozen=True)
class PatientSharing:
    """Which providers and persons are looked at, and when sharing counts.

    Args:
        claim_types: claim types whose billing providers are compared; pharmacies and hospitals
            serve everybody's patients and are left out.
        hub_share: providers with more than this share of all patients are left out (0 to 1) …
        hub_floor: … once they have more than this number.
        most_providers: persons with more providers in the period are left out.
        window_days: a person is shared when both saw it within so many days; ``None`` is the
            whole period, 0 the same day.
    """

    claim_types: tuple[str, ...] = (
        "professional",
        "dental",
        "equipment",
        "transport",
        "home_care",
    )
    hub_share: float = 0.02
    hub_floor: int = 300
    most_providers: int = 40
    window_days: int | None = None
    test: ChanceTest = field(default_factory=ChanceTest)

    def most_persons(self, persons: int) -> int:
        """Patients above which a provider is a hub."""
        return max(self.hub_floor, int(self.hub_share * persons))

    @property
    def types(self) -> str:
        """The claim types as a list of SQL texts."""
        return ", ".join(f"'{name}'" for name in self.claim_types)

    def visits(self, start: date, end: date) -> str:
        """The statement that makes the table ``visits``: person and provider, each pair once."""
        return _VISITS.format(
            start=start,
            end=end,
            claim_types=self.types,
            placeholder=placeholder_sql("billing_provider_id"),
            most_providers=self.most_providers,
        )

    def joint(self, start: date, end: date) -> str:
        """The statement that counts the persons of pairs."""
        if self.window_days is None:
            return _JOINT
        return _NEAR.format(
            start=start, end=end, claim_types=self.types, window_days=self.window_days
        )


def patient_links(
    spark: SparkSession,
    snapshot: Snapshot,
    start: date,
    end: date,
    sharing: PatientSharing,
    only: pa.Table | None = None,
) -> DataFrame:
    """Provider pairs that share improbably many patients in the period.

    Args:
        only: ``provider``, where only these shall be paired; volumes and homes stay everybody's.

    Returns:
        ``LINK_DDL``, ``a`` before ``b``; a_total and b_total are both providers' patients. The
        frame is persisted: unpersist it when done.
    """
    level = StorageLevel.MEMORY_AND_DISK
    visits = sharing.visits(start, end)
    volumes = BucketProgram(
        {**VISIT_TABLES, **HOME_TABLES}, sql(visits, HOMES, _VOLUMES), COUNT_DDL
    )
    sides = summed(run_in_buckets(spark, snapshot, volumes), 0).persist(level)
    totals = sides.groupBy("part", F.col("a").alias("provider")).agg(F.sum("n").alias("n"))
    eligible = totals.where(F.col("n") >= sharing.test.least_joint).toArrow()
    persons = sum(row["n"] for row in eligible.to_pylist() if row["part"] == "all")
    kept = eligible.filter(
        (pc.field("part") == "left") & (pc.field("n") <= sharing.most_persons(persons))
    ).select(["provider"])
    if only is not None:
        kept = kept.join(only.select(["provider"]), "provider", join_type="left semi")
    pairs = BucketProgram(
        {**VISIT_TABLES, "providers": ("provider_id", "organisation_id", "tax_id")},
        sql(visits, sharing.joint(start, end)),
        COUNT_DDL,
        {"eligible": kept},
    )
    joint = summed(run_in_buckets(spark, snapshot, pairs), sharing.test.least_joint)
    of_each = totals.where("part = 'left'").select(
        F.col("provider").alias("subject"), F.col("n").alias("total")
    )
    joint = sharing_enough(joint, of_each, sharing.test)
    right = sides.where("part = 'left'").select(
        F.lit("right").alias("part"),
        F.lit(None).cast("string").alias("a"),
        F.col("a").alias("b"),
        "stratum",
        "parent",
        "n",
    )
    counts = sides.unionByName(right).unionByName(joint)
    links = beyond_chance(counts, sharing.test).persist(level)
    links.count()
    sides.unpersist()
    return links


def shared_visits(
    spark: SparkSession,
    snapshot: Snapshot,
    start: date,
    end: date,
    sharing: PatientSharing,
    parts: pa.Table,
) -> DataFrame:
    """Who of a part's providers saw which person, for persons whom at least two of them saw.

    Args:
        parts: ``provider`` and ``part``, each provider once.

    Returns:
        ``VISIT_DDL``, a pair once; degree is the person's providers in the period, those outside
        the part included; lazy.
    """
    program = BucketProgram(
        VISIT_TABLES, sql(sharing.visits(start, end), _SHARED), VISIT_DDL, {"parts": parts}
    )
    return run_in_buckets(spark, snapshot, program)
