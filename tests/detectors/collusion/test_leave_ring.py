"""A shell employer with one doctor is found; a flu week, a village firm and a clinic are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from detectors.base import Inputs
from detectors.collusion.leave_ring import LeaveRing
from tests.detectors.collusion.conftest import detected


def leaves(employer: str, doctors: list[str], workers: range, prefix: str) -> list[dict[str, Any]]:
    return [
        {
            "payment_id": f"{employer}-{n}",
            "person_id": f"{prefix}{n}",
            "benefit_type": "sick_leave",
            "period_start_date": "2024-02-05",
            "employer_id": employer,
            "certifying_provider_id": doctors[n % len(doctors)],
            "paid_amount": 200,
        }
        for n in workers
    ]


@pytest.fixture
def land(inputs_of: Callable[..., Inputs]) -> Inputs:
    town = [f"DOC{n}" for n in range(12)]
    payments = [
        *leaves("SHELL1", ["CROOK"], range(8), "S"),
        *leaves("SHELL2", ["CROOK"], range(8, 15), "S"),
        # A flu week: half of a big honest employer, certified by every doctor of the town.
        *leaves("FACTORY", [*town, "CROOK"], range(120), "F"),
        *[row for n in range(40) for row in leaves(f"SHOP{n}", town, range(n, n + 3), f"T{n}_")],
        # The one doctor of a village certifies all of it.
        *leaves("SAWMILL", ["VILLAGE"], range(9), "V"),
        *leaves("DAIRY", ["VILLAGE"], range(20, 70), "V"),
        # All leave of few workers of a big employer by one doctor: most of them work.
        *leaves("OFFICE", ["FRIEND"], range(6), "O"),
    ]
    people = sorted({row["person_id"] for row in payments} | {f"O{n}" for n in range(6, 60)})
    staff = [(row["person_id"], row["employer_id"]) for row in payments]
    staff += [(f"O{n}", "OFFICE") for n in range(6, 60)]
    return inputs_of(
        members=[
            {"person_id": p, "postal_code": "48001" if p[0] == "V" else "75001"} for p in people
        ],
        benefit_payments=payments,
        employments=[
            {"person_id": p, "employer_id": e, "start_date": "2023-01-01"} for p, e in staff
        ],
    )


def test_only_the_shells_and_their_doctor_are_found(land: Inputs) -> None:
    findings, evidence = detected(LeaveRing(), land)

    assert len(findings) == 1
    found = findings[0]
    subjects = json.loads(found["details"])["subjects"]
    assert {s["subject_id"] for s in subjects} == {"CROOK", "SHELL1", "SHELL2"}
    assert "certified 15 of the 15 workers" in found["reason"]
    wanted = {f"SHELL1-{n}" for n in range(8)} | {f"SHELL2-{n}" for n in range(8, 15)}
    assert {row["row_key"] for row in evidence} == wanted
    assert {row["amount"] for row in evidence} == {Decimal("200.00")}
    assert found["overpayment"] == Decimal("1500.00")
    assert found["score"] <= 0.8
