"""Every example of every rule comes out as its file says; a null is never flagged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.examples import verdicts
from detectors.rulebook.loader import load_rules
from detectors.rulebook.rule import GRAINS, Rule

RULES = load_rules()


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_examples_come_out_as_said(rule: Rule) -> None:
    assert {example.flagged for example in rule.examples} == {True, False}
    assert [verdict for verdict in verdicts(rule) if not verdict.passed] == []


def test_every_grain_is_in_use() -> None:
    assert {rule.grain for rule in RULES} == set(GRAINS)


def test_a_rule_that_only_leads_claims_nothing() -> None:
    assert all(float(rule.weight) < 0.4 for rule in RULES if rule.overpayment == "0")


@pytest.mark.parametrize(
    "where",
    ["member.death_date < claim_line_start_date", "not member.death_date >= claim_line_start_date"],
)
def test_an_unknown_condition_is_not_flagged_also_under_not(where: str) -> None:
    rule = replace(rule_show("service_after_death"), where=where, params={})
    alive = [example for example in rule.examples if example.note == "alive"]
    assert alive
    assert all(verdict.passed for verdict in verdicts(replace(rule, examples=tuple(alive))))
    dead = replace(rule, examples=rule.examples[:1])
    assert all(verdict.passed for verdict in verdicts(dead))
