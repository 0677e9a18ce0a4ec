"""`vigie decisions`: an act a command, wrong usage in one line with exit code 2, nothing silent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from claims.lake import Lake
from jobs import cli
from tests.cases.decisions.stores import lake_with

Vigie = Callable[..., tuple[int, str]]


@pytest.fixture
def vigie(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Vigie:
    """Runs a command on a lake of three cases; gives its exit code and all it printed."""
    lake = lake_with(tmp_path, {"r1": ["P1", "P2", "Q3"]})
    monkeypatch.setenv("VIGIE_LAKE", lake.root)
    monkeypatch.delenv("VIGIE_DECISIONS", raising=False)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["vigie", *words])
        with pytest.raises(SystemExit) as end:
            cli.app()
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return int(end.value.code or 0), told.out + told.err

    return run


def test_a_case_goes_its_way_and_leaves_the_queue(vigie: Vigie, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("dear")
    for words, told in (
        (("take", "case-Q3", "--analyst", "ann"), "assigned to ann since"),
        (("note", "case-Q3", "called them", "--analyst", "ann"), "assigned to ann"),
        (("attach", "case-Q3", str(letter), "--analyst", "ann"), "assigned to ann"),
        (("assign", "case-Q3", "bob", "--analyst", "ann"), "assigned to bob"),
        (("confirm-above", "100", "--reason", "trial"), "above 100.00 need a second person"),
        (("decide", "case-Q3", "substantiated", "--amount", "1200.50", "--minutes", "90",
          "--reason", "upcoded", "--analyst", "bob"), "awaiting confirmation: substantiated"),
        (("confirm", "case-Q3", "--analyst", "ann"), "decided: substantiated, 1,200.50 by bob"),
        (("recover", "case-Q3", "10.00", "--on", "2024-05-01"), "decided"),
        (("snooze", "case-P1", "--until", "2999-01-01", "--reason", "in court"), "snoozed until"),
        (("suppress", "case-P2", "--until", "2999-01-01", "--reason", "known", "--detector",
          "rules.x.y"), "open"),
    ):  # fmt: skip
        code, said = vigie("decisions", *words)
        assert (code, told in said) == (0, True), said
    assert "Left out: 1 decided, 1 snoozed; --all shows them." in vigie("cases", "--top", "2")[1]
    rows = json.loads(vigie("cases", "--format", "json")[1])
    assert [(row["subject_id"], row["status"]) for row in rows] == [("P2", "open")]
    assert len(json.loads(vigie("cases", "--all", "--format", "json")[1])) == 3
    listed = vigie("decisions", "list")[1]
    for told in ("decided: substantiated, 1,200.50 by bob", "snoozed until 2999-01-01",
                 "rules.x.y until 2999-01-01"):  # fmt: skip
        assert told in listed
    assert "case-Q3" not in vigie("decisions", "list", "--status", "snoozed")[1]
    history = vigie("decisions", "history", "case-Q3")[1]
    for told in ("ann took the case", "attached letter.txt (4 bytes)", "ann confirmed",
                 "recovery of 10.00 on 2024-05-01"):  # fmt: skip
        assert told in history
    assert (Path(tmp_path) / "lake.decisions.db").exists()
    assert "revision 0002 (was 0002)" in vigie("decisions", "upgrade")[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("decide", "case-P9", "education"), "no succeeded run has a case 'case-P9'"),
        (("decide", "case-P", "education"), "several cases begin with 'case-P'"),
        (("decide", "case-P1", "fraud"), "outcome 'fraud' is not one of"),
        (("decide", "case-P1", "education", "--amount", "-1"), "must be 0 or more"),
        (("decide", "case-P1", "education", "--amount", "ten"), "must be 0 or more"),
        (("decide", "case-P1", "education", "--minutes", "-1"), "minutes_spent"),
        (("recover", "case-P1", "0.001"), "to the cent"),
        (("confirm", "case-P1"), "no decision awaits confirmation"),
        (("snooze", "case-P1", "--until", "2020-01-01", "--reason", "x"), "after today"),
        (("list", "--status", "lost"), "status 'lost' is not one of"),
        (("list", "--decisions", "nonsense"), "no database URL"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    vigie: Vigie, words: tuple[str, ...], told: str
) -> None:
    code, said = vigie("decisions", *words)
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("vigie: ")
    assert told in said


def test_a_colleague_who_came_first_is_named(vigie: Vigie) -> None:
    vigie("decisions", "decide", "case-P1", "education", "--analyst", "ann")
    code, said = vigie("decisions", "take", "case-P1", "--seen", "0", "--analyst", "bob")
    assert code == 2
    assert "ann decided: education at " in said


def test_no_store_is_made_by_looking(vigie: Vigie, tmp_path: Path) -> None:
    assert vigie("cases")[0] == 0
    assert not Path(f"{Lake(str(tmp_path / 'lake')).root}.decisions.db").exists()
