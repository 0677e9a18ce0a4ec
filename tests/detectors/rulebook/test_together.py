"""Pairs may count who shares their key, read a known value only, and choose their evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from detectors.rulebook.catalogue import rules_lint, rules_test
from detectors.rulebook.library import library
from detectors.rulebook.problems import RuleError

RULE = """\
id: flat_of_many
title: Many persons draw a benefit under one phone
status: active
owner: benefits
grain: pair
rows: households
subject: person_id
key: [known(phone)]
together:
  claimants: count(*) filter (where kind = 'benefit') over ()
where: kind = 'benefit' and claimants >= {least}
evidence: payments
flag: benefit_type = found.benefit_type and paid_amount > cast(found.claimants as integer)
overpayment: paid_amount - cast(found.claimants as integer)
reason: "{claimants} claimants under one phone"
weight: 0.5
basis: contract
params: {least: 2}
false_positives: [a family]
examples:
  flagged:
    - members: [{copies: 2, person_id: "M{n}", phone: "0612345678"}]
      benefit_payments:
        - {payment_id: A, person_id: M1, benefit_type: housing, paid_amount: 9}
        - {payment_id: B, person_id: M2, benefit_type: housing, paid_amount: 2}
      expect: {rows: [A], overpayment: 7.00}
  clear:
    - members: [{copies: 2, person_id: "M{n}", phone: PHONE}]
      benefit_payments: [{copies: 2, payment_id: "Y{n}", person_id: "M{n}", benefit_type: housing}]
"""


def written(folder: Path, text: str) -> str:
    (folder / "house").mkdir(exist_ok=True)
    (folder / "house" / "flat_of_many.yaml").write_text(text)
    return str(folder)


@pytest.mark.parametrize("phone", ["", "00 00 00 00", "unknown", "null"])
def test_strangers_do_not_meet_under_a_phone_that_stands_for_none(
    tmp_path: Path, phone: str
) -> None:
    folder = written(tmp_path, RULE.replace("PHONE", f'"{phone}"' if phone != "null" else phone))
    assert rules_lint([folder]) == []
    assert [v.fault for v in rules_test(["flat_of_many"], library([folder])) if v.fault] == []


def test_persons_of_several_buckets_are_counted_together(tmp_path: Path) -> None:
    shared = RULE.replace("PHONE", '"0612345678"')
    with pytest.raises(RuleError, match=r"example 2 \(clear\): flagged Y1, Y2"):
        library([written(tmp_path, shared)])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("together:\n  claimants: count(*) filter (where kind = 'benefit') over ()\n", "",
         "a pair without another row"),
        ("[known(phone)]", "['known(phone, email)']", "known of several values"),
        ("found.claimants", "found_claimants", "unknown column found_claimants"),
        ("found.claimants", "found.households", "unknown column households"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    found = [str(problem) for problem in rules_lint([written(tmp_path, RULE.replace(old, new))])]
    assert any(words in fault for fault in found), found
