"""Hires who draw benefits at once make a ring; seasonal firms and a flu week do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from detectors.base import Inputs
from detectors.collusion import GhostEmployment
from tests.detectors.collusion.conftest import detected


def test_only_employers_of_ghosts_are_found(inputs_of: Callable[..., Inputs]) -> None:
    hires: list[tuple[str, str, str]] = []
    payments: list[dict[str, Any]] = []

    def hire(firm: str, many: int, drawing: int, hired: str, ill: str) -> None:
        for n in range(many):
            person = f"{firm}-{n}"
            hires.append((person, firm, hired))
            if n < drawing:
                payments.append(
                    {
                        "payment_id": f"B{person}",
                        "person_id": person,
                        "benefit_type": "sick_leave",
                        "period_start_date": ill,
                        "paid_amount": 100,
                    }
                )

    hire("GHOST1", 8, 8, "2024-02-01", "2024-03-01")
    hire("GHOST2", 7, 6, "2024-03-01", "2024-04-01")
    hire("LONER", 9, 8, "2024-03-01", "2024-04-01")
    for n in range(25):
        hire(f"FIRM{n}", 12, 1, "2024-02-01", "2024-03-01")
    # Long at work before the flu week, and a small firm with bad luck.
    hire("FACTORY", 60, 40, "2023-01-01", "2024-02-01")
    hire("SHOP", 5, 2, "2024-02-01", "2024-03-01")
    firms = sorted({firm for _, firm, _ in hires})
    inputs = inputs_of(
        members=[{"person_id": person} for person, _, _ in hires],
        providers=[{"provider_id": "P1"}],
        employments=[
            {"person_id": person, "employer_id": firm, "start_date": day}
            for person, firm, day in hires
        ],
        benefit_payments=payments,
        employers=[
            {"employer_id": firm, "director_person_id": "BOSS" if firm[:5] == "GHOST" else None}
            for firm in firms
        ],
    )

    findings, evidence = detected(GhostEmployment(), inputs)

    found = {
        frozenset(one["subject_id"] for one in json.loads(row["details"])["subjects"]): row
        for row in findings
    }
    assert set(found) == {frozenset({"GHOST1", "GHOST2"}), frozenset({"LONER"})}
    ring = found[frozenset({"GHOST1", "GHOST2"})]
    assert "14 of the 15 persons" in ring["reason"]
    assert json.loads(ring["details"])["shared"] == ["director"]
    assert float(ring["overpayment"]) == 700
    assert len(evidence) == 14 + 8
