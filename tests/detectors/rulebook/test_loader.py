"""The loader refuses what it does not know, all at once, with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from detectors.rulebook.catalogue import rules_lint, rules_list
from detectors.rulebook.library import library
from detectors.rulebook.loader import load_rules
from detectors.rulebook.problems import RuleError

SOUND = """\
id: house_rule
title: A rule of the house
status: active
owner: eligibility
grain: line
subject: billing_provider_id
where: paid_amount > {limit}
overpayment: paid_amount - {limit}
reason: "{paid_amount} paid, at most {limit}"
weight: 0.6
basis: contract
params: {limit: 50}
false_positives: [none known]
examples:
  flagged: [{paid_amount: 51}]
  clear: [{paid_amount: 50}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "house").mkdir()
    return tmp_path


def written(folder: Path, text: str, name: str = "house_rule") -> str:
    (folder / "house" / f"{name}.yaml").write_text(text)
    return str(folder)


def faults(folder: Path, text: str) -> list[str]:
    return [str(problem) for problem in rules_lint([written(folder, text)])]


def test_a_sound_rule_of_a_site_stands_beside_ours(folder: Path) -> None:
    assert faults(folder, SOUND) == []
    names = [rule["name"] for rule in rules_list(library([str(folder)]))]
    assert "rules.house.house_rule" in names
    assert len(names) == len(rules_list()) + 1


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("owner: eligibility", "owner: eligibility\nnotes: x", 5, "unknown key notes"),
        ("owner: eligibility", "owner: a\nowner: b", 5, "a key stands twice"),
        ("status: active", "status: live", 3, "unknown status live"),
        ("grain: line", "grain: row", 5, "unknown grain row"),
        ("id: house_rule", "id: other", 1, "id is not the file's name"),
        ("basis: contract", "", 1, "basis is missing"),
        ("grain: line", "grain: line\nkey: [person_id]", 6, "key has no place in the grain line"),
        ("grain: line", "grain: line\nrows: invoices", 6, "unknown view invoices"),
        ("paid_amount > {limit}", "amount_paid > {limit}", 7, "unknown column amount_paid"),
        ("paid_amount > {limit}", "member.age > {limit}", 7, "unknown column member.age"),
        ("paid_amount > {limit}", "paid_amount > {limt}", 7, "unknown parameter limt"),
        ("paid_amount > {limit}", "paid_amount + {limit}", 7, "where is not a condition"),
        ("paid_amount > {limit}", "paid_amount >", 7, "not a SQL expression"),
        ("paid_amount > {limit}", "sum(paid_amount) > {limit}", 7, "sum here"),
        ("paid_amount > {limit}", "starts_with(paid_amount, 'x')", 7, "where: Binder Error"),
        ("paid_amount - {limit}", "paid_date - {limit}", 8, "overpayment: "),
        ("paid_amount > {limit}", "paid_amt > {limit}", 7, "did you mean paid_amount"),
        (
            "paid_amount > {limit}",
            "member.birthdate > {limit}",
            7,
            "did you mean member.birth_date",
        ),
        (
            "paid_amount > {limit}",
            "current_date > {limit}",
            7,
            "use {period_start} or {period_end}",
        ),
        ("paid_amount > {limit}", "rand() > {limit}", 7, "name a limit in `params` instead"),
        ("paid_amount > {limit}", "regex_matches(claim_id, 'x')", 7, "did you mean regexp_matches"),
        ("at most {limit}", "at most {limit", 9, "a brace is open"),
        ("weight: 0.6", "weight: 6", 10, "weight 6 is not between 0 and 1"),
        ("subject: billing_provider_id", "subject: doctor", 6, "subject names nobody: doctor"),
        ("[{paid_amount: 51}]", "[{paid_amount: many}]", 15, 'Could not convert string "many"'),
        (
            "[{paid_amount: 51}]",
            "[{paid_amount: 49}]",
            15,
            "example 1 (flagged): nothing was flagged",
        ),
        ("[{paid_amount: 50}]", "[{paid_amount: 51}]", 16, "example 2 (clear): flagged |C1|1"),
        ("{limit: 50}", "{limit: 50, spare: 1}", 12, "unused parameter spare"),
        ("  clear: [{paid_amount: 50}]", "", 14, "no clear example"),
        ("[{paid_amount: 51}]", "[{amount: 51}]", 15, "unknown column amount"),
        ("title: A rule of the house", "title: [open", 3, "not YAML"),
        (
            "paid_amount > {limit}",
            "json_object('a', 1) = '{}'",
            7,
            "_object is not on the list",
        ),
        (
            "paid_amount > {limit}",
            "paid_amount > {limit} and not in_set('opoid_treatment_codes', procedure_code)",
            7,
            "unknown code set opoid_treatment_codes; did you mean opioid_treatment_codes",
        ),
        (
            "weight: 0.6",
            "weight: if(in_set('clothing', procedure_code), 0.6, 0.5)",
            10,
            "weight: unknown code set clothing; show what a site loads in an example: sets:",
        ),
        (
            "weight: 0.6",
            "weight: if(in_set('panls', procedure_code, drug_code), 0.6, 0.5)",
            10,
            "unknown code set panls; did you mean panels",
        ),
        (
            "weight: 0.6",
            "weight: if(in_set('panels', paid_date), 0.6, 0.5)",
            10,
            "in_set takes codes, not the date paid_date; give it a column of text",
        ),
        ("{paid_amount: 51}", "{paid_amount: 51, sets: [X1]}", 15, "a row without code_set"),
    ],
)
def test_what_is_refused(folder: Path, old: str, new: str, line: int, words: str) -> None:
    found = faults(folder, SOUND.replace(old, new, 1))
    assert any(f"house_rule.yaml:{line}:" in fault and words in fault for fault in found), found
    assert all("; " in fault for fault in found)


