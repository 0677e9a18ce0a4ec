"""Prescribers many of whose patients end at one pharmacy that the area does not explain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from detectors.base import Findings, Inputs, Needs
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import Ring, findings_of
from features.chance import ChanceTest
from features.identity_values import rows_of
from features.order_links import prescription_links

_TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (
        "claim_line_number",
        "claim_type",
        "person_id",
        "ordering_provider_id",
        "billing_provider_id",
        "claim_line_start_date",
        "paid_amount",
    )
}

_EVIDENCE = """
with pairs as (
  select p.finding_id, p.subject_id as prescriber, s.subject_id as pharmacy
  from ring_subjects p join ring_subjects s using (finding_id)
  where p.role = 'prescriber' and s.role = 'pharmacy'
)
select p.finding_id, 'claim_lines' as table_name,
  concat_ws('|', coalesce(l.data_source, ''), l.claim_id, l.claim_line_number) as row_key,
  l.paid_amount as amount, l.person_id, l.billing_provider_id as provider_id, 'flagged' as role
from claim_lines l join pairs p
  on l.ordering_provider_id = p.prescriber and l.billing_provider_id = p.pharmacy
where l.claim_type = 'pharmacy' and l.claim_line_start_date between date '{start}' and date '{end}'
"""

_TEST = ChanceTest(
    least_joint=8, least_ratio=5.0, least_share=0.25, share_of="left", false_discovery=0.01
)

_ORGANISATIONS = "select provider_id, coalesce(organisation_id, provider_id) as unit from providers"


@dataclass(frozen=True)
class CapturedPharmacy:
    """One prescriber, one pharmacy, and far more shared patients than their area explains.

    The only pharmacy of a village is expected to serve the village's patients, and a hospital's
    own pharmacy is of one organisation with its prescribers: neither is reported.

    Args:
        test: least patients, least share of the prescriber's, and what chance gives.
        overpayment_share: share of those prescriptions believed undue (0 to 1); a lead.
    """

    test: ChanceTest = field(default_factory=lambda: _TEST)
    overpayment_share: float = 0.1
    name: ClassVar[str] = "collusion.captured_pharmacy"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs(
        {"claim_lines": ("ordering_provider_id",), "members": (), "providers": ()}
    )

    def detect(self, inputs: Inputs) -> Findings:
        """One group a pair, with the prescriptions that passed between them."""
        links = prescription_links(
            inputs.spark, inputs.snapshot, inputs.start, inputs.end, self.test
        )
        found = sorted((row.asDict() for row in links.collect()), key=lambda r: (r["a"], r["b"]))
        units: dict[str, str] = {}
        if found:
            known = rows_of(inputs.snapshot, _ORGANISATIONS, "providers").to_pylist()
            units = {row["provider_id"]: row["unit"] for row in known}
        rings = [
            self._ring(row)
            for row in found
            if units.get(row["a"], row["a"]) != units.get(row["b"], row["b"])
        ]
        rings = recognised(self.name, rings, inputs)
        statement = _EVIDENCE.format(start=inputs.start, end=inputs.end)
        return findings_of(self, inputs, rings, tables=_TABLES, statements=[statement])

    def _ring(self, row: dict[str, Any]) -> Ring:
        share = row["observed"] / row["a_total"]
        back = row["observed"] / row["b_total"]
        return Ring(
            subjects=(("provider", row["a"], "prescriber"), ("provider", row["b"], "pharmacy")),
            score=0.2 + 0.2 * share + 0.2 * back,
            share=self.overpayment_share,
            reason=(
                f"{row['observed']} of the {row['a_total']} patients of prescriber {row['a']} took "
                f"their prescriptions to pharmacy {row['b']}, where {row['expected']:.1f} are "
                f"expected from its market share where they live; they are {back:.0%} of the "
                "pharmacy's patients"
            ),
            innocent="the pharmacy beside the practice, or a home that one pharmacy supplies",
            details={
                "rule": "prescriber's patients concentrated on one pharmacy",
                "observed": row["observed"],
                "expected": row["expected"],
                "threshold": self.test.least_share,
                "q_value": row["q_value"],
            },
        )
