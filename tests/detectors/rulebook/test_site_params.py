"""A site's values of parameters are taken or refused as a whole, each defect with its remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detectors.families import detectors
from detectors.rulebook import Rulebook
from detectors.rulebook.catalogue import rules_lint
from detectors.rulebook.library import Library, library
from detectors.rulebook.loader import load_rules, rulebook_hash
from detectors.rulebook.problems import RuleError
from detectors.rulebook.starters import starter, write_starter
from jobs.cli import door

ABROAD = "residence_benefit_paid_abroad"


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def faults(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        library(params_file=written(tmp_path, text))
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


SOUND = """\
# of the contract of 2025
impossible_day: {hard_minutes: 1200.0}
residence_benefit_paid_abroad:
  home_countries: [FR, MC]
implausible_age: {filler_date: 1900-01-02}
surcharge_not_matching_time: {night_start: "21:00"}
"""


def test_values_of_every_type_take_the_place_of_the_defaults(tmp_path: Path) -> None:
    file = written(tmp_path, SOUND)
    made = library(params_file=file)
    changed = {rule.id: rule for rule in made.rules}
    defaults = {rule.id: rule for rule in load_rules()}
    assert changed["impossible_day"].params == {"hard_minutes": 1200.0, "soft_minutes": 960}
    assert changed["residence_benefit_paid_abroad"].params["home_countries"] == ["FR", "MC"]
    assert changed["implausible_age"].params["filler_date"] == date(1900, 1, 2)
    assert changed["surcharge_not_matching_time"].params["night_start"] == "21:00"
    different = {i for i, rule in changed.items() if rule.version != defaults[i].version}
    assert different == set(made.params)
    assert made.hash != rulebook_hash(load_rules()), "a run by other values is another run"
    assert made.origin == {
        "folders": [],
        "params_file": file,
        "params": {rule: dict(values) for rule, values in made.params.items()},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "impossible_dya: {soft_minutes: 1}",
            "yaml:1: no rule impossible_dya; did you mean impossible_day",
        ),
        ("zzz: {soft_minutes: 1}", "params.yaml:1: no rule zzz; use an id of `vigie rules list`"),
        (
            "impossible_day:\n  minutes: 1",
            "yaml:2: impossible_day has no parameter minutes; use hard_minutes",
        ),
        (
            "service_without_coverage: {days: 1}",
            "service_without_coverage has no parameter days; drop it",
        ),
        (
            "impossible_day: 1200",
            "yaml:1: impossible_day is no mapping of parameters; write `impossible_day: {",
        ),
        (
            "impossible_day:\n  soft_minutes: long",
            "yaml:2: soft_minutes of impossible_day is text, not a number; write it like 960",
        ),
        ("impossible_day: {soft_minutes: true}", "is true or false, not a number"),
        ("impossible_day: {soft_minutes: null}", "is nothing, not a number"),
        ("implausible_age: {filler_date: 1900}", "a number, not a date; write it like 1900-01-01"),
        (
            "surcharge_not_matching_time: {night_start: 21}",
            'a number, not text; write it like "20:00"',
        ),
        (f"{ABROAD}: {{home_countries: FR}}", 'is text, not a list of texts; write it like ["FR"]'),
        (f"{ABROAD}: {{home_countries: []}}", "is an empty list, not"),
        (f"{ABROAD}: {{home_countries: [1]}}", "is a list of numbers, not a list of texts"),
        (
            "impossible_day: {soft_minutes: 1}\nimpossible_day: {soft_minutes: 2}",
            "yaml:2: a key stands twice",
        ),
        ("impossible_day: {soft_minutes: 1, soft_minutes: 2}", "params.yaml:1: a key stands twice"),
        ("impossible_day: [", "not YAML"),
        ("- impossible_day", "params.yaml:1: not a mapping of rules"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    (fault,) = faults(tmp_path, text)
    assert expected in fault


def test_all_defects_come_at_once(tmp_path: Path) -> None:
    text = "zzz: {a: 1}\nimpossible_day:\n  soft_minutes: long\n  days: 1\n"
    assert [fault.split(":")[1] for fault in faults(tmp_path, text)] == ["1", "3", "4"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no file of parameters that can be read; name a YAML"):
        library(params_file=str(tmp_path / "absent.yaml"))


def test_a_value_that_its_condition_refuses_is_told_with_its_line(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "\nnational_id_shared: {window_days: 30.5}\n")
    assert fault.startswith("params.yaml:2: national_id_shared: match: Binder Error")


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert library(params_file=written(tmp_path, "# nothing yet\n")).rules == load_rules()


def test_parameters_of_a_site_s_own_rule_may_be_set(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write_starter(str(folder), "house/odd_visits", starter("house/odd_visits", "line"))
    made = library([folder], written(tmp_path, "odd_visits: {max_units: 9}"))
    (rule,) = (rule for rule in made.rules if rule.id == "odd_visits")
    assert rule.params == {"max_units": 9}
    assert made.origin["folders"] == [str(folder)]


def test_the_family_of_rules_runs_by_the_library_given(tmp_path: Path) -> None:
    made = library(params_file=written(tmp_path, SOUND))
    assert detectors("rules", made) == (Rulebook(made.rules),)
    assert detectors("rules") == (Rulebook(),)


def test_lint_names_defects_of_parameters_and_of_ids_that_stand_already(tmp_path: Path) -> None:
    folder, file = tmp_path / "site", written(tmp_path, "odd_visits: {max_units: many}")
    write_starter(str(folder), "house/odd_visits", starter("house/odd_visits", "line"))
    (problem,) = rules_lint((), [str(folder)], file)
    assert (problem.file, problem.line) == (file, 1)
    taken = starter("house/card_not_valid", "line")
    (folder / "house" / "card_not_valid.yaml").write_text(taken)
    (problem,) = rules_lint((), [str(folder)])
    assert "card_not_valid exists in rules/eligibility" in problem.fault


def test_the_environment_names_folder_and_file_as_the_options_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = tmp_path / "a site", written(tmp_path, "odd_visits: {max_units: 7}")
    write_starter(str(folder), "house/odd_visits", starter("house/odd_visits", "line"))
    monkeypatch.setenv("VIGIE_RULES", str(folder))
    monkeypatch.setenv("VIGIE_RULE_PARAMS", file)
    shown = CliRunner().invoke(door, ["rules", "show", "odd_visits"])
    assert shown.exit_code == 0, shown.output
    assert f"max_units is 7 by {file}" in shown.output
    tested = CliRunner().invoke(door, ["rules", "test", "odd_visits"])
    assert tested.exit_code == 1
    assert "overpayment 20.00, expected 10" in tested.output, "by the site's values"


def test_an_unknown_rule_is_not_tested_in_silence() -> None:
    with pytest.raises(RuleError, match="odd_vists: no such rule"):
        CliRunner().invoke(door, ["rules", "test", "odd_vists"], catch_exceptions=False)


def test_a_library_without_a_site_is_ours() -> None:
    assert library() == Library(load_rules())
    assert library().origin == {"folders": [], "params_file": None, "params": {}}


def test_a_site_retires_and_activates_rules(tmp_path: Path) -> None:
    text = (
        "waiting_days_paid: {status: retired}\n"
        "impossible_day: {status: shadow, hard_minutes: 1200}\n"
    )
    made = {rule.id: rule for rule in library(params_file=written(tmp_path, text)).rules}
    assert made["waiting_days_paid"].status == "retired"
    assert made["impossible_day"].status == "shadow"
    assert made["impossible_day"].params["hard_minutes"] == 1200
    assert made["service_after_death"].status == "active"
    (fault,) = faults(tmp_path, "impossible_day: {status: running}\n")
    assert fault == (
        "params.yaml:1: unknown status running of impossible_day;"
        " use one of draft, shadow, active, retired"
    )
