from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from cases.decisions import Store
from cases.fusion import case_id
from cases.workbench.rule_lab import RuleLab, rule_lab
from cases.workbench.rule_lab.panel import RuleLabPanel
from claims.lake import Lake
from detectors.rulebook.here import Cancelled, Progress
from detectors.rulebook.problems import RuleError
from tests.notebooks.result_lake import HOSTILE_MEMBER, PROVIDERS, _provider

UNITS = """\
id: {id}
title: Very many units
status: active
owner: lab
grain: line
subject: billing_provider_id
where: service_unit_quantity > {units}
overpayment: paid_amount * 0.5
reason: "{{service_unit_quantity}} units in a line"
weight: 0.6
basis: made for a test
false_positives: [a clinic]
ask: the records of the day
examples:
  flagged: [{{service_unit_quantity: 300, paid_amount: 100}}]
  clear: [{{service_unit_quantity: 4, paid_amount: 100}}]
"""


@pytest.fixture
def lab(lake: Lake, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RuleLab:
    monkeypatch.setenv("VIGIE_DECISIONS", str(store.engine.url))
    return rule_lab(lake, tmp_path / "rules")


def units(limit: int = 96, name: str = "very_many_units") -> str:
    return UNITS.format(id=name, units=limit)


def test_a_trial_tells_subjects_rows_money_and_what_was_decided(
    lab: RuleLab, lake: Lake, store: Store
) -> None:
    flagged = lake.query(
        "select count(*) as n, sum(paid_amount) as paid from claim_lines "
        "where service_unit_quantity > 96", "claim_lines",
    ).to_pylist()[0]  # fmt: skip
    trial = lab.draft("limits", units()).try_on()
    told = trial.tried
    assert (told.subjects, told.rows, told.paid) == (PROVIDERS, flagged["n"], flagged["paid"])
    assert abs(told.overpayment * 2 - told.paid) <= told.rows
    assert told.shared["rules.limits.impossible_units"] > 0
    assert (told.confirmed, told.refuted) == (0, 0)
    assert len(trial.rows_of(_provider(0))) == 10
    assert trial.examples(5)["subject_id"].nunique() == 5
    assert "units in a line" in trial._repr_html_()


def test_a_copy_is_compared_with_the_rule_in_force(lab: RuleLab) -> None:
    draft = lab.draft("limits", units(), "rules.limits.impossible_units")
    trial = draft.try_on()
    standing = set(trial.subjects[trial.subjects["in_force"]]["subject_id"])
    assert standing
    assert len(trial.gained) == PROVIDERS - len(standing)
    assert trial.lost == ()
    strict = lab.draft("limits", units(115), "rules.limits.impossible_units").try_on()
    assert set(strict.lost) == standing - set(strict.subjects["subject_id"])


def test_a_period_and_its_days_are_the_callers(lab: RuleLab) -> None:
    start, _ = lab.period
    trial = lab.draft("limits", units()).try_on(start, start.replace(month=3))
    days = trial.rows["event_date"]
    assert len(days)
    assert days.max().date() <= start.replace(month=3)


def test_what_is_wrong_is_told_with_its_line_and_nothing_runs(lab: RuleLab) -> None:
    bad = units().replace("service_unit_quantity > 96", "no_such_column > 96")
    draft = lab.draft("limits", bad)
    (problem,) = draft.problems
    assert problem.line == 7
    assert "no_such_column" in problem.fault
    with pytest.raises(RuleError, match="no_such_column"):
        draft.try_on()
    assert "line 7" in draft._repr_html_()
    code = lab.draft("limits", units().replace("> 96", "> 96 and read_text('/etc/passwd') = ''"))
    with pytest.raises(RuleError):
        code.try_on()


def test_a_draft_is_saved_as_a_draft_and_never_over_another_rule(
    lab: RuleLab, tmp_path: Path
) -> None:
    path = lab.draft("house", units()).save()
    assert path == tmp_path / "rules" / "house" / "very_many_units.yaml"
    assert "status: draft" in path.read_text(encoding="utf-8")
    lab.draft("house", units(120)).save()
    assert "> 120" in path.read_text(encoding="utf-8")
    path.write_text(units(), encoding="utf-8")  # somebody has made it active
    with pytest.raises(RuleError, match="holds another rule"):
        lab.draft("house", units(200)).save()
    with pytest.raises(RuleError, match="exact_duplicate_line"):
        lab.draft("duplicates", units(name="exact_duplicate_line")).save()


def test_a_copy_of_a_rule_that_stands_gets_an_id_of_its_own(lab: RuleLab) -> None:
    draft = lab.edit("exact_duplicate_line")
    assert draft.rule_id == "exact_duplicate_line_revised"
    assert draft.stands_for == "rules.duplicates.exact_duplicate_line"
    assert draft.problems == []


def test_a_new_one_begins_with_a_starter_that_runs(lab: RuleLab) -> None:
    assert lab.new("house/odd", "provider_period").quick()[1] == []


@pytest.fixture
def panel(lab: RuleLab) -> RuleLabPanel:
    made = lab.panel
    made.text.value = units()
    return made


def tried(panel: RuleLabPanel) -> None:
    panel.buttons["try"].click()
    assert panel.job is not None
    panel.job.join(60)


def test_the_panel_tries_in_a_thread_and_shows_what_was_found(panel: RuleLabPanel) -> None:
    tried(panel)
    assert panel.trial is not None
    assert panel.trial.tried.subjects == PROVIDERS
    assert "Dearest subjects" in panel.found.children[0].value
    assert panel.bar.value == panel.bar.max
    assert not panel.buttons["try"].disabled


def test_a_change_is_checked_at_once_and_takes_back_the_last_trial(panel: RuleLabPanel) -> None:
    tried(panel)
    panel.text.value = units().replace("grain: line", "grain: <i>line")
    assert panel.trial is None
    assert panel.found.children == ()
    assert "line 5" in panel.lint.value
    assert "<i>line" not in panel.lint.value
    panel.buttons["try"].click()
    assert "grain" in panel.message.value
    assert panel.trial is None


def test_a_trial_is_stopped_between_buckets(lab: RuleLab, panel: RuleLabPanel) -> None:
    stopped = Event()
    stopped.set()
    with pytest.raises(Cancelled, match="nothing is shown of a part"):
        lab.draft("limits", units()).try_on(progress=Progress(stopped=stopped))
    steps: list[tuple[int, int]] = []
    lab.draft("limits", units()).try_on(
        progress=Progress(lambda done, all_: steps.append((done, all_)))
    )
    assert steps == [(1, 2), (2, 2)]


def test_confirmed_and_refuted_cases_are_counted(
    lab: RuleLab, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [case_id("provider", _provider(n)) for n in range(3)]
    outcomes = dict(zip(ids, ("substantiated", "substantiated", "unsubstantiated"), strict=True))
    monkeypatch.setattr(RuleLab, "_outcomes", lambda self: outcomes)
    trial = lab.draft("limits", units()).try_on()
    assert (trial.tried.confirmed, trial.tried.refuted) == (2, 1)
    shown = trial.subjects.set_index("subject_id")["outcome"]
    assert shown[_provider(2)] == "unsubstantiated"


def test_markup_of_the_data_stays_text(lab: RuleLab) -> None:
    text = units(name="markup").replace(
        '"{service_unit_quantity} units in a line"', '"seen {person_id}"'
    )
    page = lab.draft("limits", text.replace("> 96", "> 0")).try_on()._repr_html_()
    assert HOSTILE_MEMBER not in page
