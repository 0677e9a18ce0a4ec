"""Providers who pass the same patients around among themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from detectors.base import Findings, Inputs, Needs
from detectors.collusion.communities import RingTest
from detectors.collusion.patient_blocks import rings_of
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import MOST_SCORE, Ring, findings_of
from features.patient_links import PatientSharing

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (
        "claim_line_number",
        "person_id",
        "billing_provider_id",
        "claim_line_start_date",
        "claim_type",
        "paid_amount",
    )
}

# Each line once, whoever of the ring billed it.
EVIDENCE = """
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
    """Dense blocks of unrelated providers and the patients they pass around.

    Pairs are tested against chance given both volumes and the patients' homes; hospitals,
    pharmacies, hubs and pairs of one organisation are left out before. In what is left, the block
    of providers and persons that is densest after FRAUDAR makes the ring: honest patients that its
    providers also see do not dilute it.

    Args:
        ring: what makes a block a ring.
        overpayment_share: share of the ring's lines for shared patients believed undue (0 to 1).
        most_links: strongest links shown in the details.
        most_nodes: providers of a part that one worker looks at.
        bins: Python tasks over which parts are spread, at least.
    """

    sharing: PatientSharing = field(default_factory=PatientSharing)
    ring: RingTest = field(default_factory=RingTest)
    overpayment_share: float = 0.3
    most_links: int = 20
    most_nodes: int = 500
    bins: int = 4
    name: ClassVar[str] = "collusion.shared_patients"
    version: ClassVar[str] = "2"
    needs: ClassVar[Needs] = Needs({"claim_lines": (), "members": (), "providers": ()})

    def detect(self, inputs: Inputs) -> Findings:
        """Rings of the period, with the lines of the patients they share."""
        links = inputs.links.patients(self.sharing)
        found = rings_of(inputs, links, self.sharing, self.ring, self.most_nodes, self.bins)
        rings = recognised(self.name, [self._described(ring) for ring in found], inputs)
        types = ", ".join(f"'{name}'" for name in self.sharing.claim_types)
        statement = EVIDENCE.format(start=inputs.start, end=inputs.end, claim_types=types)
        return findings_of(self, inputs, rings, tables=TABLES, statements=[statement])

    def _described(self, ring: Mapping[str, Any]) -> Ring:
        providers, persons = ring["providers"], ring["persons"]
        return Ring(
            subjects=tuple(("provider", provider, role) for provider, role in providers),
            score=min(MOST_SCORE, 0.2 + 0.6 * ring["filled"] * ring["density"]),
            share=self.overpayment_share,
            reason=(
                f"{len(providers)} unrelated providers share {ring['observed']} patients pair by "
                f"pair where {ring['expected']:.1f} are expected from their volumes and area; "
                f"of {persons} patients passed around each saw {ring['filled']:.0%} of them, "
                f"and they are {ring['closed']:.0%} of a provider's patients"
            ),
            innocent=(
                "one medical house or care team whose organisation the files do not show, or a "
                "disease centre whose patients need all of them"
            ),
            details={
                "rule": "dense exchange of patients beyond chance",
                "observed": ring["observed"],
                "expected": round(ring["expected"], 6),
                "threshold": self.ring.least_filled,
                "density": round(ring["density"], 6),
                "filled": round(ring["filled"], 6),
                "closed": round(ring["closed"], 6),
                "persons": persons,
                "links": ring["links"][: self.most_links],
            },
        )
