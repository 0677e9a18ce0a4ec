"""A starter works as it stands, says what is left to write, and overwrites no rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from detectors.rulebook.catalogue import rules_lint, rules_unwritten
from detectors.rulebook.examples import verdicts
from detectors.rulebook.loader import RuleFile, read_files
from detectors.rulebook.problems import RuleError
from detectors.rulebook.rule import GRAINS
from detectors.rulebook.starters import SUBJECTS, starter, write_starter
from jobs.cli import door


def test_every_starter_is_sound_and_its_examples_pass() -> None:
    made = {
        f"{grain}_{subject}": (grain, starter(f"house/{grain}_{subject}", grain, subject))
        for grain in GRAINS
        for subject in SUBJECTS[grain]
    }
    rules, problems = read_files(
        RuleFile(f"{name}.yaml", name, "house", text, True) for name, (_, text) in made.items()
    )
    assert problems == []
    assert {rule.id: rule.grain for rule in rules} == {n: grain for n, (grain, _) in made.items()}
    outcomes = [verdict for rule in rules for verdict in verdicts(rule)]
    assert {(verdict.rule, verdict.flagged) for verdict in outcomes} == {
        (name, flagged) for name in made for flagged in (True, False)
    }
    assert [verdict for verdict in outcomes if not verdict.passed] == []


@pytest.mark.parametrize("grain", GRAINS)
def test_lint_names_what_is_left_to_write_until_it_is(tmp_path: Path, grain: str) -> None:
    path = write_starter(str(tmp_path), "house/odd_visits", starter("house/odd_visits", grain))  # type: ignore[arg-type]
    left = rules_unwritten([str(tmp_path)])
    lines = path.read_text().splitlines()
    assert [lines[problem.line - 1].count("TODO") for problem in left] == [1] * 4
    assert {problem.fault.split()[0] for problem in left} == {
        "title", "basis", "false_positives", "ask",
    }  # fmt: skip
    assert all(problem.remedy for problem in left)
    assert rules_lint([str(tmp_path)]) == [], "a draft may wait"
    path.write_text(path.read_text().replace("status: draft", "status: shadow"))
    assert rules_lint([str(tmp_path)]) == left, "a rule that runs may not"
    path.write_text(path.read_text().replace("TODO", "written"))
    assert rules_lint([str(tmp_path)]) == rules_unwritten([str(tmp_path)]) == []


@pytest.mark.parametrize("title", ['"Quoted": and # more', "yes", "12", "- a list", " blank "])
def test_an_author_s_words_stay_what_they_are(tmp_path: Path, title: str) -> None:
    text = starter("house/odd_visits", "line", title=title, owner=title, basis=title)
    path = write_starter(str(tmp_path), "house/odd_visits", text)
    (rule,), _ = read_files([RuleFile(str(path), "odd_visits", "house", path.read_text(), True)])
    assert (rule.title, rule.owner, rule.basis) == (title, title, title)
    left = {problem.fault.split()[0] for problem in rules_unwritten([str(path)])}
    assert left == {"false_positives", "ask"}


@pytest.mark.parametrize("name", ["odd_visits", "house/Odd", "../odd", "house/odd visits", "a/b/c"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(RuleError, match="no name of a rule"):
        starter(name, "line")


def test_a_subject_that_no_starter_is_about_is_refused_with_those_there_are() -> None:
    with pytest.raises(RuleError, match="about person_id; use account_id"):
        starter("house/odd_visits", "account", "person_id")


def test_the_command_writes_once_and_never_over_another_rule(tmp_path: Path) -> None:
    def new(name: str) -> Result:
        arguments = ["rules", "new", name, "--grain", "pair", "--folder", str(tmp_path)]
        return CliRunner().invoke(door, arguments)

    done = new("house/odd_visits")
    assert done.exit_code == 0, done.output
    path = tmp_path / "house" / "odd_visits.yaml"
    assert f"vigie rules lint {path}" in done.output
    before = path.read_text()
    again, ours = new("other/odd_visits"), new("house/card_not_valid")
    assert "odd_visits exists in" in str(again.exception)
    assert "card_not_valid exists in rules/eligibility" in str(ours.exception)
    assert [p.name for p in tmp_path.rglob("*.yaml")] == ["odd_visits.yaml"]
    assert path.read_text() == before


def test_lint_says_so_where_there_is_no_rule_file(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rule file"):
        rules_lint([str(tmp_path)])
    write_starter(str(tmp_path), "house/odd_visits", starter("house/odd_visits", "line"))
    assert rules_lint([str(tmp_path / "house")]) == [], "a group's folder is looked into too"
    assert len(rules_unwritten([str(tmp_path / "house")])) == 4
