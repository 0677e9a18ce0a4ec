"""Acts are added, never changed, each with who, when and what was on show; nonsense is refused."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from cases.decisions import (
    ConflictError,
    DecisionError,
    Identity,
    Store,
    UnknownCaseError,
    open_store,
)  # fmt: skip
from claims.runs import now
from tests.cases.decisions.stores import at_work, tables

C1 = "case-P1"
TOMORROW = now().date() + timedelta(days=1)


def test_a_decision_is_kept_with_who_when_how_and_what_was_on_show(store: Store) -> None:
    state = store.decide(
        C1, "substantiated", seen=0, amount_confirmed=Decimal("1200.5"), minutes_spent=90,
        reasons=["upcoded"], run_id="r2", shown="the dossier", note="agreed",
    )  # fmt: skip
    assert (state.status, state.outcome, state.sequence) == ("decided", "substantiated", 1)
    assert state.sentence.startswith("decided: substantiated, 1,200.50 by ann since ")
    (act,) = store.history(C1)
    assert (act.analyst, act.identity_source, act.run_id) == ("ann", "stated", "r2")
    assert act.shown_sha256 == hashlib.sha256(b"the dossier").hexdigest()
    assert act.sentence == "ann decided: substantiated, 1,200.50"
    (kept,) = store.dispositions(C1)
    assert (kept.subject, kept.analyst, kept.decided_at) == ("provider P1", "ann", act.at)
    assert (kept.outcome, kept.amount_confirmed) == ("substantiated", Decimal("1200.50"))
    assert (kept.minutes_spent, kept.note, kept.act_id) == (90, "agreed", act.act_id)
    assert store.outcomes() == {C1: "substantiated"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"case_id": "case-P9"}, "no succeeded run has a case 'case-P9'"),
        ({"case_id": " "}, "no succeeded run"),
        ({"case_id": "case-P"}, "several cases begin"),
        ({"case_id": "case-OL"}, "whole id"),
        ({"outcome": "fraud"}, "'fraud' is not one of substantiated"),
        ({"amount_confirmed": Decimal("-0.01")}, "amount_confirmed must be 0 or more"),
        ({"amount_confirmed": Decimal("0.001")}, "to the cent"),
        ({"amount_confirmed": Decimal("NaN")}, "to the cent"),
        ({"amount_confirmed": Decimal("1e16")}, "to the cent"),
        ({"minutes_spent": -1}, "minutes_spent"),
        ({"reasons": ["upcoded", "spite"]}, "'spite' is not one of"),
        ({"seen": 7}, "seen=7 is no state"),
        ({"seen": None}, "is no state"),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, wrong: dict[str, Any], told: str) -> None:
    asked = {"case_id": C1, "outcome": "referred", "seen": 0, **wrong}
    with pytest.raises(DecisionError, match=told):
        store.decide(asked.pop("case_id"), asked.pop("outcome"), **asked)
    assert tables(store)["acts"] == tables(store)["dispositions"] == []


def test_a_case_of_an_earlier_run_is_known_and_a_store_without_a_lake_only_reads(
    store: Store, url: str
) -> None:
    store.note("case-OLD", "still here")
    with pytest.raises(UnknownCaseError):
        store.note("case-NEW", "never seen")
    bare = open_store(url)
    assert bare.history("case-OLD")[0].note == "still here"
    with pytest.raises(DecisionError, match="with its lake"):
        bare.note("case-OLD", "x")


def test_the_other_acts_and_their_refusals(store: Store) -> None:
    for wrong in (Decimal("-1"), Decimal("0.005")):
        with pytest.raises(DecisionError, match="amount must be 0 or more"):
            store.recover(C1, wrong)
    with pytest.raises(DecisionError, match="after today"):
        store.snooze(C1, now().date(), "awaiting records", seen=0)
    for blank in (lambda: store.note(C1, " "), lambda: store.unmask(C1, "")):
        with pytest.raises(DecisionError, match="blank"):
            blank()
    with pytest.raises(DecisionError, match="20 MB"):
        store.attach(C1, "empty.pdf", b"")
    assert store.history(C1) == []

    store.note(C1, "first look")
    state = store.attach(C1, "letter.pdf", b"%PDF")
    store.attach(C1, "copy.pdf", b"%PDF")
    store.unmask(C1, "to call the practice")
    assert (state.status, state.sequence) == ("open", 2)
    sha256 = store.history(C1)[1].details["sha256"]
    assert store.attachment(sha256) == b"%PDF"
    assert len(tables(store)["attachments"]) == 1
    store.recover(C1, Decimal("5.00"), date(2024, 6, 1))
    store.recover(C1, Decimal("0.10"), date(2024, 5, 1))
    assert [r.amount for r in store.recoveries(C1)] == [Decimal("0.10"), Decimal("5.00")]
    assert [act.sentence for act in store.history(C1)][2:5] == [
        "ann attached copy.pdf (4 bytes)",
        "ann unmasked personal values: to call the practice",
        "ann recorded a recovery of 5.00 on 2024-06-01",
    ]


def test_one_press_counts_once(store: Store) -> None:
    first = store.decide(C1, "education", seen=0, press="p1")
    assert store.decide(C1, "education", seen=0, press="p1") == first
    assert [len(rows) for rows in tables(store).values()][:2] == [1, 1]
    with pytest.raises(DecisionError, match="its own id"):
        store.note(C1, "x", press="p1")


def test_four_eyes_decide_above_the_amount(store: Store) -> None:
    bob = at_work(store, "bob")
    store.set_confirm_above(Decimal("500"), "as the board decided")
    assert bob.confirm_above == Decimal("500")
    assert store.decide("case-P2", "substantiated", seen=0, amount_confirmed=Decimal(500)).in_force
    waits = store.decide(
        C1, "substantiated", seen=0, amount_confirmed=Decimal("500.01"), minutes_spent=5
    )
    assert (waits.status, waits.in_force) == ("awaiting_confirmation", False)
    assert store.dispositions(C1) == []
    with pytest.raises(DecisionError, match="another person"):
        store.confirm(C1, seen=1)
    declined = bob.decline(C1, "the sum is wrong", seen=1)
    assert (declined.status, declined.assignee) == ("assigned", "ann")
    store.decide(C1, "substantiated", seen=2, amount_confirmed=Decimal("700"), minutes_spent=8)
    assert bob.confirm(C1, seen=3).in_force
    (kept,) = store.dispositions(C1)
    assert (kept.analyst, kept.amount_confirmed, kept.minutes_spent) == ("ann", Decimal("700"), 8)
    assert kept.decided_at == store.history(C1)[2].at


def test_a_case_that_is_someones_or_closed_is_left_alone(store: Store) -> None:
    bob = at_work(store, "bob")
    store.take(C1, seen=0)
    for act in (bob.take, bob.release):
        with pytest.raises(DecisionError, match="assigned to ann since"):
            act(C1, seen=1)
    with pytest.raises(DecisionError, match="hands it over"):
        bob.decide(C1, "education", seen=1)
    assert bob.assign(C1, "bob", seen=1).assignee == "bob"
    bob.decide(C1, "unsubstantiated", seen=2, reasons=["data_error"])
    with pytest.raises(DecisionError, match="reopen it first"):
        store.decide(C1, "substantiated", seen=3)
    reopened = store.reopen(C1, "new records came", seen=3)
    assert (reopened.status, reopened.outcome, reopened.reason) == (
        "reopened", None, "new records came",
    )  # fmt: skip
    assert store.outcomes() == {}
    assert len(store.dispositions(C1)) == 1


def test_suppressions_and_snoozes_end_by_themselves(store: Store) -> None:
    store.snooze("case-P2", TOMORROW, "records asked for", seen=0)
    store.suppress(C1, TOMORROW, "under court order", seen=0)
    store.suppress("case-P3", TOMORROW, "site visit done", seen=0, detector="rules.time.day")
    today = store.states()
    assert {case: s.status for case, s in today.items()} == {
        "case-P2": "snoozed", C1: "suppressed", "case-P3": "open",
    }  # fmt: skip
    assert today["case-P3"].suppressed_detectors == {"rules.time.day": TOMORROW}
    later = store.states(on=TOMORROW)
    assert {s.status for s in later.values()} == {"open"}
    assert later["case-P3"].suppressed_detectors == {}
    assert later[C1].since is not None
    assert later[C1].since.date() == TOMORROW


def test_the_database_refuses_changes(store: Store) -> None:
    store.decide(C1, "referred", seen=0)
    store.recover(C1, Decimal("1"))
    store.attach(C1, "a.txt", b"a")
    store.set_confirm_above(Decimal("1"), "trial")
    before = tables(store)
    emptied = {
        "sqlite": "insert or replace into {0} select * from {0}",
        "postgresql": "truncate {0} cascade",
    }[store.engine.dialect.name]
    for table, rows in before.items():
        assert rows
        for change in ("delete from {0}", "update {0} set {1} = {1}", emptied):
            statement = text(change.format(table, next(iter(rows[0]))))
            with (
                pytest.raises(DatabaseError, match="never changed"),
                store.engine.begin() as connection,
            ):
                connection.execute(statement)
    assert tables(store) == before


def test_a_program_that_knows_the_models_columns_alone_is_followed(store: Store) -> None:
    store.note(C1, "seen")
    with store.engine.begin() as connection:
        connection.execute(
            text(
                "insert into dispositions (case_id, analyst, decided_at, outcome, "
                "amount_confirmed, minutes_spent, note) values (:case, 'eve', "
                "'2024-05-01 09:00:00', 'substantiated', 12.3, 4, 'imported')"
            ),
            {"case": C1},
        )
    state = store.state(C1)
    assert (state.status, state.decided_by, state.amount) == ("decided", "eve", Decimal("12.30"))
    assert [a.sequence for a in store.history(C1)] == [1, 2]
    with pytest.raises(ConflictError, match=r"eve decided: substantiated, 12\.30 at 2024-05-01"):
        store.take(C1, seen=1)


def test_states_of_many_cases_come_in_few_queries(store: Store) -> None:
    from sqlalchemy import event

    store.take(C1, seen=0)
    asked = [f"case-X{n}" for n in range(9_999)] + [C1]
    queries: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *a: queries.append(a[2]))
    states = store.states(asked)
    assert (len(states), states[C1].assignee, states["case-X5"].status) == (10_000, "ann", "open")
    assert sum("from acts" in sql.lower() for sql in queries) == 1


def test_a_pin_tells_which_acts_were_read(store: Store) -> None:
    assert store.pin().last_act == 0
    store.take(C1, seen=0)
    pinned = store.pin()
    store.decide(C1, "education", seen=1)
    assert store.pin() != pinned
    assert store.pin(upto=pinned.last_act) == pinned
    assert store.states(upto=pinned.last_act)[C1].status == "assigned"


def test_who_acts_is_established_and_said(
    url: str, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    found = open_store(url).identity
    if store.engine.dialect.name == "postgresql":
        assert found == Identity("postgres", "database")
    else:
        assert found.source == "operating_system"
    monkeypatch.setenv("USER", "someone-else")
    assert open_store(url).identity == found
    monkeypatch.setenv("JUPYTERHUB_USER", "dana")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "t")
    assert open_store(url).identity == Identity("dana", "jupyterhub")
