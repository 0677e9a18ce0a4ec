"""Suspicion reaches who is tied to suspects, halves with each step, and leaves hubs dark."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from detectors.base import FINDING_DDL, Inputs
from detectors.collusion import PropagatedSuspicion
from tests.detectors.collusion.conftest import detected


@pytest.fixture
def town(inputs_of: Callable[..., Inputs]) -> Inputs:
    """X was excluded; Y has its account; Z owns Y; HUB owns forty, X among them."""

    def owns(one: str, other: str) -> dict[str, Any]:
        return {
            "subject_type": "provider",
            "subject_id": one,
            "organisation_type": "provider",
            "organisation_id": other,
            "role": "owner",
        }

    names = ["X", "Y", "Z", "HUB", "LONE", *(f"N{n}" for n in range(40))]
    accounts = {"X": "SHARED", "Y": "SHARED"}
    return inputs_of(
        members=[{"person_id": "M1", "postal_code": "75001"}],
        providers=[{"provider_id": p, "bank_account_id": accounts.get(p, f"A{p}")} for p in names],
        claim_lines=[
            {
                "claim_id": "C1",
                "person_id": "M1",
                "billing_provider_id": "N1",
                "claim_line_start_date": "2024-05-05",
            }
        ],
        affiliations=[owns("Z", "Y"), owns("HUB", "X"), *(owns("HUB", f"N{n}") for n in range(40))],
        exclusions=[{"provider_id": "X", "exclusion_date": "2023-03-01"}],
    )


def test_who_is_tied_to_the_excluded_is_named_and_the_hub_is_not(town: Inputs) -> None:
    findings, evidence = detected(PropagatedSuspicion(), town)

    scores = {row["subject_id"]: row["score"] for row in findings}
    assert set(scores) == {"Y"}
    (found,) = findings
    assert found["subject_type"] == "provider"
    assert found["score"] <= 0.4
    assert found["overpayment"] == 0
    assert "one account to provider X (excluded)" in found["reason"]
    link = json.loads(found["details"])["links"][0]
    assert (link["subject_id"], link["kind"], link["why"]) == ("X", "account", "excluded")
    named = {(row["table_name"], row["row_key"]) for row in evidence}
    assert {("providers", "X"), ("providers", "Y")} <= named
    assert {row["role"] for row in evidence} == {"context"}


def test_strong_findings_and_decisions_are_seeds_too(town: Inputs) -> None:
    made = [
        ("f1", "rules.a.b", "1", "provider", "LONE", None, None, 0.95, None, "why", None),
        ("f2", "rules.a.b", "1", "provider", "N3", None, None, 0.2, None, "why", None),
        ("f3", "collusion.x", "1", "provider", "N4", None, None, 0.99, None, "why", None),
    ]
    findings = town.spark.createDataFrame(made, FINDING_DDL)
    seeds = PropagatedSuspicion()._seeds(
        replace(town, findings=findings, confirmed=(("provider", "Z"), ("employer", "E9")))
    )

    assert seeds == {
        "provider:LONE": "strong finding",
        "provider:X": "excluded",
        "provider:Z": "confirmed",
        "employer:E9": "confirmed",
    }
