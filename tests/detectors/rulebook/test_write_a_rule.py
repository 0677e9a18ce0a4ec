"""What the guide for authors shows is what the rulebook does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from detectors.rulebook.catalogue import rules_lint, rules_unwritten
from detectors.rulebook.fields import CLAUSES
from detectors.rulebook.loader import RuleFile, packaged_files, read_files
from detectors.rulebook.rule import GRAINS
from detectors.rulebook.site_params import read_params
from jobs.cli import door

PAGE = (Path(__file__).parents[3] / "docs" / "write-a-rule.md").read_text(encoding="utf-8")
RULES = {name: text for text, name in re.findall(r"```yaml\n(id: (\w+)\n.*?)```", PAGE, re.S)}
COMMANDS = [
    line.replace("\\\n", " ").split("#")[0].split("|")[0].split(">")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S)
    for line in re.split(r"(?<!\\)\n", block)
    if line.startswith("vigie ")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "house").mkdir()
    for name, text in RULES.items():
        (tmp_path / "house" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_rule_of_the_page_is_sound_and_its_examples_come_out(folder: Path) -> None:
    assert rules_lint([str(folder)]) == []
    assert rules_unwritten([str(folder)]) == []


def test_every_grain_has_its_rule_and_its_clauses() -> None:
    assert {re.findall(r"^grain: (\w+)", text, re.M)[0] for text in RULES.values()} == set(GRAINS)
    table = dict(re.findall(r"^\| `(\w+)` \|.*\| (.+) \|$", PAGE, re.M))
    for grain in ("line", "member_timeline", "pair", "provider_period"):
        told = set(re.findall(r"`(\w+)`", table[grain]))
        assert told == set(CLAUSES[grain]) - {"lookback", "every", "evidence"} - (
            {"flag"} if grain == "pair" else set()
        ), grain


def test_the_file_of_parameters_on_the_page_is_taken(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(charged_above_tariff: .*?)```", PAGE, re.S)
    own = RuleFile("a", "charged_above_tariff", "house", RULES["charged_above_tariff"], True)
    meant = [file for file in packaged_files() if f"{file.stem}:" in text]
    rules, problems = read_files([own, *meant])
    assert problems == []
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    assert len(read_params(str(path), rules)) == 3


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_and_option_of_the_page_exists(line: str) -> None:
    command, words = get_command(door), line.split()[1:]
    while hasattr(command, "get_command"):
        command = command.get_command(None, words.pop(0))
        assert command is not None, line
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options
