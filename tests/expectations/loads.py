"""A clean load and its dirty twin, as rows by table."""

from __future__ import annotations

from typing import Any

Rows = list[dict[str, Any]]


def line(claim: str, **more: Any) -> dict[str, Any]:
    return {
        "claim_id": claim,
        "person_id": "M1",
        "billing_provider_id": "P1",
        "rendering_provider_id": "P2",
        "claim_line_start_date": "2024-01-10",
        "submitted_date": "2024-01-12",
        "paid_date": "2024-01-20",
        "claim_status": "paid",
        "procedure_code": "99213",
        "procedure_code_system": "hcpcs",
        "service_unit_quantity": "1",
        "charge_amount": "30",
        "allowed_amount": "20",
        "paid_amount": "10",
        "card_id": "K1",
        "diagnosis_code_1": "J20.9",
        **more,
    }


def payment(name: str, **more: Any) -> dict[str, Any]:
    return {
        "payment_id": name,
        "person_id": "M1",
        "benefit_type": "sick_leave",
        "period_start_date": "2024-01-01",
        "period_end_date": "2024-01-31",
        "paid_date": "2024-01-31",
        "paid_amount": "900",
        "employer_id": "E1",
        **more,
    }


def clean() -> dict[str, Rows]:
    return {
        "claim_lines": [
            line("A"),
            line("B", claim_line_number=2),
            line("C", claim_status="denied", paid_amount="0"),
            line(
                "A-void",
                adjustment_type="void",
                original_claim_id="A",
                paid_amount="-10",
                allowed_amount="-20",
                charge_amount="-30",
                service_unit_quantity="-1",
            ),
        ],
        "members": [
            {
                "person_id": "M1",
                "birth_date": "1980-05-05",
                "sex": "female",
                "postal_code": "75011",
                "latitude": 48.8,
                "longitude": 2.3,
            },
            {
                "person_id": "M2",
                "birth_date": "1930-05-05",
                "death_date": "2024-01-01",
                "postal_code": "1010 AB",
                "latitude": -20.9,
                "longitude": 55.5,
            },
        ],
        "providers": [
            {"provider_id": "P1", "specialty": "laboratory", "enrolment_date": "2000-01-01"},
            {"provider_id": "P2", "specialty": "cardiology", "death_date": "2024-01-20"},
        ],
        "cards": [{"card_id": "K1", "person_id": "M1"}, {"card_id": "K2", "person_id": "M2"}],
        "procedures": [
            {"procedure_code": "99213", "effective_date": "2020-01-01", "fee_amount": "20"},
            {"procedure_code": "99213", "effective_date": "2024-01-01", "fee_amount": "21"},
        ],
        "employers": [{"employer_id": "E1", "created_date": "2010-01-01"}],
        "employments": [
            {
                "person_id": "M1",
                "employer_id": "E1",
                "start_date": "2015-01-01",
                "weekly_hours": 35.0,
            },
        ],
        "contributions": [
            {
                "employer_id": "E1",
                "period_start_date": "2024-01-01",
                "declared_payroll": "3000",
                "contributions_due": "900",
                "declared_headcount": 1,
            },
        ],
        "benefit_payments": [payment("X1"), payment("X2", period_start_date="2024-01-15")],
        "affiliations": [
            {
                "subject_type": "member",
                "subject_id": "M1",
                "organisation_type": "employer",
                "organisation_id": "E1",
                "role": "employee",
            },
        ],
    }


DIRTY_LINES = [
    line("D1", person_id="M9"),
    line("D2", billing_provider_id="P9", rendering_provider_id="P9"),
    line("D3", person_id="UNKNOWN"),
    line("D4", rendering_provider_id="7777"),
    line("D5", claim_line_start_date="2024-01-25"),
    line("D6", person_id="M2", card_id="K2", claim_line_start_date="2024-01-05"),
    line("D7", person_id="M2", claim_line_start_date="1929-01-01"),
    line(
        "D8",
        claim_line_start_date="2025-01-01",
        submitted_date="2025-01-01",
        paid_date="2025-01-02",
    ),
    line("D9", paid_amount="21"),
    line("D10", allowed_amount="31"),
    line("D11", claim_status="pending"),
    line("D12", service_unit_quantity="0"),
    line("D13", procedure_code="9921"),
    line("D14", diagnosis_code_1="J 20"),
    line("D15", adjustment_type="replacement", original_claim_id="NOBODY"),
    line("D16", adjustment_type="void", original_claim_id="A"),
    line("D17", admission_date="2024-01-10", discharge_date="2024-01-09"),
    line("D18", claim_type="surgery"),
    line("D19", charge_amount="99999999"),
    line("D20", card_id="K9"),
    line("D21", paid_amount="-5"),
    line("D22"),
    line("D22"),
]

