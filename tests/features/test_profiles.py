"""Profiles of a hand-made lake in two buckets, against counts made by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from claims.lake import Lake
from claims.storage import bucket_number
from features.profiles import build_profiles
from tests.lakes import make_lake

START, END = date(2024, 1, 1), date(2024, 12, 31)
Profiles = dict[str, dict[str, dict[str, Any]]]


def line(claim: str, person: str, day: str, paid: str, **more: Any) -> dict[str, Any]:
    return {
        "claim_id": claim,
        "person_id": person,
        "claim_line_start_date": day,
        "paid_amount": paid,
        **more,
    }


LINES = [
    # P1 sees three persons on four days; one voided, one denied, one replaced, one out of period.
    line("A", "M1", "2024-01-06", "100", procedure_code="V3", service_unit_quantity=2,
         charge_amount="150"),
    line("B", "M2", "2024-01-06", "20", procedure_code="V1", procedure_modifier_1="25"),
    line("C", "M3", "2024-01-08", "30", procedure_code="V1", ordering_provider_id="P2"),
    line("D", "M1", "2024-09-02", "50", procedure_code="V2", ordering_provider_id="0000"),
    line("E", "M2", "2024-09-03", "70"),
    line("E-void", "M2", "2024-09-03", "-70", adjustment_type="void", original_claim_id="E"),
    line("F", "M2", "2024-09-04", "0", claim_status="denied"),
    line("G", "M3", "2024-09-05", "10"),
    line("G1", "M3", "2024-09-05", "12", adjustment_type="replacement", original_claim_id="G",
         submitted_date="2024-10-01"),
    line("H", "M4", "2023-09-05", "999"),
    # A placeholder is nobody.
    line("I", "M1", "2024-03-01", "500", billing_provider_id="9999999999"),
    # An organisation bills what P2 renders: eleven hours and then eighteen on one day.
    line("J", "M1", "2024-05-01", "60", billing_provider_id="ORG", rendering_provider_id="P2",
         procedure_code="V3", service_unit_quantity=11),
    line("K", "M2", "2024-05-02", "90", billing_provider_id="ORG", rendering_provider_id="P2",
         procedure_code="V3", service_unit_quantity=9),
    line("L", "M3", "2024-05-02", "90", billing_provider_id="ORG", rendering_provider_id="P2",
         procedure_code="V3", service_unit_quantity=9),
]  # fmt: skip


@pytest.fixture(scope="module")
def profiles(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Profiles:
    lake = Lake(str(tmp_path_factory.mktemp("profiles")))
    snapshot = make_lake(
        spark,
        lake,
        {
            "claim_lines": LINES,
            "members": [
                {"person_id": f"M{n}", "birth_date": "1961-06-01", "sex": "male",
                 "postal_code": "75001"}
                for n in range(1, 5)
            ],
            "providers": [
                {"provider_id": "P1", "provider_type": "individual", "specialty": "gp",
                 "postal_code": "75002"},
                {"provider_id": "P2", "provider_type": "individual"},
                {"provider_id": "ORG", "provider_type": "organisation"},
            ],
            "procedures": [
                {"procedure_code": f"V{n}", "fee_amount": 10 * n, "typical_minutes": 20 * n}
                for n in (1, 2, 3)
            ],
            "areas": [{"postal_code": "75001", "area": "north"}],
            "employers": [{"employer_id": "E1", "activity_code": "bakery"}],
            "employments": [
                {"person_id": "M1", "employer_id": "E1", "start_date": "2024-01-01"},
                {"person_id": "M2", "employer_id": "E1", "start_date": "2024-07-02",
                 "monthly_wage": 1000},
                {"person_id": "M3", "employer_id": "E1", "start_date": "2020-01-01",
                 "end_date": "2023-12-31"},
            ],
            "benefit_payments": [
                {"payment_id": "S1", "person_id": "M2", "benefit_type": "sick_leave",
                 "entitlement_id": "S", "event_date": "2024-07-08",
                 "period_start_date": "2024-07-08", "period_end_date": "2024-07-14",
                 "paid_amount": 70, "certifying_provider_id": "P1"},
            ],
            "contributions": [
                {"employer_id": "E1", "period_start_date": f"2024-0{month}-01",
                 "declared_headcount": 1, "declared_payroll": 1000, "contributions_due": 420,
                 "contributions_paid": 210}
                for month in (1, 2)
            ],
        },
    )  # fmt: skip
    built = build_profiles(spark, snapshot, START, END)
    return {
        name: {row[0]: row.asDict() for row in frame.collect()} for name, frame in built.items()
    }


def test_persons_of_the_lake_lie_in_two_buckets() -> None:
    assert len({bucket_number(f"M{n}", 2) for n in (1, 2, 3)}) == 2


def test_provider_sums_are_net_and_distinct_over_buckets(profiles: Profiles) -> None:
    row = profiles["provider_profiles"]["P1"]
    expected = {
        "paid": Decimal("212.00"),
        "lines": 5,
        "members": 3,
        "visits": 5,
        "active_days": 4,
        "active_months": 2,
        "paid_per_member": 70.666666667,
        "lines_per_visit": 1.0,
        "units_per_line": 1.2,
        "charge_ratio": 1.5,
        "weekend_share": 0.4,
        "modifier_share": 0.2,
        "small_share": 0.2,
        "new_member_share": 0.0,
        "max_members_day": 2.0,
        "top_member_share": round(150 / 212, 9),
        "dormant_days": 238.0,
        "after_dormancy_share": round(62 / 212, 9),
        "adjusted_share": round(2 / 9, 9),
        "denied_share": round(1 / 9, 9),
        "top_orderer_share": 1.0,
        "code_entropy": 1.5,
        "top_code_share": 0.5,
        "high_level_share": 0.25,
        "region": "75",
        "main_claim_type": "professional",
    }
    assert {name: row[name] for name in expected} == expected


def test_level_excess_is_the_fall_to_the_average_lower_line(profiles: Profiles) -> None:
    row = profiles["provider_profiles"]["P1"]
    assert row["level_excess"] == Decimal("66.67")


def test_work_follows_the_one_who_rendered(profiles: Profiles) -> None:
    row = profiles["provider_profiles"]["P2"]
    assert (row["lines"], row["paid_per_member"]) == (None, None)
    assert (row["work_days"], row["max_daily_hours"]) == (2, 18.0)
    assert (row["long_days_share"], row["long_days_excess"]) == (0.5, Decimal("20.00"))
    assert profiles["provider_profiles"]["ORG"]["max_daily_hours"] is None


def test_a_placeholder_has_no_profile(profiles: Profiles) -> None:
    assert set(profiles["provider_profiles"]) == {"P1", "P2", "ORG"}


def test_member_profile(profiles: Profiles) -> None:
    row = profiles["member_profiles"]["M1"]
    expected = {
        "paid": Decimal("710.00"),
        "lines": 4,
        "providers": 2.0,
        "prescribers": 0.0,
        "max_providers_day": 1.0,
        "age_band": "60",
        "region": "north",
        "benefit_day_ratio": 0.0,
    }
    assert {name: row[name] for name in expected} == expected
    assert "M4" not in profiles["member_profiles"]


def test_employer_profile(profiles: Profiles) -> None:
    row = profiles["employer_profiles"]["E1"]
    expected = {
        "workers": 2,
        "starters": 2,
        "headcount": 1.5,
        "leave_workers": 1,
        "leave_days": 7,
        "leave_paid": Decimal("70.00"),
        "leave_share": 0.5,
        "early_leave_share": 0.5,
        "monday_share": 1.0,
        "top_certifier_share": 1.0,
        "declared_headcount": 1.0,
        "headcount_gap": 1.5,
        "due_for_known": Decimal("1260.00"),
        "unpaid_share": 0.5,
        "contribution_rate": 0.42,
        "payroll_per_head": 1000.0,
    }
    assert {name: row[name] for name in expected} == expected
