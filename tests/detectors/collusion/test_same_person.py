"""One person under two ids is found with what was paid double; those who look alike are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from detectors.base import Inputs
from detectors.collusion.same_person import SamePerson
from tests.detectors.collusion.conftest import Rows, detected

Row = dict[str, Any]

FIRST = ("Ada", "Bruno", "Clara", "Dario", "Edda", "Felix", "Greta", "Hugo", "Ida", "Jonas")
LAST = ("Abbel", "Berger", "Caron", "Dalmas", "Ebner", "Fabre", "Gallo", "Hansel", "Imbert")


def member(identifier: str, first: str, last: str, born: str, **values: Any) -> Row:
    return {
        "person_id": identifier,
        "first_name": first,
        "last_name": last,
        "birth_date": born,
        "sex": "female",
        **values,
    }


def crowd() -> Rows:
    """Six hundred strangers, from whom it is learned how often values agree by chance."""
    return [
        member(
            f"X{n}",
            FIRST[n % 10],
            LAST[n * 7 % 9],
            f"{1940 + n % 60}-{1 + n % 12:02d}-{1 + n * 5 % 28:02d}",
            address=f"{n} Mill lane",
            postal_code=f"{10000 + n * 37}",
            national_id=f"N{n:06d}",
        )
        for n in range(600)
    ]


HOME = {"address": "3 Harbour street", "postal_code": "20100", "phone": "0612345678"}
YARD = {"address": "9 Station road", "postal_code": "30200", "phone": "0698765432"}


def line(claim: str, person: str, **values: Any) -> Row:
    return {
        "claim_id": claim,
        "person_id": person,
        "billing_provider_id": "P1",
        "procedure_code": "DE51",
        "claim_line_start_date": "2024-05-02",
        "paid_amount": 61,
        **values,
    }


def provider(identifier: str, name: str, **values: Any) -> Row:
    return {"provider_id": identifier, "provider_type": "individual", "name": name, **values}


def practices() -> Rows:
    return [
        provider(
            f"Q{n}",
            f"{FIRST[n % 10]} {LAST[n * 7 % 9]}",
            specialty="dentistry" if n % 3 else "surgery",
            postal_code=f"{10000 + n * 37}",
            address=f"{n} Oak road",
            phone=f"01{n:08d}",
            bank_account_id=f"PRO{n}",
            tax_id=f"T{n:05d}",
        )
        for n in range(600)
    ]


@pytest.fixture
def town(inputs_of: Callable[..., Inputs]) -> Inputs:
    """Doubles, a provider who is back, and everyone honest who looks like one of them."""
    doubles = [
        member("D1", "Marianne", "Harmel", "1961-03-14", national_id="N900001", **HOME),
        member("D2", "Mariane", "Harmel", "1961-03-14", national_id="N900002", **HOME),
    ]
    moved = [
        member("E1", "Isabelle", "Quast", "1972-08-21", **YARD),
        member("E2", "Isabelle", "Quast", "1972-03-21", **YARD),
    ]
    twins = [
        member("T1", "Leonie", "Vahl", "2015-06-09", address="1 Elm lane", postal_code="11111"),
        member("T2", "Sarah", "Vahl", "2015-06-09", address="1 Elm lane", postal_code="11111"),
        member("T3", "Louis", "Zwick", "2015-06-09", address="2 Elm lane", postal_code="22222"),
        member("T4", "Louise", "Zwick", "2015-06-09", address="2 Elm lane", postal_code="22222"),
    ]
    twins[2]["sex"] = "male"
    kin = [
        member("F1", "Otto", "Yburg", "1950-01-17", address="5 Elm lane", postal_code="33333"),
        member("F2", "Otto", "Yburg", "1979-11-02", address="5 Elm lane", postal_code="33333"),
        member("R1", "Wilma", "Utz", "1950-01-17", address="6 Elm lane", postal_code="44444"),
        member("R2", "Wilma", "Utz", "1950-01-11", address="6 Elm lane", postal_code="44444"),
    ]
    seat = {"address": "4 Quay", "postal_code": "13002", "phone": "0491000001"}
    firms = [
        provider("OLD", "Konrad Isarn", enrolment_date="2010-01-01", **seat),
        provider("NEW", "Konrat Isarn", enrolment_date="2024-02-01", **seat),
        provider("SITE1", "Berta Ohm", tax_id="T77777", address="7 Quay", postal_code="13007"),
        provider("SITE2", "Berta Ohm", tax_id="T77777", address="7 Quay", postal_code="13007"),
        provider("COL1", "Gerda Pfau", address="8 Quay", postal_code="13008", phone="0491000008"),
        provider("COL2", "Xaver Rehm", address="8 Quay", postal_code="13008", phone="0491000008"),
    ]
    honest = [row["person_id"] for row in (*twins, *kin)]
    return inputs_of(
        members=[*crowd(), *doubles, *moved, *twins, *kin],
        providers=[*practices(), *firms],
        exclusions=[{"provider_id": "OLD", "exclusion_date": "2024-01-15"}],
        relationships=[{"person_id": "R1", "related_person_id": "R2", "relation": "parent"}],
        claim_lines=[
            line("A", "D1"),
            line("B", "D2"),
            line("C", "D1", claim_line_start_date="2024-06-02", paid_amount=100),
            line("D", "D2", claim_line_start_date="2024-07-02", paid_amount=40),
            line("E", "D2", procedure_code="DE50", paid_amount=10),
            *[line(f"H{n}", person) for n, person in enumerate(honest)],
            line("N1", "X1", billing_provider_id="NEW", claim_line_start_date="2024-03-01"),
            line("N2", "X2", billing_provider_id="NEW", paid_amount=39),
            line("O1", "X2", billing_provider_id="OLD", claim_line_start_date="2024-01-03"),
            *[line(f"S{n}", "X3", billing_provider_id=f"SITE{n}") for n in (1, 2)],
            *[line(f"G{n}", "X4", billing_provider_id=f"COL{n}") for n in (1, 2)],
        ],
        benefit_payments=[
            {
                "payment_id": f"B{n}",
                "person_id": f"E{n}",
                "benefit_type": kind,
                "period_start_date": start,
                "period_end_date": end,
                "paid_amount": amount,
            }
            for n, kind, start, end, amount in (
                (1, "housing", "2024-03-01", "2024-03-31", 300),
                (2, "housing", "2024-03-15", "2024-04-14", 200),
            )
        ],
    )


def test_one_person_under_two_ids_is_named_and_who_looks_like_one_is_not(town: Inputs) -> None:
    findings, evidence = detected(SamePerson(), town)

    of = {
        tuple(s["subject_id"] for s in json.loads(row["details"])["subjects"]): row
        for row in findings
    }
    assert set(of) == {("D1", "D2"), ("E1", "E2"), ("NEW", "OLD")}
    flagged = {
        pair: {
            (e["table_name"], e["row_key"])
            for e in evidence
            if e["finding_id"] == row["finding_id"] and e["role"] == "flagged"
        }
        for pair, row in of.items()
    }
    assert flagged["D1", "D2"] == {("claim_lines", "|B|1")}
    assert of["D1", "D2"]["overpayment"] == Decimal("61.00")
    assert "first name spelt nearly alike +" in of["D1", "D2"]["reason"]
    assert "1 payments repeat" in of["D1", "D2"]["reason"]
    assert flagged["E1", "E2"] == {("benefit_payments", "B2")}
    assert of["E1", "E2"]["overpayment"] == Decimal("200.00")
    assert "birth date one digit apart +" in of["E1", "E2"]["reason"]
    assert flagged["NEW", "OLD"] == {("claim_lines", "|N1|1"), ("claim_lines", "|N2|1")}
    assert of["NEW", "OLD"]["overpayment"] == Decimal("50.00")
    assert all(0 < row["score"] <= 0.8 for row in findings)


def test_two_ids_paid_for_different_things_are_a_lead_without_money(
    inputs_of: Callable[..., Inputs],
) -> None:
    pair = [
        member("D1", "Marianne", "Harmel", "1961-03-14", **HOME),
        member("D2", "Marianne", "Harmel", "1961-03-14", **HOME),
        member("E1", "Isabelle", "Quast", "1972-08-21", **YARD),
        member("E2", "Isabelle", "Quast", "1972-08-21", **YARD),
    ]
    inputs = inputs_of(
        members=[*crowd(), *pair],
        providers=[provider("P1", "Gerda Pfau")],
        claim_lines=[
            line("A", "D1"),
            line("B", "D2", claim_line_start_date="2024-06-02"),
            line("C", "E1"),
            line("D", "E2", claim_line_start_date="2023-06-02"),
        ],
    )

    (found,), evidence = detected(SamePerson(), inputs)

    assert found["overpayment"] == Decimal("0.00")
    assert 0 < found["score"] <= 0.3
    assert {(e["table_name"], e["row_key"], e["role"]) for e in evidence} == {
        ("members", "D1", "context"),
        ("members", "D2", "context"),
    }


def test_nothing_in_nothing_out_and_rows_in_any_order(inputs_of: Callable[..., Inputs]) -> None:
    pair = [
        member("D1", "Marianne", "Harmel", "1961-03-14", **HOME),
        member("D2", "Marianne", "Harmel", "1961-03-14", **HOME),
    ]
    tables = {
        "members": [*crowd(), *pair],
        "providers": [],
        "claim_lines": [line("A", "D1"), line("B", "D2")],
    }

    once = detected(SamePerson(), inputs_of(**tables))
    again = detected(SamePerson(), inputs_of(**{name: rows[::-1] for name, rows in tables.items()}))
    nothing = detected(SamePerson(), inputs_of(**dict.fromkeys(tables, ())))

    assert once == again
    assert len(once[0]) == 1
    assert nothing == ([], [])
