"""Sums may look back, one figure a subject counts once among its peers, a record may excuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.examples import outcome_of
from detectors.rulebook.plan import plan
from detectors.rulebook.rule import Example, Rule


def said(rule: Rule, example: Example, start: date, end: date) -> set[date]:
    """Days of the rows a run over a period flags."""
    hits = outcome_of(plan(rule, start, end), example).hits.to_pylist()
    return {hit["event_date"] for hit in hits if hit["role"] == "flagged"}


def the_rise() -> tuple[Rule, Example]:
    rule = rule_show("drg_severity_shift")
    return rule, next(example for example in rule.examples if "41 % to 73 %" in example.note)


def test_a_rise_is_seen_from_the_later_year_alone() -> None:
    rule, rise = the_rise()
    year = (date(2025, 1, 1), date(2025, 12, 31))
    assert said(rule, rise, *year) == {date(2025, 5, 1)}
    assert said(replace(rule, lookback=0), rise, *year) == set()


def test_what_lies_before_the_period_is_not_flagged() -> None:
    rule, rise = the_rise()
    assert said(rule, rise, date(2024, 1, 1), date(2024, 12, 31)) == set()


def test_a_figure_that_stands_on_several_rows_counts_once_among_peers() -> None:
    rule = rule_show("severe_drg_short_stay")
    (extreme,) = rule.extreme
    repeated = replace(rule, extreme=(replace(extreme, once=False),))
    # The facility's figure stands on two rows, so that it would be its own neighbour at the top.
    assert outcome_of(plan(rule), rule.examples[0]).hits.num_rows == 38
    assert outcome_of(plan(repeated), rule.examples[0]).hits.num_rows == 0


@pytest.mark.parametrize(("excuse", "counts"), [(True, False), (False, True)])
def test_only_a_record_whose_absence_is_reported_is_asked_of_the_source(
    excuse: bool, counts: bool
) -> None:
    rule = rule_show("accident_at_hiring")
    absent = tuple(replace(clause, excuse=excuse) for clause in rule.absent)
    assert bool(plan(replace(rule, absent=absent)).examined) is counts


def test_excused_rows_are_not_examined() -> None:
    rule = rule_show("accident_at_hiring")
    lasting = next(e for e in rule.examples if e.note == "missions one after the other")
    both = replace(rule, absent=(*rule.absent, replace(rule.absent[0], excuse=False)))
    assert plan(both).examined
    (row,) = outcome_of(plan(both), lasting).examined.to_pylist()
    assert row["s0"] == 0
