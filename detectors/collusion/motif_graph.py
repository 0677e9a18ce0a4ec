"""Who owns, directs, is paid to and sits where: the small typed graph that motif queries search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphframes import GraphFrame
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.identifiers import placeholder_sql
from claims.runs import Snapshot
from features.identity_values import normalised, rows_of

EDGE_DDL = "src string, dst string, kind string"

# A member and the provider that the same person is are one node.
_OWNERS = f"""
with known as (
  select provider_id, person_id from providers where not {placeholder_sql("person_id")}
), held as (
  select subject_type, subject_id, organisation_type, organisation_id from affiliations
  where role in ('owner', 'manager')
  union all
  select 'member', director_person_id, 'employer', employer_id from employers
  where not {placeholder_sql("director_person_id")}
)
select distinct
  coalesce('provider:' || k.provider_id, h.subject_type || ':' || h.subject_id) as src,
  h.organisation_type || ':' || h.organisation_id as dst, 'owns' as kind
from held h left join known k on h.subject_type = 'member' and h.subject_id = k.person_id
where h.subject_id is not null and h.organisation_id is not null
order by all
"""

_PLACES = f"""
select 'provider:' || provider_id as src, 'address:' || place as dst, 'at' as kind from (
  select provider_id, {normalised("address", "address")} as place
  from providers where not {placeholder_sql("address")}
) where place is not null order by all
"""


def owners(spark: SparkSession, snapshot: Snapshot) -> DataFrame:
    """Who owns, manages or directs a provider or an employer: ``EDGE_DDL``, kind ``owns``."""
    tables = ("affiliations", "providers", "employers")
    return spark.createDataFrame(rows_of(snapshot, _OWNERS, *tables), EDGE_DDL)


def places(spark: SparkSession, snapshot: Snapshot) -> DataFrame:
    """The addresses of providers, normalised: ``EDGE_DDL``, kind ``at``."""
    return spark.createDataFrame(rows_of(snapshot, _PLACES, "providers"), EDGE_DDL)


def matches(
    edges: DataFrame, pattern: str, kinds: Sequence[str], nodes: Iterable[str]
) -> list[tuple[str, ...]]:
    """Where a pattern of GraphFrames' motif language occurs.

    Args:
        edges: ``EDGE_DDL``.
        pattern: named nodes and edges; edge ``e1`` is of the first kind, ``e2`` of the second …
        kinds: of its edges, in order.
        nodes: named nodes whose ids are wanted.

    Returns:
        The ids of these nodes, each combination once, sorted.
    """
    ends = edges.select(F.col("src").alias("id")).union(edges.select("dst")).distinct()
    found = GraphFrame(ends, edges).find(pattern)
    for number, kind in enumerate(kinds, start=1):
        found = found.where(F.col(f"e{number}.kind") == kind)
    wanted = found.select(*[F.col(f"{node}.id").alias(node) for node in nodes]).distinct()
    return sorted(tuple(row) for row in wanted.collect())


def bare(node: str) -> str:
    """The id of a node without its type."""
    return node.split(":", 1)[1]