# By check of the lines above, how many fail it; worked out by hand.
DIRTY_LINE_FAILURES = {
    "person_id_in_members": 1,
    "person_id_real": 1,
    "billing_provider_id_in_providers": 1,
    "rendering_provider_id_in_providers": 1,
    "rendering_provider_id_real": 1,
    "submitted_after_service": 1,
    "paid_after_service": 1,
    "service_before_death": 1,
    "service_after_birth": 1,
    "service_after_enrolment": 1,
    "service_before_provider_death": 2,
    "claim_line_start_date_past": 1,
    "submitted_date_past": 1,
    "paid_date_past": 1,
    "card_of_person": 3,
    "card_id_in_cards": 1,
    "paid_within_allowed": 1,
    "allowed_within_charge": 1,
    "unpaid_is_zero": 1,
    "units_positive": 1,
    "procedure_code_form": 1,
    "procedure_code_in_procedures": 1,
    "diagnosis_codes_form": 1,
    "original_claim_known": 2,
    "void_not_positive": 1,
    "discharge_date_after_start": 1,
    "claim_type_known": 1,
    "amounts_plausible": 1,
    "paid_amount_not_negative": 1,
    "key_unique": 1,
}


def dirty() -> dict[str, Rows]:
    tables = clean()
    tables["claim_lines"] = DIRTY_LINES
    tables["members"] += [
        {"person_id": "M3", "birth_date": "1850-01-01", "postal_code": " ", "sex": "x"},
        {
            "person_id": "M4",
            "birth_date": "1990-01-01",
            "death_date": "1989-01-01",
            "latitude": 0.0,
            "longitude": 0.0,
        },
    ]
    tables["benefit_payments"] += [
        payment("X3", person_id="M2", period_start_date="2024-06-01", period_end_date="2024-06-30"),
        payment("X4", employer_id="E9"),
        payment("X5", period_end_date="2023-12-01"),
        payment("X6", event_date="2024-02-15"),
    ]
    tables["employments"] += [
        {"person_id": "M9", "employer_id": "E1", "start_date": "2001-01-01", "weekly_hours": 200.0},
    ]
    tables["contributions"] += [
        {
            "employer_id": "E9",
            "period_start_date": "2024-01-01",
            "declared_payroll": "3",
            "contributions_due": "900",
            "declared_headcount": -1,
        },
    ]
    tables["affiliations"] += [
        {
            "subject_type": "provider",
            "subject_id": "P9",
            "organisation_type": "employer",
            "organisation_id": "E9",
            "role": "employee",
        },
    ]
    return tables


DIRTY_FAILURES = {
    **{f"claim_lines.{name}": failing for name, failing in DIRTY_LINE_FAILURES.items()},
    "members.age_plausible": 1,
    "members.postal_code_form": 1,
    "members.sex_known": 1,
    "members.death_date_after_start": 1,
    "members.latitude_on_earth": 1,
    "benefit_payments.period_before_death": 1,
    "benefit_payments.employer_id_in_employers": 1,
    "benefit_payments.period_end_date_after_start": 1,
    "benefit_payments.event_before_period": 1,
    "employments.person_id_in_members": 1,
    "employments.weekly_hours_plausible": 1,
    "employments.start_after_creation": 1,
    "contributions.employer_id_in_employers": 1,
    "contributions.due_within_payroll": 1,
    "contributions.headcount_not_negative": 1,
    "affiliations.provider_subject_id_in_providers": 1,
    "affiliations.employer_organisation_id_in_employers": 1,
}
