"""Wrong input to `vigie rules`: one message with place, fault and remedy, and the exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from detectors.rulebook.starters import starter
from jobs import cli

Vigie = Callable[..., tuple[int, str]]


@pytest.fixture
def vigie(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Vigie:
    """Runs a command in an empty folder; gives its exit code and all it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["vigie", "rules", *words])
        with pytest.raises(SystemExit) as end:
            cli.app()
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return int(end.value.code or 0), told.out + told.err

    return run


def draft(old: str = "", new: str = "", name: str = "odd") -> str:
    text = starter(f"house/{name}", "line", title="t", basis="b")
    assert not old or old in text
    path = Path("site") / "house" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return str(path)


def test_a_sound_draft_passes_and_a_wrong_one_is_a_defect(vigie: Vigie) -> None:
    path = draft()
    assert vigie("lint", path)[0] == 0
    draft("service_unit_quantity: 9", "service_unit_quantity: 8")
    code, told = vigie("lint", "site")
    assert code == 1
    number = (
        Path(path)
        .read_text()
        .splitlines()
        .index(next(line for line in Path(path).read_text().splitlines() if "a unit above" in line))
    )
    assert f"{path}:{number + 1}: example 1 (flagged): nothing was flagged; mend" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("lint", "nowhere"), "nowhere: no rule file; name a rule file, or a folder that"),
        (("show", "impossible_dya"), "impossible_dya: no such rule; did you mean impossible_day"),
        (("test", "impossible_dya"), "impossible_dya: no such rule; did you mean impossible_day"),
        (("test", "--folder", "nowhere"), "nowhere: no such folder; name a folder of rule files"),
        (("list", "--rules", "nowhere"), "nowhere: no such folder; name a folder of rule files"),
        (("list", "--params", "none.yaml"), "none.yaml: no file of parameters"),
        (("new", "odd", "--grain", "line"), "odd: no name of a rule; write <group>/<id>"),
        (("columns", "lins"), "lins: no such view; did you mean lines"),
        (("backtest", "impossible_day", "--lake", "none"), "no succeeded load; start one with"),
        (("coverage", "--lake", "none"), "no succeeded run of the rules; start one with"),
        (("docs", "--to", "/dev/null"), "rules.md: cannot be written; name a folder"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value),
)
def test_wrong_usage_is_told_in_one_line(vigie: Vigie, words: tuple[str, ...], told: str) -> None:
    code, text = vigie(*words)
    assert code == 2
    assert told in text


def test_a_file_that_is_no_text_is_named(vigie: Vigie) -> None:
    path = draft()
    Path(path).write_bytes("title: é".encode("latin-1"))
    for expected, words in ((1, ("lint", path)), (2, ("list", "--folder", "site"))):
        code, told = vigie(*words)
        assert code == expected
        assert f"{path}: not YAML (not text); save the file as UTF-8 text" in told


def test_what_show_prints_is_a_rule_file_that_can_override(vigie: Vigie) -> None:
    code, text = vigie("show", "impossible_day")
    assert code == 0
    path = Path("site") / "timing" / "impossible_day.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert vigie("list", "--folder", "site")[0] == 2, "an id that exists is refused"
    path.write_text(f"{text}overrides: true\n", encoding="utf-8")
    code, told = vigie("lint", "--folder", "site")
    assert (code, told) == (0, "0 defects\n")


def test_names_are_listed_whole(vigie: Vigie) -> None:
    code, told = vigie("list")
    assert code == 0
    assert "rules.accounts.account_shared_by_unrelated_persons " in told
    assert "…" not in told


def test_an_author_can_look_up_views_columns_and_functions(vigie: Vigie) -> None:
    assert "ledger" in vigie("columns")[1]
    assert "member.birth_date" in vigie("columns", "lines")[1]
    assert "date_diff('day', claim_line_start_date, paid_date)" in vigie("functions")[1]
