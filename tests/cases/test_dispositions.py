"""Decisions are added, never changed, and only such as make sense."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from cases.dispositions import (
    DispositionError,
    dispositions,
    open_store,
    record,
    record_recovery,
    recoveries,
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Engine:
    return open_store(f"sqlite:///{tmp_path / 'decisions.db'}")


def test_decisions_are_kept_in_order_and_all_of_them(store: Engine) -> None:
    later, earlier = datetime(2024, 5, 2, 9), datetime(2024, 5, 1, 9)
    record(
        store,
        "c1",
        "ann",
        "substantiated",
        amount_confirmed=Decimal("12.30"),
        minutes_spent=40,
        decided_at=later,
        subject="provider P1",
        note="agreed",
    )
    record(store, "c1", "bob", "more_information", decided_at=earlier)
    record(store, "c2", "bob", "education")
    kept = dispositions(store, "c1")
    assert [(d.analyst, d.outcome, d.amount_confirmed) for d in kept] == [
        ("bob", "more_information", None),
        ("ann", "substantiated", Decimal("12.30")),
    ]
    assert (kept[1].subject, kept[1].minutes_spent, kept[1].note) == ("provider P1", 40, "agreed")


def test_each_recovery_is_a_record(store: Engine) -> None:
    record_recovery(store, "c1", date(2024, 6, 1), Decimal("5.00"))
    record_recovery(store, "c1", date(2024, 5, 1), Decimal("0.10"))
    assert [r.amount for r in recoveries(store, "c1")] == [Decimal("0.10"), Decimal("5.00")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "fraud"},
        {"amount_confirmed": Decimal("-0.01")},
        {"amount_confirmed": Decimal("0.001")},
        {"amount_confirmed": Decimal("NaN")},
        {"minutes_spent": -1},
        {"analyst": " "},
        {"case_id": ""},
    ],
)
def test_what_makes_no_sense_is_refused(store: Engine, wrong: dict[str, Any]) -> None:
    asked = {"case_id": "c1", "analyst": "ann", "outcome": "referred", **wrong}
    with pytest.raises(DispositionError):
        record(store, **asked)
    assert dispositions(store, "c1") == []


def test_a_negative_or_nameless_recovery_is_refused(store: Engine) -> None:
    for case, amount in (("c1", "-1"), ("", "1")):
        with pytest.raises(DispositionError):
            record_recovery(store, case, date(2024, 5, 1), Decimal(amount))


@pytest.mark.parametrize("change", ["delete from {0}", "update {0} set case_id = 'c2'"])
@pytest.mark.parametrize("table", ["dispositions", "recoveries"])
def test_the_database_refuses_changes(store: Engine, table: str, change: str) -> None:
    record(store, "c1", "ann", "referred")
    record_recovery(store, "c1", date(2024, 5, 1), Decimal("1"))
    with pytest.raises(IntegrityError, match="never changed"), store.begin() as connection:
        connection.execute(text(change.format(table)))
    assert len(dispositions(open_store(str(store.url)), "c1")) == 1


@given(cents=st.integers(0, 10**13))
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_amounts_come_back_to_the_cent(store: Engine, cents: int) -> None:
    amount = Decimal(cents) / 100
    record_recovery(store, f"c{cents}", date(2024, 5, 1), amount)
    assert recoveries(store, f"c{cents}")[0].amount == amount
