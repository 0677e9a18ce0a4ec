"""Two registrations that are one person: members paid twice, excluded providers who are back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

import pandas as pd
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from claims.model.column import MONEY
from detectors.base import (
    EVIDENCE_COLUMNS,
    FINDING_COLUMNS,
    Findings,
    Inputs,
    Needs,
    no_findings,
)
from detectors.collusion.rings import Ring
from detectors.collusion.same_person_groups import groups_of
from detectors.collusion.same_person_rows import (
    ROWS_DDL,
    member_rows,
    provider_rows,
    related,
    standing,
)
from features.identity_values import rows_of
from features.linkage import REGISTER, Clustering, LinkageSettings, same_person_links
from features.linkage.lookalikes import levels_of, two_enterprises, two_people
from features.linkage.subjects import Subject

# Providers whom the payer itself knows to belong together hide nothing by having two ids.
_KNOWN_TOGETHER = """
select distinct a.provider_id as a, b.provider_id as b
from (select provider_id, unnest([tax_id, organisation_id, person_id, provider_id]) as tie
      from providers) a
join (select provider_id, unnest([tax_id, organisation_id, person_id, provider_id]) as tie
      from providers) b on a.tie = b.tie and a.provider_id < b.provider_id
order by all
"""
_GROUP_DDL = (
    "finding_id string, subject_id string, probability double, reason string, details string"
)
_GROUPS = pa.schema([("finding_id", pa.string()), ("subject_id", pa.string())])
_FIRMS = pa.schema(
    [*_GROUPS, ("place", pa.int64()), ("since", pa.date32()), ("until", pa.date32())]
)


@dataclass(frozen=True)
class SamePerson:
    """Registrations that record linkage takes for one person, where that costs money.

    Twins, fathers and sons of one name, relatives on file, colleagues of one practice and providers
    whom the payer knows to be one enterprise are left out (``features.linkage.lookalikes``).

    Args:
        settings: of the linkage.
        clustering: how pairs become persons.
        least_weight: match weight in bits from which two records are taken for one person.
        double_score: score, before it is multiplied by the probability, where both were paid for
            the same …
        return_score: … where an excluded provider bills under another id …
        lead_score: … and where both members were paid, for different things.
        return_share: share of the money of a provider who is back believed undue (0 to 1).
    """

    settings: LinkageSettings = field(default_factory=lambda: REGISTER)
    clustering: Clustering = field(default_factory=Clustering)
    least_weight: float = 6.0
    double_score: float = 0.8
    return_score: float = 0.8
    lead_score: float = 0.3
    return_share: float = 0.5
    name: ClassVar[str] = "collusion.same_person"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs({"members": ("last_name", "birth_date"), "providers": ()})

    def detect(self, inputs: Inputs) -> Findings:
        """A group a person: rows paid double, or paid to an excluded provider's other id."""
        people = groups_of(self._members(inputs), "member", self.clustering)
        firms = groups_of(self._providers(inputs), "provider", self.clustering)
        if not people and not firms:
            return no_findings(inputs.spark)
        rows = inputs.spark.createDataFrame([], ROWS_DDL)
        if people:
            rows = rows.unionByName(member_rows(inputs, self._listed(inputs, people)))
        if firms:
            rows = rows.unionByName(provider_rows(inputs, self._standing(inputs, firms)))
        rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
        found = self._findings(inputs, (*people, *firms), rows)
        evidence = rows.join(found.select("finding_id"), "finding_id", how="left_semi")

        def release() -> None:
            rows.unpersist()

        return Findings(found, evidence.select(*EVIDENCE_COLUMNS), release=release)

    def _pairs(self, inputs: Inputs, subject: Subject) -> pd.DataFrame:
        links = same_person_links(inputs.spark, inputs.snapshot, subject, self.settings)
        return links.where(F.col("match_weight") >= self.least_weight).toPandas()

    def _members(self, inputs: Inputs) -> pd.DataFrame:
        pairs = self._pairs(inputs, "member")
        relatives = related(inputs, sorted({*pairs["a"], *pairs["b"]})) if len(pairs) else set()
        kept = [
            not two_people(levels_of(levels), (a, b), relatives)
            for a, b, levels in zip(pairs["a"], pairs["b"], pairs["levels"], strict=True)
        ]
        return pairs[kept]

    def _providers(self, inputs: Inputs) -> pd.DataFrame:
        pairs = self._pairs(inputs, "provider")
        together = {
            (row["a"], row["b"])
            for row in rows_of(inputs.snapshot, _KNOWN_TOGETHER, "providers").to_pylist()
        }
        kept = [
            not two_enterprises(levels_of(levels)) and (a, b) not in together
            for a, b, levels in zip(pairs["a"], pairs["b"], pairs["levels"], strict=True)
        ]
        return pairs[kept]

    def _listed(self, inputs: Inputs, groups: Sequence[Ring]) -> pa.Table:
        rows = [
            {"finding_id": group.finding_id(self.name, inputs), "subject_id": identifier}
            for group in groups
            for _, identifier, _ in group.subjects
        ]
        return pa.Table.from_pylist(rows, schema=_GROUPS)

    def _standing(self, inputs: Inputs, groups: Sequence[Ring]) -> pa.Table:
        known = standing(inputs)
        rows = []
        for group in groups:
            ids = [known[identifier] for _, identifier, _ in group.subjects]
            ids.sort(key=lambda row: (row["enrolled"] or date.min, row["provider_id"]))
            barred = [row for row in ids if row["since"]]
            for place, row in enumerate(ids, 1):
                other = barred[0] if barred and not row["since"] else {}
                rows.append(
                    {
                        "finding_id": group.finding_id(self.name, inputs),
                        "subject_id": row["provider_id"],
                        "place": place,
                        "since": other.get("since"),
                        "until": other.get("until"),
                    }
                )
        return pa.Table.from_pylist(rows, schema=_FIRMS)

    def _findings(self, inputs: Inputs, groups: Sequence[Ring], rows: DataFrame) -> DataFrame:
        """Groups with what their rows amount to; a group without a row to show is dropped."""
        flagged = F.col("role") == "flagged"
        sums = rows.groupBy("finding_id").agg(
            F.count(F.when(flagged & (F.col("manner") == "double"), True)).alias("doubles"),
            F.count(F.when(flagged & (F.col("manner") == "return"), True)).alias("returns"),
            F.count(F.when(F.col("manner") == "own", True)).alias("paid_records"),
            F.sum(
                F.when(flagged, F.col("amount"))
                * F.when(F.col("manner") == "return", F.lit(self.return_share))
                .otherwise(1.0)
                .cast("decimal(9,4)")
            ).alias("undue"),
        )
        listed = inputs.spark.createDataFrame(
            [
                (
                    group.finding_id(self.name, inputs),
                    group.subject_id,
                    float(group.score),
                    group.reason,
                    group.described(),
                )
                for group in sorted(groups, key=lambda group: group.subject_id)
            ],
            _GROUP_DDL,
        )
        weight = (
            F.when(F.col("returns") > 0, self.return_score)
            .when(F.col("doubles") > 0, self.double_score)
            .otherwise(self.lead_score)
        )
        told = (
            F.when(
                F.col("returns") > 0,
                F.format_string(
                    "; one is excluded, and the other was paid %d lines since", "returns"
                ),
            )
            .when(
                F.col("doubles") > 0,
                F.format_string("; %d payments repeat one made to the other", "doubles"),
            )
            .otherwise("; both were paid in the period")
        )
        reported = (F.col("doubles") + F.col("returns") > 0) | (F.col("paid_records") > 1)
        return (
            listed.join(sums, "finding_id", how="inner")
            .where(reported)
            .select(
                "finding_id",
                F.lit(self.name).alias("detector"),
                F.lit(self.version).alias("detector_version"),
                F.lit("group").alias("subject_type"),
                "subject_id",
                F.lit(inputs.start).alias("period_start_date"),
                F.lit(inputs.end).alias("period_end_date"),
                F.round(F.col("probability") * weight, 9).alias("score"),
                F.coalesce(F.round("undue", 2), F.lit(0)).cast(MONEY).alias("overpayment"),
                F.concat("reason", told).alias("reason"),
                "details",
            )
            .select(*FINDING_COLUMNS)
        )
