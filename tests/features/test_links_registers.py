"""What registers and payments tie together, what is shared and by whom, and the table of kinds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pytest
from pyspark.sql import DataFrame, SparkSession

from claims.model import TABLES
from claims.runs import Snapshot
from features import links
from features.addresses import normalised_address
from features.identity_links import MOST_UNITS
from features.identity_values import KINDS
from features.links import (
    LINK_KINDS,
    SharedValues,
    context_links,
    identity_links,
    identity_values,
    institutional_accounts,
    ownership_links,
    payment_links,
)

START, END = date(2024, 1, 1), date(2024, 12, 31)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3, Rue de l'Église", "3 rue de l eglise"),
        ("12 Mill Street, Flat 4", "12 MILL ST APT 4"),
        ("5 avenue Foch", "5, av. Foch"),
        ("No. 7 Station Road", "7 station rd"),
        ("Hauptstr 9", "hauptstr. 9"),
    ],
)
def test_one_address_written_twice_is_one(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("3 rue Haute", "33 rue Haute"), ("1 Mill street", "1 Mill road"), ("4 Oak", "4 Oak apt 2")],
)
def test_two_addresses_stay_two(one: str, other: str) -> None:
    assert normal(one) != normal(other)


def test_an_address_of_signs_alone_is_none() -> None:
    assert normal(" - , ") is None


def normal(text: str) -> str | None:
    with duckdb.connect() as connection:
        ((value,),) = connection.execute(
            f"select {normalised_address('a')} from (select ? as a)", [text]
        ).fetchall()
    return None if value is None else str(value)


def test_every_kind_of_link_has_its_maker_and_its_tables() -> None:
    assert len({kind.kind for kind in LINK_KINDS}) == len(LINK_KINDS)
    for kind in LINK_KINDS:
        assert kind.made_by in links.__all__
        assert callable(getattr(links, kind.made_by))
        assert set(kind.tables) <= set(TABLES)
    shared = {kind.kind for kind in LINK_KINDS if kind.made_by == "identity_links"}
    assert shared == set(KINDS) == set(MOST_UNITS)


def rows(frame: DataFrame, *columns: str) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in frame.select(*columns).collect()}


@pytest.fixture
def town(lake_of: Callable[..., Snapshot]) -> Snapshot:
    def member(n: int, **values: Any) -> dict[str, Any]:
        return {"person_id": f"M{n}", "household_id": f"H{n}", **values}

    def line(n: int, person: str, provider: str, **values: Any) -> dict[str, Any]:
        return {
            "claim_id": f"C{n}",
            "person_id": person,
            "billing_provider_id": provider,
            "claim_line_start_date": f"2024-03-{n:02d}",
            "paid_amount": 10,
            **values,
        }

    return lake_of(
        members=[
            member(1, bank_account_id="ONE", phone="0611223344"),
            member(2, bank_account_id="ONE", phone="06 11 22 33 44", household_id="H1"),
            member(3, bank_account_id="A3", email="x@y.org"),
            member(4, bank_account_id="A4", email="X@Y.org"),
            member(5, bank_account_id="HOME"),
            member(6, bank_account_id="HOME"),
        ],
        accounts=[{"account_id": "HOME", "holder_type": "guardian"}],
        cards=[
            {
                "card_id": "K3",
                "person_id": "M3",
                "issued_date": "2023-01-01",
                "expiry_date": "2030-01-01",
                "cancelled_date": "2024-09-09",
            },
            {"card_id": "K4", "person_id": "M4", "issued_date": "2023-01-01"},
        ],
        providers=[
            {"provider_id": "P1", "bank_account_id": "PA", "organisation_id": "G1"},
            {"provider_id": "P2", "bank_account_id": "PB", "organisation_id": "G1"},
            {"provider_id": "P3", "person_id": "M3"},
            {"provider_id": "G1", "organisation_id": "0000"},
        ],
        employers=[{"employer_id": "E1", "director_person_id": "M5", "created_date": "2020-02-02"}],
        affiliations=[
            {
                "subject_type": "provider",
                "subject_id": "P1",
                "organisation_type": "provider",
                "organisation_id": "G1",
                "role": role,
                "start_date": "2018-01-01",
            }
            for role in ("owner", "member")
        ],
        claim_lines=[
            line(1, "M3", "P1", card_id="K3", terminal_id="T1"),
            line(2, "M4", "P1", card_id="K3", terminal_id="T1"),
            line(4, "M4", "P3", card_id="K3", terminal_id="T1", payee_account_id="NEW"),
            line(5, "M4", "P2", terminal_id="T2"),
            line(6, "M4", "P1", terminal_id="T2"),
        ],
        benefit_payments=[
            {
                "payment_id": f"B{n}",
                "person_id": "M3",
                "bank_account_id": account,
                "period_start_date": f"2024-0{n}-01",
                "paid_amount": "10.50",
            }
            for n, account in ((1, None), (2, "A3"), (3, "OTHER"))
        ],
    )


def test_shared_values_are_dated_and_lawful_sharing_stays_as_context(
    spark: SparkSession, town: Snapshot
) -> None:
    values = identity_values(spark, town, START, END).persist()
    closed = institutional_accounts(spark, town)

    found = identity_links(values, closed, SharedValues())

    assert rows(found, "kind", "subject_id", "units", "weight", "start_date", "end_date") == {
        ("email", "M3", 2, 1.0, None, None),
        ("email", "M4", 2, 1.0, None, None),
        ("card", "M3", 2, 1.0, date(2023, 1, 1), date(2024, 9, 9)),
        ("card", "M4", 2, 1.0, date(2024, 3, 2), date(2024, 3, 4)),
        ("device", "P1", 2, 1.0, date(2024, 3, 1), date(2024, 3, 2)),
        ("device", "P3", 2, 1.0, date(2024, 3, 4), date(2024, 3, 4)),
    }
    context = context_links(values, closed, SharedValues(most_units={**MOST_UNITS, "email": 1}))
    assert rows(context, "kind", "subject_id", "why") == {
        ("account", "M1", "one unit"),
        ("account", "M2", "one unit"),
        ("phone", "M1", "one unit"),
        ("phone", "M2", "one unit"),
        ("email", "M3", "crowd"),
        ("email", "M4", "crowd"),
        ("account", "M5", "institution"),
        ("account", "M6", "institution"),
        ("device", "P1", "one unit"),
        ("device", "P2", "one unit"),
    }
    values.unpersist()


def test_registers_and_payments_tie_with_weight_and_dates(
    spark: SparkSession, town: Snapshot
) -> None:
    columns = ("kind", "a_type", "a_id", "b_type", "b_id", "weight", "start_date", "end_date")
    stated = date(2018, 1, 1)

    assert rows(ownership_links(spark, town), *columns) == {
        ("owner", "provider", "P1", "provider", "G1", 1.0, stated, None),
        ("member", "provider", "P1", "provider", "G1", 0.5, stated, None),
        ("member", "provider", "P2", "provider", "G1", 0.5, None, None),
        ("is", "member", "M3", "provider", "P3", 1.0, None, None),
        ("director", "member", "M5", "employer", "E1", 1.0, date(2020, 2, 2), None),
    }
    assert rows(payment_links(spark, town, START, END), *columns) == {
        ("payment", "member", "M3", "account", "A3", 21.0, date(2024, 1, 1), date(2024, 2, 1)),
        ("payment", "member", "M3", "account", "OTHER", 10.5, date(2024, 3, 1), date(2024, 3, 1)),
        ("payment", "provider", "P1", "account", "PA", 30.0, date(2024, 3, 1), date(2024, 3, 6)),
        ("payment", "provider", "P2", "account", "PB", 10.0, date(2024, 3, 5), date(2024, 3, 5)),
        ("payment", "provider", "P3", "account", "NEW", 10.0, date(2024, 3, 4), date(2024, 3, 4)),
    }
