"""Findings that stand on the leave one doctor certified for the workers of one employer."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from detectors.base import Detector, Findings, Inputs
from detectors.collusion.rings import Ring, findings_of, frame_of
from features.order_links import LEAVES

LEAVE_TABLES: dict[str, tuple[str, ...]] = {
    "benefit_payments": (
        "payment_id",
        "person_id",
        "benefit_type",
        "employer_id",
        "certifying_provider_id",
        "period_start_date",
        "paid_amount",
    )
}
LEAVE_TYPES = ", ".join(f"'{name}'" for name in LEAVES)

_EVIDENCE = """
select t.finding_id, 'benefit_payments' as table_name, b.payment_id as row_key,
  b.paid_amount as amount, b.person_id, b.certifying_provider_id as provider_id,
  'flagged' as role
from benefit_payments b join ring_ties t
  on b.employer_id = t.employer_id and b.certifying_provider_id = t.provider_id
where b.benefit_type in ({types})
  and b.period_start_date between date '{start}' and date '{end}'
"""


def certified_findings(detector: Detector, inputs: Inputs, rings: Sequence[Ring]) -> Findings:
    """Findings of rings whose links name ``employer_id`` and ``provider_id``, with the payments."""
    ties = [
        (ring.finding_id(detector.name, inputs), link["employer_id"], link["provider_id"])
        for ring in rings
        for link in ring.details["links"]
    ]
    text = pa.string()
    return findings_of(
        detector,
        inputs,
        rings,
        tables=LEAVE_TABLES,
        statements=[_EVIDENCE.format(types=LEAVE_TYPES, start=inputs.start, end=inputs.end)],
        frames={"ring_ties": frame_of(ties, finding_id=text, employer_id=text, provider_id=text)},
    )