@pytest.mark.parametrize(
    ("name", "sets"),
    [("panels", ""), ("house_codes", ", sets: [{code_set: house_codes, code: X1}]")],
)
def test_a_set_that_only_a_site_can_fill_is_known(folder: Path, name: str, sets: str) -> None:
    text = SOUND.replace("0.6", f"if(in_set('{name}', procedure_code), 0.6, 0.5)")
    assert faults(folder, text.replace("{paid_amount: 51}", f"{{paid_amount: 51{sets}}}")) == []


@pytest.mark.parametrize(
    "hostile",
    [
        "claim_id in (select person_id from members)",
        "exists (select 1)",
        "read_csv('/etc/passwd') is not null",
        "getenv('HOME') = 'x'",
        "paid_amount > random()",
        "claim_line_start_date < current_date",
        "now() > paid_date",
        "paid_amount > 1; pragma version",
        "pragma_version() = 1",
        "paid_amount > 1) union all select (1",
        "current_setting('threads') = '1'",
        "paid_amount > nextval('s')",
        "query('select 1') is null",
    ],
)
def test_a_hostile_rule_is_refused(folder: Path, hostile: str) -> None:
    found = faults(folder, SOUND.replace("paid_amount > {limit}", f'"{hostile}"', 1))
    assert any("house_rule.yaml:7:" in fault for fault in found), found


def test_all_defects_come_at_once(folder: Path) -> None:
    written(folder, SOUND.replace("owner: eligibility", "notes: x").replace("0.6", "random()"))
    written(
        folder, SOUND.replace("house_rule", "second").replace("> {limit}", "> rand()"), "second"
    )
    with pytest.raises(RuleError) as caught:
        load_rules([str(folder)])
    text = str(caught.value)
    assert "house_rule.yaml:4: unknown key notes" in text
    assert "house_rule.yaml:1: owner is missing" in text
    assert "second.yaml:7:" in text


def test_an_id_that_exists_is_refused_unless_it_says_so(folder: Path) -> None:
    text = SOUND.replace("house_rule", "card_not_valid")
    written(folder, text, "card_not_valid")
    with pytest.raises(RuleError, match="card_not_valid exists"):
        load_rules([str(folder)])
    written(folder, text + "overrides: true\n", "card_not_valid")
    rules = {rule.id: rule for rule in load_rules([str(folder)])}
    assert rules["card_not_valid"].group == "house"
