"""A prescriber who sends everybody to one far pharmacy is found; the village's only one is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

from detectors.base import Inputs
from detectors.collusion.captured_pharmacy import CapturedPharmacy
from tests.detectors.collusion.conftest import detected


def test_only_the_captured_pharmacy_is_found(inputs_of: Callable[..., Inputs]) -> None:
    lines = [(f"DOC{n % 10}", f"PHARMACY{n % 7}", f"M{n}") for n in range(600)]
    lines += [("CAPTOR", "CAPTIVE", f"C{n}") for n in range(30)]
    lines += [("CAPTOR", "PHARMACY1", f"C{n}") for n in range(30, 33)]
    lines += [("COUNTRY", "ONLY", f"V{n}") for n in range(60)]
    lines += [("CLINIC", "CLINIC_PHARMACY", f"K{n}") for n in range(30)]
    homes = {m: "48001" if m[0] == "V" else f"7500{int(m[1:]) % 3}" for _, _, m in lines}
    inputs = inputs_of(
        members=[{"person_id": m, "postal_code": code} for m, code in homes.items()],
        providers=[
            {"provider_id": p, "organisation_id": "CLINIC" if "CLINIC" in p else None}
            for p in sorted({p for a, b, _ in lines for p in (a, b)})
        ],
        claim_lines=[
            {
                "claim_id": f"X{n}",
                "claim_type": "pharmacy",
                "person_id": member,
                "ordering_provider_id": prescriber,
                "billing_provider_id": pharmacy,
                "claim_line_start_date": "2024-04-04",
                "paid_amount": 20,
            }
            for n, (prescriber, pharmacy, member) in enumerate(lines)
        ],
    )

    findings, evidence = detected(CapturedPharmacy(), inputs)

    assert len(findings) == 1
    roles = {s["role"]: s["subject_id"] for s in json.loads(findings[0]["details"])["subjects"]}
    assert roles == {"prescriber": "CAPTOR", "pharmacy": "CAPTIVE"}
    assert findings[0]["overpayment"] == Decimal("60.00")
    assert len(evidence) == 30
    assert findings[0]["score"] < 0.65
