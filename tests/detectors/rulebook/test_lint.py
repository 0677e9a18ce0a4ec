"""What lint looks at again, what it may not reach, and what it must not wait for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from detectors.rulebook import catalogue, loader, sound
from detectors.rulebook.loader import load_rules
from detectors.rulebook.problems import RuleError
from tests.detectors.rulebook.test_loader import SOUND


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the cache lies for this test alone."""
    monkeypatch.setattr(sound, "user_cache_path", lambda name: tmp_path / name)
    return tmp_path / "vigie" / "sound_rules"


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    """A sound rule of a site."""
    (tmp_path / "rules" / "house").mkdir(parents=True)
    path = tmp_path / "rules" / "house" / "house_rule.yaml"
    path.write_text(SOUND)
    return path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files that were looked at, one after the other."""
    seen: list[str] = []
    whole = loader.read_files

    def noted(found, ours=()):  # type: ignore[no-untyped-def]
        seen.extend(Path(file.label).stem for file in found)
        return whole(found, ours)

    monkeypatch.setattr(loader, "read_files", noted)
    return seen


def lint(rule: Path) -> list[str]:
    return [str(problem) for problem in catalogue.rules_lint([str(rule)])]


def test_a_sound_rule_is_looked_at_once(cache: Path, rule: Path, read: list[str]) -> None:
    assert lint(rule) == lint(rule) == []
    assert read == ["house_rule"]
    assert len(cache.read_text().split()) == 1


def test_any_change_of_the_text_or_the_place_asks_anew(
    cache: Path, rule: Path, read: list[str]
) -> None:
    assert lint(rule) == []
    rule.write_text(SOUND.replace("paid_amount > {limit}", "amount_paid > {limit}"))
    assert any("unknown column amount_paid" in fault for fault in lint(rule))
    rule.write_text(SOUND)
    assert lint(rule) == []
    assert read == ["house_rule"] * 2
    moved = rule.rename(rule.with_name("other_rule.yaml"))
    assert any("id is not the file's name" in fault for fault in lint(moved))


def test_a_defect_is_told_each_time(cache: Path, rule: Path) -> None:
    rule.write_text(SOUND.replace("0.6", "starts_with(paid_amount, 'x')"))
    first = lint(rule)
    assert first
    assert lint(rule) == first
    assert not cache.exists()


def test_other_code_or_libraries_ask_anew(
    cache: Path, rule: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lint(rule) == []
    for name in ("another version", "a third"):
        monkeypatch.setattr(sound, "_judge", lambda name=name: name)
        assert lint(rule) == []
    assert read == ["house_rule"] * 3


def test_the_hash_of_what_judges_covers_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    here = sound._judge()
    sound._judge.cache_clear()
    assert sound._judge() == here
    monkeypatch.setattr(sound, "CODE", sound.CODE[1:])
    sound._judge.cache_clear()
    assert sound._judge() != here
    sound._judge.cache_clear()


@pytest.mark.parametrize("kind", ["bytes", "folder", "file in the way"])
def test_a_cache_that_cannot_be_used_costs_time_alone(
    cache: Path, rule: Path, read: list[str], kind: str
) -> None:
    if kind == "bytes":
        cache.parent.mkdir()
        cache.write_bytes(b"\xff\x00 no hash\n" * 3)
    elif kind == "folder":
        cache.mkdir(parents=True)
    else:
        cache.parent.write_text("not a folder")
    assert lint(rule) == []
    rule.write_text(SOUND.replace("0.6", "1.0 +"))
    assert lint(rule)
    assert read == ["house_rule"] * 2
    left = [] if cache.parent.is_file() else [*cache.parent.iterdir()]
    left = [path for path in left if path != cache]
    assert left == [], "what was begun is not left behind"


def test_two_of_one_id_are_seen_though_each_is_sound(cache: Path, rule: Path) -> None:
    assert lint(rule) == []
    (rule.parent.parent / "second").mkdir()
    twin = rule.parent.parent / "second" / rule.name
    twin.write_text(SOUND)
    assert lint(twin) == []
    assert any("house_rule exists in" in fault for fault in lint(rule.parent.parent))


def test_a_run_checks_a_site_s_rules_whatever_the_cache_says(cache: Path, rule: Path) -> None:
    rule.write_text(SOUND.replace("paid_amount > {limit}", "amount_paid > {limit}"))
    (file,) = loader.site_files([str(rule.parent.parent)])
    for site in ("True", "False"):
        sound.remember(frozenset(), {sound.key(site, file.group, file.stem, file.text)})
        with pytest.raises(RuleError, match="unknown column amount_paid"):
            load_rules([str(rule.parent.parent)])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("weight: 0.6", "weight: in_set('x'' or true --', procedure_code)", "bears no name"),
        ("weight: 0.6", "weight: 0.6\nlet: {'a\" from x': paid_amount}", "name in let is no word"),
        ("{limit: 50}", "{limit: 50, 'a b': 1}", "name in params is no word"),
        (
            "grain: line",
            "grain: member_timeline\nmatch: {as: 'o\" x', where: true}",
            "name in match is no word",
        ),
        (
            "grain: line",
            "grain: provider_period\nmeasures: {n: count(*)}\n"
            "extreme: {measure: n, peers: ['a\"']}",
            "name in extreme is no word",
        ),
        ("params: {limit: 50}", "params: [limit]", "params is not a mapping"),
        ("grain: line", "grain: account\nlookback: soon", "lookback is no whole number"),
        ("[{paid_amount: 51}]", "[51]", "an example is not a mapping"),
        ("[{paid_amount: 51}]", "[{expect: 5}]", "expect is not a mapping"),
        ("[{paid_amount: 51}]", "[{claim_lines: [{copies: x}]}]", "copies of claim_lines"),
    ],
)
def test_names_and_values_that_could_not_be_run(rule: Path, old: str, new: str, words: str) -> None:
    rule.write_text(SOUND.replace(old, new, 1))
    assert any(words in fault for fault in lint(rule)), lint(rule)


def test_a_file_that_is_not_utf8_is_named_beside_the_others(rule: Path) -> None:
    rule.write_bytes(SOUND.replace("the house", "the café").encode("latin-1"))
    other = rule.with_name("other.yaml")
    other.write_text(SOUND.replace("house_rule", "other").replace("0.6", "random()"))
    found = [str(problem) for problem in catalogue.rules_lint([str(rule.parent)])]
    assert f"{rule}: not YAML (not text); save the file as UTF-8 text" in found
    assert any(fault.startswith(str(other)) for fault in found)
    with pytest.raises(RuleError, match="save the file as UTF-8"):
        load_rules([str(rule.parent.parent)])


def test_line_ends_of_windows_change_nothing(rule: Path) -> None:
    rule.write_bytes(SOUND.replace("\n", "\r\n").encode())
    assert lint(rule) == []
    rule.write_bytes(SOUND.replace("0.6", "random()").replace("\n", "\r\n").encode())
    assert any("house_rule.yaml:10:" in fault for fault in lint(rule))


def test_a_file_s_name_is_part_of_the_sql_too(rule: Path) -> None:
    odd = rule.with_name("it's.yaml")
    odd.write_text(SOUND.replace("house_rule", "it's"))
    assert any("name that is no word" in fault for fault in lint(odd))


def test_reading_and_linting_rules_import_no_spark() -> None:
    code = (
        "import sys; import jobs.show_rules; from detectors.rulebook.catalogue import rules_list;"
        "assert rules_list(); print(sorted({'pyspark', 'scipy', 'sklearn', 'deltalake'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
