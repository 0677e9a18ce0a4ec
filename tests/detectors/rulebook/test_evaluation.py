"""Evaluation over given rows: isolation, shared views, code sets with dates, peers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import combinations
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.rulebook import line_rules
from detectors.rulebook.catalogue import rule_show, rules_lint
from detectors.rulebook.code_sets import at_hand
from detectors.rulebook.evaluate import Outcome, evaluate_whole
from detectors.rulebook.examples import load_tables
from detectors.rulebook.loader import load_rules
from detectors.rulebook.plan import Plan, plan
from detectors.rulebook.rule import Rule

STAY = {
    "claim_id": "S",
    "claim_type": "institutional",
    "bill_type_code": "111",
    "billing_provider_id": "H",
    "admission_date": "2025-03-03",
    "discharge_date": "2025-03-09",
    "claim_line_start_date": "2025-03-03",
}
VISIT = {"claim_id": "V", "claim_type": "home_care", "claim_line_start_date": "2025-03-05"}


def outcome(rules: list[Rule], sets: tuple[dict[str, Any], ...] = (), **tables: Any) -> Outcome:
    plans: list[Plan] = [plan(rule) for rule in rules]
    wanted: dict[str, set[str]] = {}
    for planned in plans:
        for table, columns in planned.tables.items():
            wanted.setdefault(table, set()).update(columns)
    with duckdb.connect(config={"threads": 1}) as connection:
        load_tables(connection, tables, wanted)
        return evaluate_whole(connection, plans, at_hand(sets))


def flagged(found: Outcome) -> list[tuple[str, str]]:
    rows = [row for row in found.hits.to_pylist() if row["role"] == "flagged"]
    return sorted((row["rule"].split(".")[-1], row["row_key"]) for row in rows)


def test_one_broken_line_rule_leaves_the_others_their_rows() -> None:
    sound = rule_show("fee_above_tariff")
    broken = replace(sound, id="broken", where="cast(claim_id as integer) > 0", params={})
    found = outcome(
        [broken, sound],
        claim_lines=[{"procedure_code": "X", "paid_amount": "90"}],
        procedures=[{"procedure_code": "X", "fee_amount": "40"}],
    )
    assert flagged(found) == [("fee_above_tariff", "|C1|1")]
    assert set(found.failures) == {broken.name}
    assert "C1" not in found.failures[broken.name]


def test_all_rules_run_together_as_alone() -> None:
    together = outcome(list(load_rules()), claim_lines=[STAY, VISIT])
    assert not together.failures
    assert ("home_care_during_stay", "|V|1") in flagged(together)
    assert flagged(outcome([rule_show("home_care_during_stay")], claim_lines=[STAY, VISIT])) == [
        ("home_care_during_stay", "|V|1")
    ]


def test_the_matched_row_stands_beside_as_context() -> None:
    found = outcome([rule_show("home_care_during_stay")], claim_lines=[STAY, VISIT])
    context = [row for row in found.hits.to_pylist() if row["role"] == "context"]
    assert [(row["row_key"], row["amount"]) for row in context] == [("|S|1", 0)]


@pytest.mark.parametrize(("day", "hits"), [("2025-03-01", 1), ("2025-04-01", 0)])
def test_a_code_set_holds_within_its_dates(day: str, hits: int) -> None:
    entry = {
        "code_set": "survivor_and_death_benefits",
        "code": "pension",
        "effective_date": date(2025, 4, 1),
    }
    found = outcome(
        [rule_show("benefit_after_death")],
        (entry,),
        benefit_payments=[{"benefit_type": "pension", "period_start_date": day}],
        members=[{"person_id": "M1", "death_date": "2024-01-01"}],
    )
    assert len(flagged(found)) == hits


def test_hits_lie_within_the_period_and_look_back_before_it() -> None:
    rule = rule_show("exact_duplicate_line")
    rows = [{"claim_id": name, "procedure_code": "X"} for name in "AB"]
    for start, expected in ((date(2025, 3, 3), 1), (date(2025, 3, 4), 0)):
        with duckdb.connect(config={"threads": 1}) as connection:
            planned = plan(rule, start, date(2025, 12, 31))
            load_tables(connection, {"claim_lines": tuple(rows)}, planned.tables)
            found = evaluate_whole(connection, [planned], at_hand([]))
        assert len(flagged(found)) == expected


def test_a_rule_applies_within_its_own_dates() -> None:
    rule = replace(
        rule_show("exact_duplicate_line"), effective=(date(2026, 1, 1), date(2999, 12, 31))
    )
    rows = [{"claim_id": name, "procedure_code": "X"} for name in "AB"]
    assert flagged(outcome([rule], claim_lines=rows)) == []


def test_lint_finds_no_defect_in_the_library() -> None:
    assert rules_lint() == []


# What line rules ask: lists of words with and without NOT, nulls that NOT must not turn into hits,
# numbers and days, and columns beside each other.
ASKED = (
    "procedure_code in ('A', 'B')",
    "procedure_code = 'A'",
    "procedure_code <> 'A'",
    "not procedure_code in ('A', 'C')",
    "not coalesce(procedure_code in ('B', 'C'), false)",
    "procedure_code in ('B', null)",
    "procedure_code is null",
    "not (procedure_code = 'A' and paid_amount > 50)",
    "drug_code in ('B')",
    "claim_type in ('dental', 'pharmacy')",
    "paid_amount > allowed_amount",
    "not paid_amount > allowed_amount",
    "allowed_amount between 20 and 60",
    "procedure_code = drug_code or drug_code = 'A'",
    "submitted_date >= date '2025-03-05'",
)
PAIRS = [*[*combinations(ASKED, 2)][::2], *((one, one) for one in ASKED)]
MADE_ROW = st.fixed_dictionaries(
    {
        "procedure_code": st.sampled_from([None, "A", "B", "C", ""]),
        "drug_code": st.sampled_from([None, "A", "B", "'"]),
        "claim_type": st.sampled_from(["dental", "pharmacy", "professional"]),
        "paid_amount": st.sampled_from(["10", "50.01", "90"]),
        "allowed_amount": st.sampled_from([None, "0", "40", "60"]),
        "submitted_date": st.sampled_from([None, "2025-03-04", "2025-03-05"]),
    }
)


@cache
def pair_plans() -> list[Plan]:
    model = rule_show("paid_above_allowed")
    made = {"params": {}, "overpayment": "paid_amount", "reason": "{paid_amount} paid"}
    return [
        plan(replace(model, id=f"made_{n}", where=" and ".join(f"({p})" for p in pair), **made))
        for n, pair in enumerate(PAIRS)
    ]


@pytest.mark.parametrize("shared", [1, 4, 1000])
@given(rows=st.lists(MADE_ROW, min_size=1, max_size=30))
@settings(max_examples=6, deadline=None)
def test_rules_decided_together_flag_what_each_condition_alone_selects(
    shared: int, rows: list[dict[str, str | None]]
) -> None:
    """More rules than one word has bits, decided by value and by row."""
    plans = pair_plans()
    lines = tuple({**row, "claim_id": f"C{n}"} for n, row in enumerate(rows))
    wanted = {table: set().union(*(p.tables[table] for p in plans)) for table in plans[0].tables}
    with pytest.MonkeyPatch.context() as patch, duckdb.connect(config={"threads": 1}) as connection:
        patch.setattr(line_rules, "SHARED", shared)
        load_tables(connection, {"claim_lines": lines}, wanted)
        expected = {
            (f"made_{n}", f"|{claim}|1")
            for n, pair in enumerate(PAIRS)
            for (claim,) in connection.execute(
                f"select claim_id from claim_lines where ({pair[0]}) and ({pair[1]})"
            ).fetchall()
        }
        found = evaluate_whole(connection, plans, at_hand([]))
    assert not found.failures
    assert len(flagged(found)) == len(expected)
    assert set(flagged(found)) == expected


def test_a_rule_that_breaks_by_value_is_the_only_one_that_fails() -> None:
    sound = [
        replace(rule_show("paid_above_allowed"), id=f"sound_{n}", params={}, reason="too much",
                where=f"procedure_code in ('X', '{n}') and paid_amount > {n}")
        for n in range(6)
    ]  # fmt: skip
    broken = replace(sound[0], id="broken", where="cast(procedure_code as integer) > 0")
    guarded = replace(
        sound[0], id="guarded", where="case when procedure_code = 'X' then false"
        " else cast(procedure_code as integer) > 0 end",
    )  # fmt: skip
    found = outcome([*sound, broken, guarded], claim_lines=[{"procedure_code": "X"}])
    assert [rule for rule, _ in flagged(found)] == [f"sound_{n}" for n in range(6)]
    assert set(found.failures) == {broken.name}
    assert "X" not in found.failures[broken.name].split("…")[-1]
