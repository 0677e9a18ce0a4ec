"""Providers who pass the same patients around among themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from detectors.base import Findings, Inputs, Needs
from detectors.collusion.communities import DenseGroups, patient_rings
from detectors.collusion.rings import MOST_SCORE, Ring, findings_of
from features.graphs import connected_components
from features.patient_links import PatientSharing, patient_links

_TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (
        "claim_line_number",
        "person_id",
        "billing_provider_id",
        "claim_line_start_date",
        "claim_type",
        "paid_amount",
    )
}

_EVIDENCE = """
with lines as (
  select s.finding_id, l.*
  from claim_lines l join ring_subjects s
    on s.subject_type = 'provider' and s.subject_id = l.billing_provider_id
  where l.claim_line_start_date between date '{start}' and date '{end}'
    and l.claim_type in ({claim_types})
), shared as (
  select finding_id, person_id from lines
  group by all having count(distinct billing_provider_id) >= 2
)
select l.finding_id, 'claim_lines' as table_name,
  concat_ws('|', coalesce(l.data_source, ''), l.claim_id, l.claim_line_number) as row_key,
  l.paid_amount as amount, l.person_id, l.billing_provider_id as provider_id, 'flagged' as role
from lines l semi join shared s on l.finding_id = s.finding_id and l.person_id = s.person_id
"""


@dataclass(frozen=True)
class SharedPatients:
    """Dense, closed groups of unrelated providers who share improbably many patients.

    Pairs are tested against chance given both volumes and the patients' homes; hospitals,
    pharmacies, hubs and pairs of one organisation are left out before. A ring needs at least three
    providers, nearly all pairs of which are linked, and a good part of whose patients are shared.

    Args:
        least_closed: mean share of a provider's patients seen by one other of the ring (0 to 1).
        overpayment_share: share of the ring's lines for shared patients believed undue (0 to 1).
        most_links: strongest links shown in the details.
        bins: Python tasks over which components are spread.
    """

    sharing: PatientSharing = field(default_factory=PatientSharing)
    groups: DenseGroups = field(default_factory=DenseGroups)
    least_closed: float = 0.2
    overpayment_share: float = 0.3
    most_links: int = 20
    bins: int = 4
    name: ClassVar[str] = "collusion.shared_patients"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs({"claim_lines": (), "members": (), "providers": ()})

    def detect(self, inputs: Inputs) -> Findings:
        """Rings of the period, with the lines of the patients they share."""
        spark, snapshot = inputs.spark, inputs.snapshot
        links = patient_links(spark, snapshot, inputs.start, inputs.end, self.sharing)
        rings = [self._described(ring) for ring in self._rings(links, inputs.seed)]
        links.unpersist()
        types = ", ".join(f"'{name}'" for name in self.sharing.claim_types)
        statement = _EVIDENCE.format(start=inputs.start, end=inputs.end, claim_types=types)
        return findings_of(self, inputs, rings, tables=_TABLES, statements=[statement])

    def _rings(self, links: DataFrame, seed: int) -> list[dict[str, Any]]:
        if links.isEmpty():
            return []
        components = connected_components(
            links.select(F.col("a").alias("src"), F.col("b").alias("dst"))
        )
        rows = links.join(components, F.col("a") == F.col("id"), how="inner")
        groups, closed = replace(self.groups, seed=seed), self.least_closed

        def rings(frame: pd.DataFrame) -> pd.DataFrame:
            found = [
                json.dumps(ring)
                for _, component in frame.groupby("component", sort=True)
                for ring in patient_rings(component, groups, closed)
            ]
            return pd.DataFrame({"ring": found}, dtype="object")

        bin_of = F.pmod(F.xxhash64("component"), F.lit(self.bins))
        found = rows.groupBy(bin_of).applyInPandas(rings, "ring string").collect()
        components.unpersist()
        return [json.loads(row.ring) for row in found]

    def _described(self, ring: Mapping[str, Any]) -> Ring:
        providers, closed = ring["providers"], ring["closed"]
        return Ring(
            subjects=tuple(("provider", provider, "core") for provider in providers),
            score=min(MOST_SCORE, 0.2 + 0.6 * closed * ring["density"]),
            share=self.overpayment_share,
            reason=(
                f"{len(providers)} unrelated providers share {ring['observed']} patients pair by "
                f"pair where {ring['expected']:.1f} are expected from their volumes and area; "
                f"{closed:.0%} of a provider's patients are also seen by one other of them"
            ),
            innocent=(
                "one medical house or care team whose organisation the files do not show, or a "
                "disease centre whose patients need all of them"
            ),
            details={
                "rule": "dense exchange of patients beyond chance",
                "observed": ring["observed"],
                "expected": round(ring["expected"], 6),
                "threshold": self.least_closed,
                "density": round(ring["density"], 6),
                "closed": round(closed, 6),
                "links": ring["links"][: self.most_links],
            },
        )
