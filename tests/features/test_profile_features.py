"""Features of a hand-made lake against counts made by hand, in four buckets and in one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from claims.lake import Lake
from features.catalogue import PROFILES
from features.profiles import build_profiles
from tests.lakes import Rows, make_lake

START, END = date(2024, 1, 1), date(2024, 12, 31)
Profiles = dict[str, dict[str, dict[str, Any]]]

VISITS = [
    (f"2024-0{month}-15", paid) for month, paid in enumerate((10, 10, 10, 10, 50, 50, 50, 20), 1)
]


def line(
    claim: str, person: str, provider: str, day: str, paid: int, **more: Any
) -> dict[str, Any]:
    return {
        "claim_id": claim,
        "person_id": person,
        "billing_provider_id": provider,
        "claim_line_start_date": day,
        "paid_amount": paid,
        **more,
    }


def drug(
    claim: str, person: str, provider: str, day: str, paid: int, **more: Any
) -> dict[str, Any]:
    return line(claim, person, provider, day, paid, claim_type="pharmacy",
                ordering_provider_id="D", **more)  # fmt: skip


def stay(claim: str, person: str, day: str, until: str, paid: int) -> dict[str, Any]:
    return line(claim, person, "H", day, paid, claim_type="institutional", admission_date=day,
                discharge_date=until, drg_code="D1")  # fmt: skip


def payment(name: str, person: str, day: str, paid: int, **more: Any) -> dict[str, Any]:
    return {
        "payment_id": name,
        "person_id": person,
        "period_start_date": day,
        "paid_amount": paid,
        "bank_account_id": "A1",
        **more,
    }


LEAVE = {"benefit_type": "sick_leave", "certifying_provider_id": "D", "employer_id": "E1"}

TABLES: dict[str, Rows] = {
    "claim_lines": [
        line("G00", "M1", "G", *VISITS[0], procedure_code="V3", diagnosis_code_1="J18",
             service_start_time="2024-01-15 09:00", service_end_time="2024-01-15 10:00"),
        line("G01", "M1", "G", *VISITS[1], diagnosis_code_1="J18"),
        line("G02", "M1", "G", *VISITS[2], diagnosis_code_1="E11"),
        *[line(f"G0{n}", "M1", "G", *VISITS[n]) for n in range(3, 8)],
        line("G08", "M2", "G", "2024-08-16", 30, procedure_code="V3",
             service_start_time="2024-08-16 23:00", service_end_time="2024-08-16 23:10"),
        line("K1", "M2", "G2", "2024-01-10", 20, procedure_code="V3", ordering_provider_id="D",
             payee_account_id="AX"),
        line("K2", "M2", "G2", "2024-06-10", 300, procedure_code="V3", service_unit_quantity=3),
        drug("R1", "M1", "PH1", "2024-03-20", 40, drug_code="RX1", days_supply=30),
        drug("R2", "M3", "PH1", "2024-03-20", 20, drug_code="RX2", days_supply=10),
        drug("R3", "M1", "PH2", "2024-03-21", 20, drug_code="RX2", payee_account_id="0000"),
        stay("S1", "M1", "2024-03-01", "2024-03-08", 700),
        {**stay("S1", "M1", "2024-03-01", "2024-03-08", 100), "claim_line_number": 2},
        stay("S2", "M3", "2024-05-01", "2024-05-01", 100),
        # A placeholder is nobody else who bills M1.
        line("Z", "M1", "9999999999", "2023-12-31", 5),
    ],
    "members": [
        {"person_id": "M1", "household_id": "HH1", "last_name": "Martin", "bank_account_id": "A1",
         "latitude": 0, "longitude": 0},
        {"person_id": "M2", "household_id": "HH1", "last_name": "MARTÍN", "bank_account_id": "A1",
         "latitude": 0, "longitude": 1},
        {"person_id": "M3", "household_id": "HH2", "last_name": "Art", "bank_account_id": "A3"},
    ],
    "providers": [
        {"provider_id": "G", "provider_type": "individual", "specialty": "gp", "latitude": 0,
         "longitude": 0, "bank_account_id": "AG"},
        {"provider_id": "G2", "provider_type": "individual", "specialty": "gp",
         "bank_account_id": "AG2"},
        {"provider_id": "PH1", "specialty": "pharmacy"},
        {"provider_id": "PH2", "specialty": "pharmacy"},
        {"provider_id": "H", "specialty": "hospital"},
        {"provider_id": "D", "specialty": "gp"},
    ],
    "procedures": [{"procedure_code": "V3", "typical_minutes": 60}],
    "drugs": [{"drug_code": "RX1", "is_controlled": True}],
    "code_sets": [{"code_set": "public_holidays", "code": "2024-05-15"}],
    "benefit_payments": [
        payment("B1", "M1", "2024-04-01", 70, **LEAVE, entitlement_id="S1", entered_by="C1",
                event_date="2024-04-01", period_end_date="2024-04-07", approved_by="C1"),
        payment("B2", "M1", "2024-04-08", 70, **LEAVE, entitlement_id="S1", entered_by="C1",
                event_date="2024-04-01", period_end_date="2024-04-14", approved_by="C2"),
        payment("B3", "M3", "2024-04-06", 30, **LEAVE, entitlement_id="S2", entered_by="C2",
                event_date="2024-04-06", period_end_date="2024-04-08", approved_by="C3"),
        payment("B4", "M2", "2024-07-01", 130, benefit_type="housing"),
    ],
    "accounts": [
        {"account_id": "A1", "holder_name": "Jean MARTIN", "holder_type": "person",
         "opened_date": "2024-03-01"},
    ],
    "attribute_history": [
        {"subject_type": "member", "subject_id": "M3", "column_name": "bank_account_id",
         "new_value": "A1", "changed_at": "2024-04-01 10:00"},
        {"subject_type": "member", "subject_id": "M2", "column_name": "bank_account_id",
         "new_value": "A1", "changed_at": "2020-04-01 10:00"},
        {"subject_type": "member", "subject_id": "M1", "column_name": "phone",
         "new_value": "A1", "changed_at": "2024-04-01 10:00"},
    ],
    "employers": [{"employer_id": "E1"}],
    "employments": [
        {"person_id": "M1", "employer_id": "E1", "start_date": "2020-01-01"},
        {"person_id": "M2", "employer_id": "E1", "start_date": "2024-03-01"},
        {"person_id": "M3", "employer_id": "E1", "start_date": "2024-03-10",
         "end_date": "2024-04-30"},
        *({"person_id": person, "employer_id": "E2", "start_date": "2023-11-01",
           "end_date": "2024-02-29"} for person in ("M8", "M9")),
    ],
    "contributions": [
        {"employer_id": "E2", "period_start_date": "2024-01-01", "declared_headcount": 1,
         "declared_payroll": 1000, "contributions_due": 400, "contributions_paid": 400},
        {"employer_id": "E1", "period_start_date": "2024-01-01", "declared_headcount": 2,
         "declared_payroll": 2000, "contributions_due": 800, "contributions_paid": 800,
         "payment_due_date": "2024-02-15", "filed_date": "2024-02-20", "status": "filed"},
        {"employer_id": "E1", "period_start_date": "2024-02-01", "declared_headcount": 2,
         "declared_payroll": 2000, "contributions_due": 800, "contributions_paid": 400,
         "payment_due_date": "2024-03-15", "filed_date": "2024-03-01", "status": "filed"},
        {"employer_id": "E1", "period_start_date": "2024-09-01", "declared_headcount": 4,
         "declared_payroll": 5000, "contributions_due": 800, "status": "none"},
    ],
}  # fmt: skip


def built(spark: SparkSession, folder: Path, tables: dict[str, Rows], buckets: int) -> Profiles:
    snapshot = make_lake(spark, Lake(str(folder)), tables, buckets)
    return {
        name: {row[0]: row.asDict() for row in frame.collect()}
        for name, frame in build_profiles(spark, snapshot, START, END).items()
    }


@pytest.fixture(scope="module")
def profiles(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Profiles:
    return built(spark, tmp_path_factory.mktemp("four"), TABLES, 4)


HAND_COUNTED: dict[tuple[str, str], dict[str, Any]] = {
    ("provider", "G"): {
        # 8 months: 10, 10, 10, 10, 50, 50, 50, 50; a tenth of the mean month is 3.
        "step_ratio": round(53 / 13, 9),
        "step_fit": 1.0,
        "night_share": 0.5,
        "short_service_share": 0.5,
        "mean_daily_hours": 1.0,
        "far_member_share": 0.5,
        "shared_member_share": 0.5,
        "diagnosis_entropy": 0.918295834,
        "holiday_share": round(1 / 9, 9),
        "after_dormancy_ratio": None,
        # Three cases of the two: 560 paid, 11 lines.
        "expected_paid": Decimal("373.33"),
        "paid_oe": round(240 / (560 * 2 / 3), 9),
        "lines_oe": round(9 / (11 * 2 / 3), 9),
        "stays": 0,
        "stay_oe": None,
        "coded_lines": 2,
        "mix_specialty": None,
        "specialty_disagrees": None,
    },
    ("provider", "G2"): {
        "dormant_days": 152.0,
        # 300 on the 205 days from 10 June on, 20 on the one day before.
        "after_dormancy_ratio": round(300 / 205 / 20, 9),
        # 20, 0, 0, 0, 0, 300 is best cut after the fourth month.
        "step_ratio": round((300 / 2 + 320 / 60) / (20 / 4 + 320 / 60), 9),
        "mean_daily_hours": 2.0,
        "short_service_share": None,
        "units_per_visit": 2.0,
        "paid_per_unit": 80.0,
        "shared_member_share": 1.0,
    },
    ("provider", "PH1"): {"supply_per_drug_line": 20.0, "controlled_share": 0.5},
    ("provider", "H"): {
        "stays": 2,
        "stay_days": 8,
        "stay_paid": Decimal("900.00"),
        "expected_days": 8.0,
        "stay_oe": 1.0,
        "shared_member_share": 0.0,
    },
    ("provider", "D"): {
        "lines": None,
        "ordered_lines": 4,
        "ordered_members": 3,
        "ordered_paid": Decimal("100.00"),
        "ordered_per_member": 33.333333333,
        "top_pharmacy_share": 0.75,
        "top_supplier_share": 1.0,
        "controlled_ordered_share": 0.333333333,
        "certified_spells": 2,
        "certified_days": 17,
        "certified_paid": Decimal("170.00"),
        "days_per_certified_spell": 8.5,
        "spells_per_certified_member": 1.0,
        "certified_monday_share": 0.5,
    },
    ("member", "M1"): {
        "coded_lines": 3,
        "stay_days": 8,
        "stay_day_ratio": round(8 / 366, 9),
        "code_entropy": 1.584962501,
        "top_code_share": 0.333333333,
        "holiday_share": round(1 / 12, 9),
        "night_share": 0.0,
        "small_share": round(4 / 12, 9),
        "far_provider_share": 0.0,
        "top_prescriber_share": 1.0,
        "top_pharmacy_share": round(40 / 60, 9),
        # Five lines in March.
        "peak_month_ratio": round(5 * 366 / 30.4375 / 12, 9),
        "dormant_days": 31.0,
        "after_dormancy_share": 0.0,
        "top_benefit_share": 1.0,
        "leave_spells": 1,
        "short_leave_share": 0.0,
    },
    ("member", "M2"): {
        "dormant_days": 152.0,
        "after_dormancy_share": round(2 / 3, 9),
        "night_share": 1.0,
        "far_provider_share": 1.0,
        "top_pharmacy_share": None,
        "leave_spells": None,
    },
    ("member", "M3"): {"short_leave_share": 1.0, "dormant_days": 42.0, "stay_days": 1},
    ("employer", "E1"): {
        "workers": 3,
        "contributions_per_head": 300.0,
        "contributions_per_worker": round(1200 / (round(724 / 366, 9) * 3), 9),
        "benefits_per_worker": 100.0,
        "top_weekday_share": 0.5,
        "weekend_leave_share": 0.5,
        "monday_share": 0.5,
        "short_leave_share": 0.5,
        "peak_hire_share": round(2 / 3, 9),
        "leaver_share": round(1 / 3, 9),
        "brief_job_share": round(1 / 3, 9),
        "unfiled_share": round(1 / 3, 9),
        "late_share": 0.5,
        "headcount_growth": 2.0,
        "payroll_growth": 2.5,
    },
    ("account", "A1"): {
        "holder_type": "person",
        "receives": "benefits",
        "paid": Decimal("300.00"),
        "claims_paid": Decimal("0.00"),
        "payments": 4,
        "active_days": 4,
        "active_months": 2,
        "paid_per_payment": 75.0,
        "payments_per_month": 2.0,
        "beneficiaries": 3.0,
        "benefits_per_person": 100.0,
        "payments_per_person": round(4 / 3, 9),
        "households": 2.0,
        "surnames": 2.0,
        "providers": 0.0,
        "small_share": 0.0,
        "small_paid": Decimal("0.00"),
        "round_share": 1.0,
        "benefit_types": 2.0,
        "top_benefit_share": round(170 / 300, 9),
        "top_person_share": round(140 / 300, 9),
        # M3 has another account on file, and Art is no name in Martin.
        "off_file_share": 0.1,
        "off_file_paid": Decimal("30.00"),
        "others_paid": Decimal("160.00"),
        "unlike_share": 0.1,
        "changers": 1.0,
        "changed_share": 0.1,
        "top_clerk_share": round(140 / 170, 9),
        "top_clerk_payment_share": round(2 / 3, 9),
        "same_clerk_share": round(1 / 3, 9),
        "account_age": 31.0,
        "new_account_share": round(170 / 300, 9),
        "growth": round(15 / 315, 9),
        "peak_month_ratio": round(170 / 65, 9),
        "peak_month_paid": Decimal("170.00"),
        "step_ratio": None,
        "dormant_days": 84.0,
        "after_dormancy_share": round(130 / 300, 9),
    },
    # The provider's account on file where a line names none.
    ("account", "AG"): {
        "holder_type": None,
        "receives": "claims",
        "claims_paid": Decimal("240.00"),
        "providers": 1.0,
        "beneficiaries": 0.0,
        "households": None,
        "benefit_types": None,
        "off_file_share": 0.0,
        "unlike_share": None,
        "top_clerk_share": None,
        "account_age": None,
        "new_account_share": None,
        "step_ratio": round(53 / 13, 9),
    },
    ("account", "AX"): {"paid": Decimal("20.00"), "off_file_share": 1.0, "dormant_days": None},
}


def test_heads_of_a_firm_that_closed_are_counted_while_it_was_open(profiles: Profiles) -> None:
    row = profiles["employer_profiles"]["E2"]
    expected = {"headcount": 2.0, "headcount_gap": 2.0, "due_for_known": Decimal("800.00")}
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(("subject", "name"), HAND_COUNTED)
def test_features_are_as_counted_by_hand(profiles: Profiles, subject: Any, name: str) -> None:
    row, expected = profiles[PROFILES[subject][0]][name], HAND_COUNTED[subject, name]
    assert {feature: row[feature] for feature in expected} == expected


def test_only_named_accounts_have_a_profile(profiles: Profiles) -> None:
    assert set(profiles["account_profiles"]) == {"A1", "AG", "AG2", "AX"}


def test_buckets_do_not_change_answers(
    spark: SparkSession, tmp_path: Path, profiles: Profiles
) -> None:
    assert built(spark, tmp_path, TABLES, 1) == profiles


def test_without_optional_tables_and_without_rows_profiles_are_empty(
    spark: SparkSession, tmp_path: Path
) -> None:
    nothing = built(spark, tmp_path, {"claim_lines": [], "members": [], "providers": []}, 2)
    assert nothing == {"provider_profiles": {}, "member_profiles": {}, "account_profiles": {}}
