"""Accounts that others' benefits are led to are named; households and institutions are not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from claims.lake import Lake
from detectors.base import Inputs
from detectors.deviation import Deviation
from detectors.deviation.comparisons.accounts import ACCOUNTS
from detectors.deviation.findings import Statement
from detectors.deviation.judgement import fitted, judge
from tests.lakes import make_lake

NAMES = tuple(one.name for one in ACCOUNTS)


def honest(many: int = 600, seed: int = 3) -> pd.DataFrame:
    """Accounts of households: one person or a couple, monthly benefits of a kind or two."""
    draw = np.random.default_rng(seed)
    persons = 1 + draw.binomial(1, 0.3, many)
    months = draw.integers(4, 25, many)
    payments = months * persons
    usual = draw.lognormal(6.4, 0.35, many)
    clerk = draw.binomial(payments, 0.08) + 1
    return pd.DataFrame(
        {
            "account_id": [f"A{n:04}" for n in range(many)],
            "holder_type": "person",
            "receives": "benefits",
            "beneficiaries": persons.astype(float),
            "providers": 0.0,
            "households": 1.0 + draw.binomial(1, 0.03, many),
            "changers": draw.binomial(1, 0.05, many).astype(float),
            "benefit_types": 1.0 + draw.binomial(1, 0.2, many),
            "payments": payments,
            "benefit_payments": payments,
            "active_months": months,
            "small_share": draw.binomial(payments, 0.01) / payments,
            "small_paid": 20.0,
            "paid": usual * payments,
            "benefits_paid": usual * payments,
            "others_paid": usual * payments * np.where(persons > 1, 0.4, 0.0),
            "off_file_share": 0.0,
            "off_file_paid": 0.0,
            "top_clerk_payment_share": np.minimum(1.0, clerk / payments),
            "same_clerk_share": 0.0,
        }
    )


def account(frame: pd.DataFrame, name: str, **more: object) -> pd.DataFrame:
    """The frame with one more account: an ordinary one, but for what is told of it."""
    plain: dict[str, object] = {
             "account_id": name, "payments": 24, "benefit_payments": 24, "active_months": 24,
             "benefits_paid": 20_000.0, "paid": 20_000.0,
             "small_share": 0.0, "top_clerk_payment_share": 0.1}  # fmt: skip
    usual = frame.iloc[[0]].assign(**(plain | more))
    return pd.concat([frame, usual], ignore_index=True)


SUSPECTS: dict[str, dict[str, object]] = {
    "account_households": {"beneficiaries": 12.0, "households": 12.0, "others_paid": 18_000.0},
    "account_changers": {"changers": 7.0},
    "account_benefit_kinds": {"benefit_types": 7.0},
    "account_small_amounts": {"small_share": 0.9, "small_paid": 240.0},
    "account_off_file": {"off_file_share": 0.8, "off_file_paid": 16_000.0},
    "account_one_clerk": {"top_clerk_payment_share": 1.0},
    "account_same_clerk": {"same_clerk_share": 0.7},
}


def world() -> pd.DataFrame:
    """Honest accounts, a suspect a comparison, and who only looks like one."""
    frame = honest()
    for name, more in SUSPECTS.items():
        frame = account(frame, f"SUSPECT-{name}", **more)
    # A family of nine of one household, and twelve institutions that receive for their wards.
    frame = account(frame, "HONEST-FAMILY", beneficiaries=9.0, others_paid=15_000.0)
    for number in range(12):
        frame = account(frame, f"HONEST-GUARDIAN{number:02}", holder_type="guardian",
                        beneficiaries=20.0, households=18.0 + number % 4,
                        benefit_types=4.0)  # fmt: skip
    # Claim lines alone are paid to it: it is its provider's.
    small: dict[str, object] = {"benefit_payments": 0, "households": np.nan, "small_share": 0.9}
    provider = account(frame, "HONEST-PRACTICE")
    for column, value in {**small, "receives": "claims", "benefit_types": np.nan}.items():
        provider.loc[provider["account_id"] == "HONEST-PRACTICE", column] = value
    return provider


def named(frame: pd.DataFrame) -> Iterator[Statement]:
    candidates = judge(frame, "account_id", ACCOUNTS, fitted(frame, ACCOUNTS))
    return Deviation(comparisons=ACCOUNTS).statements(candidates)


@pytest.fixture(scope="module")
def statements() -> list[Statement]:
    return list(named(world()))


@pytest.mark.parametrize("name", NAMES)
def test_the_suspect_is_named_and_no_other(statements: list[Statement], name: str) -> None:
    found = {one.subject_id for one in statements if one.detector == f"deviation.{name}"}
    assert found == {f"SUSPECT-{name}"}


def test_money_is_what_came_for_others(statements: list[Statement]) -> None:
    one = next(s for s in statements if s.detector == "deviation.account_households")
    assert (one.subject_type, one.excess, one.undue) == ("account", 18_000.0, 0.25)
    assert "Households beyond the first" in one.reason
    assert one.details["observed"] == 11 and one.details["interval"][0] > one.details["expected"]


def test_chance_names_nobody_on_honest_accounts() -> None:
    for seed in range(3):
        assert not list(named(honest(400, seed)))


def test_tails_are_no_more_frequent_than_they_say() -> None:
    frame = honest(2_000, seed=11)
    for one in ACCOUNTS:
        rows = one.eligible(frame)
        p = one.judge(rows, one.fit(rows))["p"]
        assert (p <= 0.05).mean() <= 0.08, one.name


def test_findings_of_an_account_rest_on_what_was_paid_on_it(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> None:
    suspect = "SUSPECT-account_households"
    paid = [
        {"payment_id": f"B{n}", "person_id": f"M{n % 12}", "benefit_type": "housing",
         "period_start_date": f"2024-0{1 + n % 6}-01", "paid_amount": 500,
         "bank_account_id": suspect if n < 30 else "A0001"}
        for n in range(40)
    ]  # fmt: skip
    snapshot = make_lake(
        spark, Lake(str(tmp_path_factory.mktemp("accounts"))), {"benefit_payments": paid}
    )
    profiles = {"account_profiles": spark.createDataFrame(world())}
    inputs = Inputs(spark, snapshot, date(2024, 1, 1), date(2024, 12, 31), profiles=profiles)
    households = tuple(one for one in ACCOUNTS if one.name == "account_households")
    result = Deviation(comparisons=households, subjects=("account",)).detect(inputs)
    (finding,) = result.findings.collect()
    assert (finding.subject_type, finding.subject_id) == ("account", suspect)
    # A quarter of 18,000 is claimed, and 15,000 were paid on the account.
    assert finding.overpayment == Decimal("4500.00")
    rows = result.evidence.collect()
    assert {row.row_key for row in rows} == {f"B{n}" for n in range(30)}
    assert {row.table_name for row in rows} == {"benefit_payments"}
    result.release()
