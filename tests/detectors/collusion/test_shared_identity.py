"""Strangers on one account or phone are a ring; a family, a practice, a guardian are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from detectors.base import Inputs
from detectors.collusion.shared_identity import SharedIdentity
from tests.detectors.collusion.conftest import detected

Row = dict[str, Any]


def member(number: int, household: str, **values: Any) -> Row:
    return {
        "person_id": f"M{number}",
        "household_id": household,
        "bank_account_id": f"OWN{number}",
        "phone": f"06 12 34 {number:04d}",
        "address": f"{number} rue des Lilas",
        "postal_code": "75011",
        **values,
    }


def benefit(number: int, person: str, **values: Any) -> Row:
    return {
        "payment_id": f"B{number}",
        "person_id": person,
        "benefit_type": "housing",
        "period_start_date": "2024-03-01",
        "paid_amount": 100,
        **values,
    }


def provider(number: int, **values: Any) -> Row:
    return {
        "provider_id": f"P{number}",
        "tax_id": f"T{number:05d}",
        "phone": f"01 40 00 {number:04d}",
        "bank_account_id": f"PRO{number}",
        **values,
    }


def line(number: int, provider_id: str, **values: Any) -> Row:
    return {
        "claim_id": f"C{number}",
        "person_id": f"M{number}",
        "billing_provider_id": provider_id,
        "claim_line_start_date": "2024-05-02",
        "paid_amount": 50,
        **values,
    }


@pytest.fixture
def town(inputs_of: Callable[..., Inputs]) -> Inputs:
    """One account of strangers, one ring of shops, and everything honest that looks alike."""
    strangers = [member(n, f"H{n}") for n in range(1, 6)]
    family = [member(n, "H10", bank_account_id="FAMILY", phone="0699999998") for n in range(10, 16)]
    # Two grown children and their parent in three homes: kin through the parent.
    clan = [member(n, f"H{n}", bank_account_id="CLAN") for n in range(20, 24)]
    wards = [member(n, f"H{n}", bank_account_id="GUARD") for n in range(30, 38)]
    unknown = [member(n, f"H{n}", phone="0000000000", bank_account_id="N/A") for n in range(40, 60)]
    shops = [provider(n, bank_account_id="SHOPS", organisation_id=f"O{n}") for n in range(1, 5)]
    practice = [
        provider(n, bank_account_id="GROUP", phone="0140999998", organisation_id="O9")
        for n in range(10, 16)
    ]
    firm = [provider(n, bank_account_id="FIRM", tax_id="ONE_TAX") for n in range(20, 25)]
    return inputs_of(
        members=[*strangers, *family, *clan, *wards, *unknown],
        providers=[*shops, *practice, *firm],
        relationships=[
            {"person_id": f"M{n}", "related_person_id": "M99", "relation": "parent"}
            for n in range(20, 24)
        ],
        accounts=[{"account_id": "GUARD", "holder_type": "guardian"}],
        benefit_payments=[
            *[benefit(n, f"M{n}", bank_account_id="MULE") for n in range(1, 6)],
            benefit(6, "M1", bank_account_id="OWN1", paid_amount=999),
            benefit(7, "M1", bank_account_id="MULE", period_start_date="2022-01-01"),
            *[benefit(n, f"M{n}", paid_amount=500) for n in range(10, 60)],
        ],
        claim_lines=[
            *[line(n, f"P{n}") for n in range(1, 5)],
            *[line(n, f"P{n}") for n in range(10, 16)],
            *[line(n, f"P{n}") for n in range(20, 25)],
        ],
    )


def test_strangers_on_one_account_are_found_and_honest_twins_are_not(town: Inputs) -> None:
    findings, evidence = detected(SharedIdentity(), town)

    rings = {
        tuple(s["subject_id"] for s in json.loads(row["details"])["subjects"]): row
        for row in findings
    }
    mule = rings.pop(("M1", "M2", "M3", "M4", "M5", "MULE"))
    shops = rings.pop(("P1", "P2", "P3", "P4", "SHOPS"))
    assert not rings
    assert mule["overpayment"] == Decimal("250.00")
    assert shops["overpayment"] == Decimal("100.00")
    assert "account MULE" in mule["reason"]
    assert 0.4 <= shops["score"] < mule["score"] <= 0.8
    flagged = {row["row_key"] for row in evidence if row["finding_id"] == mule["finding_id"]}
    assert flagged == {"B1", "B2", "B3", "B4", "B5"}
    lines = {row["row_key"] for row in evidence if row["finding_id"] == shops["finding_id"]}
    assert lines == {"|C1|1", "|C2|1", "|C3|1", "|C4|1"}


def test_a_crowded_address_is_a_lead_and_an_apartment_town_is_not(
    inputs_of: Callable[..., Inputs],
) -> None:
    def town(homes: int, each: int) -> list[Row]:
        return [
            member(1000 + n, f"A{n}", address=f"{n // each} Grande Rue")
            for n in range(homes * each)
        ]

    ghosts = [
        member(n, f"H{n}", address="12, Impasse du LAC" if n % 2 else "12 impasse du Lac")
        for n in range(1, 13)
    ]
    paid = [benefit(n, f"M{n}") for n in range(1, 13)]
    detector = SharedIdentity(admitted=SharedIdentity().admitted.__class__(building_quantile=0.9))

    alone, _ = detected(
        detector,
        inputs_of(members=[*ghosts, *town(40, 1)], benefit_payments=paid, providers=[provider(1)]),
    )
    among, _ = detected(
        detector,
        inputs_of(members=[*ghosts, *town(20, 12)], benefit_payments=paid, providers=[provider(1)]),
    )

    assert [row["overpayment"] for row in alone] == [Decimal("120.00")]
    assert alone[0]["score"] < 0.55
    assert among == []


def test_a_diverted_payee_account_belongs_to_the_side_with_fewer_subjects(
    inputs_of: Callable[..., Inputs],
) -> None:
    diverted = [
        line(n, f"P{n}", claim_id=f"D{n}", person_id=f"M{n % 3 + 1}", payee_account_id="MULE")
        for n in range(1, 8)
    ]
    # One provider's new account, paid for the members it serves: nobody shares anything.
    moved = [line(n, "P9", person_id=f"M{n}", payee_account_id="NEW9") for n in range(1, 10)]
    inputs = inputs_of(
        members=[member(n, f"H{n}") for n in range(1, 10)],
        providers=[provider(n) for n in range(1, 10)],
        claim_lines=[*diverted, *moved],
    )

    findings, evidence = detected(SharedIdentity(), inputs)

    assert len(findings) == 1
    named = {s["subject_id"] for s in json.loads(findings[0]["details"])["subjects"]}
    assert named == {"M1", "M2", "M3", "MULE"}
    assert {row["row_key"] for row in evidence} == {f"|D{n}|1" for n in range(1, 8)}


def test_a_lent_card_and_a_roaming_reader_stand_on_the_rows_that_bear_them(
    inputs_of: Callable[..., Inputs],
) -> None:
    used = {"card_id": "LENT"}
    inputs = inputs_of(
        members=[*(member(n, f"H{n}") for n in range(1, 5)), *(member(n, "H9") for n in (8, 9))],
        cards=[
            {"card_id": "LENT", "person_id": "M1", "issued_date": "2020-01-01"},
            {"card_id": "FAMILY", "person_id": "M8", "issued_date": "2020-01-01"},
        ],
        providers=[
            provider(0),
            *(provider(n, organisation_id=f"O{n}") for n in range(1, 6)),
            *(provider(n, organisation_id="HOUSE") for n in range(10, 16)),
        ],
        claim_lines=[
            *(line(n, "P0", **used) for n in range(1, 5)),
            line(5, "P0", person_id="M2"),
            *(line(n, "P0", card_id="FAMILY") for n in (8, 9)),
            *(line(20 + n, f"P{n}", person_id="M9", terminal_id="ROAMING") for n in range(1, 6)),
            line(30, "P1", person_id="M9", terminal_id="OWN"),
            *(line(40 + n, f"P{n}", person_id="M9", terminal_id="DESK") for n in range(10, 16)),
        ],
    )
    findings, evidence = detected(SharedIdentity(), inputs)

    rows = {
        tuple(sorted(s["subject_id"] for s in json.loads(row["details"])["subjects"])): row
        for row in findings
    }
    lent = rows.pop(("M1", "M2", "M3", "M4"))
    roaming = rows.pop(("P1", "P2", "P3", "P4", "P5"))
    assert not rows
    keys = {
        finding["finding_id"]: {
            row["row_key"] for row in evidence if row["finding_id"] == finding["finding_id"]
        }
        for finding in (lent, roaming)
    }
    # The holder's own visit is nobody else's, and what was billed without the card is not its.
    assert keys[lent["finding_id"]] == {"|C2|1", "|C3|1", "|C4|1"}
    assert lent["overpayment"] == Decimal("75.00")
    assert keys[roaming["finding_id"]] == {f"|C{20 + n}|1" for n in range(1, 6)}
    assert roaming["overpayment"] == Decimal("25.00")
