"""The examples of core rules notice every change of a rule; a rule without them lets changes by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.examples import outcome_of, verdicts
from detectors.rulebook.loader import load_rules
from detectors.rulebook.mutants import mutants
from detectors.rulebook.mutation import equivalents, score
from detectors.rulebook.plan import plan
from detectors.rulebook.rule import Rule

# Core rules of four grains with few mutants or small examples; the benchmark takes all of them.
QUICK = (
    "benefit_after_death",
    "card_not_valid",
    "clinic_second_visit_same_day",
    "excluded_provider_paid",
    "fee_above_tariff",
    "once_in_lifetime_repeated",
    "service_after_death",
)
# One of every way that a rule's stages follow one another.
WAYS = (
    "service_after_death",
    "sick_leave_and_work",
    "exact_duplicate_line",
    "national_id_shared",
    "overlapping_sessions",
    "impossible_day",
    "account_shared_by_unrelated_persons",
    "vat_not_declared",
    "payroll_below_minimum_wage",
)


@pytest.mark.parametrize("rule_id", QUICK)
def test_every_change_of_a_core_rule_is_noticed(rule_id: str) -> None:
    found = score(rule_show(rule_id))
    assert found.killed
    assert (found.lived, found.stale) == ((), ())


def test_a_change_that_no_example_notices_lives() -> None:
    rule = rule_show("service_after_death")
    blunt = replace(rule, examples=rule.examples[:1])
    lived = score(blunt).lived
    assert "params.grace_days: 0 becomes 1" in lived
    assert len(lived) < len(list(mutants(blunt)))


def test_changes_flip_comparisons_move_bounds_and_read_other_columns() -> None:
    changes = {mutant.change for mutant in mutants(rule_show("several_active_cards"))}
    assert any("GT becomes GTE" in change for change in changes)
    assert any("And becomes Or" in change for change in changes)
    assert "params.overlap_days: 60 becomes 61" in changes
    assert "overpayment: paid_amount becomes member_paid_amount" in changes


def test_equivalent_changes_are_changes_of_rules_that_exist() -> None:
    rules = {rule.id: rule for rule in load_rules()}
    for rule_id, listed in equivalents().items():
        words = {" ".join(mutant.change.split()) for mutant in mutants(rules[rule_id])}
        assert set(listed) <= words


@pytest.mark.parametrize("rule_id", WAYS)
def test_one_statement_says_what_the_stages_of_a_bucket_say(rule_id: str) -> None:
    rule = rule_show(rule_id)
    planned = plan(rule)
    for example in rule.examples[:4]:
        flagged = [hit for hit in outcome_of(planned, example).hits.to_pylist() if _flagged(hit)]
        assert bool(flagged) == example.flagged
        expected = tuple(sorted(hit["row_key"] for hit in flagged))
        money = str(sum(hit["overpayment"] for hit in flagged))
        seen = replace(example, rows=expected, overpayment=money)
        assert _passes(replace(rule, examples=(seen,)))


def _flagged(hit: dict[str, object]) -> bool:
    return hit["role"] == "flagged"


def _passes(rule: Rule) -> bool:
    return all(verdict.passed for verdict in verdicts(rule))
