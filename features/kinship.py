"""What makes shared values innocent: one family, one organisation, one legal person.

Kinship is written as subject and group, so that two subjects are kin where they share a group. A
group may be a person or an organisation that holds none of the shared values itself: two grown
children of one parent are kin through the parent.
"""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from claims.runs import Snapshot
from features.identity_values import rows_of

KIN_DDL = "subject_type string, subject_id string, kin string"

_RELATIVES = """
select 'member' as subject_type, person_id as subject_id, 'person:' || related_person_id as kin
from relationships
union all
select 'member', related_person_id, 'person:' || person_id from relationships
"""

# Colleagues are not kin: workers of one firm who share an account are what is looked for.
_ORGANISED = f"""
select distinct * from (
  select 'provider' as subject_type, provider_id as subject_id,
    'provider:' || organisation_id as kin
  from providers where not {placeholder_sql("organisation_id")}
  union all
  select 'provider', provider_id, 'person:' || person_id
  from providers where not {placeholder_sql("person_id")}
  union all
  select 'provider', provider_id, 'tax:' || trim(tax_id)
  from providers where not {placeholder_sql("tax_id")}
  union all
  select 'employer', employer_id, 'tax:' || trim(tax_id)
  from employers where not {placeholder_sql("tax_id")}
  union all
  select 'employer', employer_id, 'person:' || director_person_id
  from employers where not {placeholder_sql("director_person_id")}
  union all
  select subject_type, subject_id, organisation_type || ':' || organisation_id
  from affiliations where subject_type = 'provider' or role in ('owner', 'manager')
) order by all
"""


def kinship(spark: SparkSession, snapshot: Snapshot, subjects: DataFrame) -> DataFrame:
    """The kin groups of some subjects.

    Args:
        subjects: ``subject_type``, ``subject_id`` and ``unit`` (household or organisation), as
            ``identity_values`` gives them; a few, as they are joined with every relationship.

    Returns:
        ``subject_type``, ``subject_id``, ``kin``: households, relatives one step away, the
        organisation and legal person (tax id) of providers and employers, their owners, and the
        member that an individual provider is.
    """
    chosen = subjects.select("subject_type", "subject_id", "unit").distinct()
    person = F.when(F.col("subject_type") == "member", F.lit("person")).otherwise(
        F.col("subject_type")
    )
    own = chosen.select(
        "subject_type", "subject_id", F.concat_ws(":", person, "subject_id").alias("kin")
    )
    units = chosen.select("subject_type", "subject_id", F.col("unit").alias("kin"))
    tables = ("providers", "employers", "affiliations")
    known = spark.createDataFrame(rows_of(snapshot, _ORGANISED, *tables), KIN_DDL)
    if snapshot.has("relationships"):
        program = BucketProgram(
            {"relationships": ("person_id", "related_person_id")}, sql(_RELATIVES), KIN_DDL
        )
        known = known.unionByName(run_in_buckets(spark, snapshot, program))
    keys = ["subject_type", "subject_id"]
    related = known.join(chosen.select(*keys).distinct(), keys, how="left_semi")
    return own.unionByName(units).unionByName(related)
