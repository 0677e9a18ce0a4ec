"""Every collusion detector keeps the one interface: schema, range, same in same out, empty."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pyspark.sql.types import StructType

from claims.runs import Snapshot
from detectors.base import EVIDENCE_DDL, FINDING_DDL, Detector, Inputs
from detectors.collusion import CapturedPharmacy, LeaveRing, SharedIdentity, SharedPatients
from tests.detectors.collusion.conftest import detected, rows_of

DETECTORS: tuple[Detector, ...] = (
    SharedIdentity(),
    SharedPatients(),
    LeaveRing(),
    CapturedPharmacy(),
)

Tables = dict[str, list[dict[str, Any]]]


def planted() -> Tables:
    """A little of every scheme, enough for each detector to find one group."""
    members = [
        {
            "person_id": f"M{n}",
            "household_id": f"H{n}",
            "postal_code": "75001",
            "bank_account_id": "MULE" if n < 5 else f"A{n}",
        }
        for n in range(400)
    ]
    lines: list[dict[str, Any]] = []
    for p in range(12):
        start = 0 if p < 3 else 10 + 25 * p
        lines += [
            {"billing_provider_id": f"P{p}", "person_id": f"M{n}", "claim_type": "professional"}
            for n in range(start, start + 25)
        ]
    for n in range(200):
        captive = n < 30
        lines.append(
            {
                "ordering_provider_id": "CAPTOR" if captive else f"DOC{n % 5}",
                "billing_provider_id": "CAPTIVE" if captive else f"PH{n % 6}",
                "person_id": f"M{n}",
                "claim_type": "pharmacy",
            }
        )
    dated = {"claim_line_start_date": "2024-03-03", "paid_amount": "12.34"}
    leaves = [
        {
            "payment_id": f"B{n}",
            "person_id": f"M{n}",
            "benefit_type": "sick_leave",
            "employer_id": "SHELL" if n < 8 else f"E{n % 20}",
            "certifying_provider_id": "CROOK" if n < 8 else f"DOC{n % 11}",
            "period_start_date": "2024-04-01",
            "paid_amount": "55.55",
        }
        for n in range(150)
    ]
    providers = sorted({line["billing_provider_id"] for line in lines} | {"CAPTOR", "CROOK"})
    return {
        "members": members,
        "providers": [{"provider_id": p} for p in providers],
        "claim_lines": [{**line, **dated, "claim_id": f"C{n}"} for n, line in enumerate(lines)],
        "benefit_payments": leaves,
    }


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)
def test_each_keeps_the_interface(detector: Detector, inputs_of: Callable[..., Inputs]) -> None:
    tables = planted()
    inputs = inputs_of(**tables)
    assert isinstance(detector, Detector)
    assert detector.needs.missing(inputs.snapshot) is None

    found = detector.detect(inputs)

    assert found.findings.schema.simpleString() == StructType.fromDDL(FINDING_DDL).simpleString()
    assert found.evidence.schema.simpleString() == StructType.fromDDL(EVIDENCE_DDL).simpleString()
    findings, evidence = rows_of(found)
    assert len(findings) == 1
    flagged: dict[str, Any] = {}
    for row in evidence:
        if row["role"] == "flagged":
            flagged[row["finding_id"]] = flagged.get(row["finding_id"], 0) + row["amount"]
    keys = [(row["finding_id"], row["table_name"], row["row_key"]) for row in evidence]
    assert len(keys) == len(set(keys))
    for row in findings:
        assert row["detector"] == detector.name
        assert row["subject_type"] == "group"
        assert 0 < row["score"] <= 0.8
        assert row["score"] == round(row["score"], 9)
        assert 0 < row["overpayment"] <= flagged[row["finding_id"]]
        assert row["reason"]
        details = json.loads(row["details"])
        assert details["innocent_if"]
        assert all(set(s) == {"subject_type", "subject_id", "role"} for s in details["subjects"])

    shuffled = inputs_of(**{name: rows[::-1] for name, rows in tables.items()})
    assert detected(detector, shuffled) == (findings, evidence)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)
def test_empty_in_empty_out(detector: Detector, inputs_of: Callable[..., Inputs]) -> None:
    empty = inputs_of(
        members=[{"person_id": "M1"}],
        providers=[{"provider_id": "P1"}],
        claim_lines=[],
        benefit_payments=[],
    )

    assert detected(detector, empty) == ([], [])


def test_what_is_absent_is_named(lake_of: Callable[..., Snapshot]) -> None:
    bare = lake_of(members=[{"person_id": "M1"}], claim_lines=[{"claim_id": "C1"}])

    assert SharedIdentity().needs.missing(bare) == "table providers was not loaded"
    assert SharedPatients().needs.missing(bare) == "table providers was not loaded"
    assert LeaveRing().needs.missing(bare) == "table benefit_payments was not loaded"
    assert (
        CapturedPharmacy().needs.missing(bare)
        == "table claim_lines has no value in ordering_provider_id"
    )
