"""Who owns, manages, staffs or is whom: links that the registers themselves state."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession

from claims.identifiers import placeholder_sql
from claims.runs import Snapshot
from features.identity_values import rows_of

TIE_DDL = (
    "kind string, a_type string, a_id string, b_type string, b_id string, weight double, "
    "start_date date, end_date date"
)

_TABLES = ("affiliations", "providers", "employers")
# A role that the affiliations tell with its dates is not told again by the registers' own columns.
_TIES = f"""
with stated as (
  select role as kind, subject_type as a_type, subject_id as a_id, organisation_type as b_type,
    organisation_id as b_id, start_date, end_date
  from affiliations
), registered as (
  select 'member' as kind, 'provider' as a_type, provider_id as a_id, 'provider' as b_type,
    organisation_id as b_id, cast(null as date) as start_date, cast(null as date) as end_date
  from providers where not {placeholder_sql("organisation_id")}
  union all
  select 'is', 'member', person_id, 'provider', provider_id, null, null
  from providers where not {placeholder_sql("person_id")}
  union all
  select 'director', 'member', director_person_id, 'employer', employer_id, created_date,
    closed_date
  from employers where not {placeholder_sql("director_person_id")}
), ties as (
  select * from stated
  union all
  select r.* from registered r anti join stated s
    on r.a_type = s.a_type and r.a_id = s.a_id and r.b_type = s.b_type and r.b_id = s.b_id
    and r.kind = 'member'
)
select kind, a_type, a_id, b_type, b_id,
  round(1.0 / count(distinct a_id) over (partition by kind, b_type, b_id), 9) as weight,
  start_date, end_date
from ties
where a_id <> b_id and not {placeholder_sql("a_id")} and not {placeholder_sql("b_id")}
order by all
"""


def ownership_links(spark: SparkSession, snapshot: Snapshot) -> DataFrame:
    """Owners, managers, staff and directors with their organisations.

    Returns:
        ``TIE_DDL``: kind is the affiliation's role (``owner``, ``manager``, ``employee``,
        ``member``), ``director`` (of an employer) or ``is`` (the member that an individual provider
        is); ``a`` is the person or the part, ``b`` the organisation; the weight is 1 over those who
        have that role there, so a sole owner has 1; the dates are the register's, null where open.
    """
    return spark.createDataFrame(rows_of(snapshot, _TIES, *_TABLES), TIE_DDL)
