"""Fixed motifs: each planted one is found, its honest twin is not, evidence is the rows meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from detectors.base import Inputs
from detectors.collusion import OwnerCertifies, PayeeIsMember, Phoenix
from tests.detectors.collusion.conftest import detected


def line(number: int, provider: str, person: str, day: str = "2024-05-05", **more: Any) -> Any:
    base = {"claim_id": f"C{number}", "billing_provider_id": provider, "person_id": person}
    return {**base, "claim_line_start_date": day, "paid_amount": 10, **more}


def leave(number: int, doctor: str, employer: str, person: str) -> dict[str, Any]:
    return {
        "payment_id": f"B{number}",
        "person_id": person,
        "benefit_type": "sick_leave",
        "employer_id": employer,
        "certifying_provider_id": doctor,
        "period_start_date": "2024-04-01",
        "paid_amount": 50,
    }


@pytest.fixture
def town(inputs_of: Callable[..., Inputs]) -> Inputs:
    leaves = [leave(n, "OWNER", "SHELL", f"M{n}") for n in range(4)]
    # The clerk of a practice once, and workers of a firm whose doctor owns another one.
    leaves += [leave(10, "EMPLOYER", "PRACTICE", "M10")]
    leaves += [leave(20 + n, "OWNER", "FACTORY", f"M{20 + n}") for n in range(4)]
    lines = [line(n, "CROOK", f"M{n}", payee_account_id="MULE") for n in range(8)]
    lines += [line(20 + n, "SELF", f"M{n}", payee_account_id="OWN") for n in range(8)]
    lines += [line(40 + n, "CHILDREN", f"M{n}", payee_account_id="PARENT") for n in range(3)]
    lines += [line(50 + n, "PLAIN", f"M{n}", payee_account_id=f"A{n}") for n in range(8)]
    lines += [line(60, "HEIR", "M1", "2024-02-01"), line(61, "HEIR", "M1", "2024-09-01")]
    lines += [line(62, "OLD", "M1", "2023-02-01"), line(63, "BUYER", "M1", "2024-09-01")]
    accounts = {"M30": "MULE", "M31": "OWN", "M32": "PARENT"}
    mill, other = "1 Mill lane", "9 Quay"
    providers: list[dict[str, Any]] = [
        {"provider_id": "OWNER", "person_id": "M50"},
        {"provider_id": "EMPLOYER"},
        {"provider_id": "SELF", "person_id": "M31"},
        *({"provider_id": one} for one in ("CROOK", "CHILDREN", "PLAIN")),
        {"provider_id": "OLD", "address": mill, "enrolment_date": "2015-01-01"},
        {"provider_id": "HEIR", "address": "1, MILL LANE", "enrolment_date": "2024-01-15"},
        # At the address without the owner, and the owner's old office elsewhere.
        {"provider_id": "BUYER", "address": mill, "enrolment_date": "2024-03-01"},
        {"provider_id": "FAR", "address": other, "enrolment_date": "2024-03-01"},
        {"provider_id": "SISTER", "address": mill, "enrolment_date": "2012-03-01"},
    ]
    held = [("member", "M60", "provider", one) for one in ("OLD", "HEIR", "FAR", "SISTER")]
    held += [("provider", "EMPLOYER", "employer", "PRACTICE")]
    return inputs_of(
        members=[
            {"person_id": f"M{n}", "bank_account_id": accounts.get(f"M{n}", f"A{n}")}
            for n in range(70)
        ],
        providers=providers,
        claim_lines=lines,
        benefit_payments=leaves,
        employers=[
            {"employer_id": "SHELL", "director_person_id": "M50"},
            {"employer_id": "PRACTICE"},
            {"employer_id": "FACTORY", "director_person_id": "M51"},
        ],
        affiliations=[
            {
                "subject_type": kind,
                "subject_id": one,
                "organisation_type": of_kind,
                "organisation_id": organisation,
                "role": "owner",
            }
            for kind, one, of_kind, organisation in held
        ],
        exclusions=[{"provider_id": "OLD", "exclusion_date": "2024-03-01"}],
    )


def subjects(finding: dict[str, Any]) -> set[str]:
    return {one["subject_id"] for one in json.loads(finding["details"])["subjects"]}


def test_each_motif_is_found_and_no_twin(town: Inputs) -> None:
    (owner,), leaves = detected(OwnerCertifies(), town)
    assert subjects(owner) == {"OWNER", "SHELL"}
    assert {row["row_key"] for row in leaves} == {f"B{n}" for n in range(4)}
    assert float(owner["overpayment"]) == 100

    (payee,), lines = detected(PayeeIsMember(), town)
    assert subjects(payee) == {"CROOK", "M30", "MULE"}
    assert {row["row_key"] for row in lines} == {f"|C{n}|1" for n in range(8)}

    (phoenix,), since = detected(Phoenix(), town)
    assert subjects(phoenix) == {"OLD", "HEIR", "M60"}
    assert {row["row_key"] for row in since} == {"|C61|1"}, "only what was paid since the exclusion"
    for found in (owner, payee, phoenix):
        assert found["subject_type"] == "group"
        assert json.loads(found["details"])["links"]
