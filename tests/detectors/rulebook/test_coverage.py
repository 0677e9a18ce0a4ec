"""The library is held against the whole reference catalogue, and what is missing says why."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from detectors.rulebook.coverage import NO_REASON, Covered, coverage, reference
from detectors.rulebook.loader import load_rules


def test_the_reference_catalogue_is_whole() -> None:
    listed = reference().values()
    assert len(listed) == 288
    assert sum(rule.core for rule in listed) == 44
    assert Counter(rule.grain for rule in listed) == {
        "line": 56, "member_timeline": 103, "provider_period": 49, "pair": 50, "account": 7,
        "employer_period": 23,
    }  # fmt: skip
    assert len({rule.family for rule in listed}) == 21


def test_every_rule_of_the_catalogue_is_there_or_says_why_not() -> None:
    covered = coverage(load_rules())
    assert [r.name for r in covered if r.status == "missing" and r.remark == NO_REASON] == []
    there = {rule.id for rule in covered if rule.status != "missing"}
    excused = {rule.id for rule in reference().values() if rule.remark != NO_REASON}
    assert there & excused == set(), "a reason stands for a rule that is there"


def test_missing_moved_and_further_rules_are_told_apart() -> None:
    rules = {rule.id: rule for rule in load_rules()}
    known = rules["card_not_valid"]
    listed = {
        "card_not_valid": Covered(
            "card_not_valid", "eligibility", "pair", "", "missing", True, True, NO_REASON
        ),
        "gone": Covered("gone", "timing", "line", "", "missing", True, False, "no such data"),
    }
    later = replace(known, effective=(date(2030, 1, 1), date(2030, 12, 31)), status="draft")
    own = replace(known, id="own_rule", group="house")
    found = {rule.id: rule for rule in coverage([later, known, own], listed)}
    assert list(found) == ["card_not_valid", "own_rule", "gone"]
    assert found["card_not_valid"] == Covered(
        "card_not_valid", "eligibility", "pair", known.grain, "draft", True, True
    ), "the last of several versions counts, in the catalogue's grain"
    assert (found["gone"].status, found["gone"].remark) == ("missing", "no such data")
    assert (found["own_rule"].name, found["own_rule"].listed) == ("rules.house.own_rule", False)
