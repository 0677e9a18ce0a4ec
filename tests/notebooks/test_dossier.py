from __future__ import annotations

import itertools
import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cases.workbench import Queue
from cases.workbench.charts import bundle
from cases.workbench.dossier import Dossier
from cases.workbench.rule_cards import rule_card
from claims.errors import VigieError
from detectors.rulebook.loader import load_rules
from tests.notebooks.result_lake import HOSTILE_NAME, SURNAME


@pytest.fixture
def case(cases: Queue) -> Dossier:
    return cases.open("case00")


def test_the_waterfall_sums_to_the_score(case: Dossier) -> None:
    spec = case.waterfall().to_dict()
    bars = next(rows for rows in spec["datasets"].values() if "label" in rows[0])
    *parts, score = bars
    assert parts[0]["label"] == "prior"
    assert all(later["start"] == earlier["end"] for earlier, later in itertools.pairwise(parts))
    assert score["end"] == pytest.approx(case.file.case["score"])
    assert parts[-1]["end"] == score["end"]


def test_the_timeline_shows_the_other_rows_of_the_same_persons(case: Dossier) -> None:
    moments = case.moments
    flagged = set(case.rows()[lambda rows: rows["role"] == "flagged"]["claim_id"])
    assert set(moments[moments["flagged"]]["row_key"]) == {f"|{claim}|1" for claim in flagged}
    assert 0 < len(flagged) < len(moments)
    assert case.timeline() is not None


def test_what_was_expected_appears_only_where_a_finding_compares(
    cases: Queue, case: Dossier
) -> None:
    chart = case.compared()
    assert chart is not None
    labels = {row.get("label") for rows in chart.to_dict()["datasets"].values() for row in rows}
    # Nothing can be a multiple of an expected zero, so the weekend share is left out.
    assert labels - {None} == {
        "deviation: paid_per_member (212 peers)",
        "forest: units_per_line",
    }
    opened = (cases.open(row["case_id"]) for row in reversed(cases.rows))
    plain = next(other for other in opened if other.compared() is None)
    assert "Beside what was expected" not in plain._repr_html_()


def test_the_rows_of_one_finding_can_be_asked_for(case: Dossier) -> None:
    finding = case.reasons[0]["finding_id"]
    assert len(case.rows("claim_lines", finding)) == len(case.rows("claim_lines"))
    assert case.rows("claim_lines", "no such finding").empty
    assert case.rows("benefit_payments").empty


def test_innocent_explanations_are_named_once(case: Dossier) -> None:
    named = case.innocent_explanations
    assert "a referral centre for severe cases" in named
    assert len(named) == len(set(named))


def test_names_are_masked_until_a_reason_is_given(
    case: Dossier, caplog: pytest.LogCaptureFixture
) -> None:
    page = case._repr_html_()
    assert case.who["name"] == "•••"
    assert SURNAME not in page
    assert SURNAME not in case.rows().to_csv()
    with caplog.at_level(logging.WARNING, "vigie.workbench"):
        shown = case.unmask("hearing on Monday")
    assert "hearing on Monday" in caplog.text
    assert SURNAME not in caplog.text
    assert SURNAME in shown.rows().to_csv()
    with pytest.raises(VigieError, match="say why"):
        case.unmask(" ")


def test_a_name_that_is_markup_stays_text(case: Dossier) -> None:
    shown = case.unmask("test of escaping")
    assert shown.who["name"] == HOSTILE_NAME
    page = shown._repr_html_()
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;img src=x" in page


def test_the_saved_page_asks_for_nothing(case: Dossier, tmp_path: Path) -> None:
    saved = case.save(tmp_path / "case.html").read_text(encoding="utf-8")
    assert saved.startswith("<!doctype html>")
    assert not re.search(r"(?:src|href|url\()=?['\"]?https?://|<script", saved)
    # Waterfall, timeline, peers, expected, network, map.
    assert saved.count("data:image/svg+xml;base64,") == 6


def test_a_chart_comes_live_and_as_a_picture(case: Dossier) -> None:
    both = bundle(case.waterfall().to_dict())
    assert set(both) == {"application/vnd.vegalite.v5+json", "image/png"}


def test_peers_stand_around_the_subject_in_its_group(case: Dossier) -> None:
    measures = case.peer_groups
    assert [one.measure for one in measures][:2] == ["paid per member", "units per line"]
    first = measures[0]
    # Its group is the clinical laboratories: 60 peers who bill little and 11 of the population.
    assert first.group.startswith("clinical laboratory, individual")
    assert len(first.values) == 71
    assert first.own > first.values.max()
    assert first.above == 1.0
    assert first.found
    assert not measures[-1].found
    page = case._repr_html_()
    assert "Among its peers" in page
    assert first.sentence in page


def test_a_run_without_profiles_has_no_peers(cases: Queue) -> None:
    case = cases.open("case00")
    bare = {**case.file.run["parameters"], "profiles": []}
    case.file = replace(case.file, run={**case.file.run, "parameters": bare})
    assert case.peers() is None
    assert "Among its peers" not in case._repr_html_()


def test_places_are_rounded_to_a_town_until_names_are_shown(case: Dossier) -> None:
    assert case.places is not None
    own = case.places.points[case.places.points["subject"]].iloc[0]
    assert (own["latitude"], own["longitude"]) == (48.9, 2.1)
    assert "48.8765" not in case._repr_html_()
    shown = case.unmask("visit to the practice").places
    assert shown is not None
    assert shown.points[shown.points["subject"]].iloc[0]["latitude"] == 48.8765


def test_the_lead_says_how_many_reasons_on_which_rows(case: Dossier) -> None:
    counted = [row for row in case.reasons if row["points"] > 0]
    assert case.lead.startswith(f"{len(counted)} reasons count, of rules")
    assert "10 claim lines" in case.lead


def test_a_rule_is_shown_with_its_text_and_whether_it_changed() -> None:
    rule = next(rule for rule in load_rules() if rule.id == "exact_duplicate_line")
    card = rule_card(rule.name, rule.version)
    assert card is not None
    assert not card.changed
    assert f"title: {rule.title}" in card.text
    assert "examples:" not in card.text
    other = rule_card(rule.name, "another version")
    assert other is not None
    assert other.changed
    assert rule_card("rules.limits.no_such_rule", "1") is None


def test_the_page_is_printed_or_says_what_is_missing(
    case: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = case.save(tmp_path / "case.pdf")
    assert printed.read_bytes().startswith(b"%PDF")
    monkeypatch.setenv("VIGIE_CHROMIUM", "no-such-browser")
    with pytest.raises(VigieError, match="needs Chromium"):
        case.save(tmp_path / "again.pdf")
    assert not (tmp_path / "again.pdf").exists()


def test_exported_rows_are_masked_as_the_page_is(case: Dossier, tmp_path: Path) -> None:
    text = case.save_rows(tmp_path / "rows.csv").read_text(encoding="utf-8")
    assert SURNAME not in text
    assert text.count("\n") == len(case.rows()) + 1
    shown = case.unmask("sent to the court").save_rows(tmp_path / "rows.csv")
    assert SURNAME in shown.read_text(encoding="utf-8")


def test_earlier_runs_of_the_case_are_told(case: Dossier, cases: Queue) -> None:
    (before,) = case.earlier
    assert before["run"]["run_id"] != case.file.run["run_id"]
    assert before["rank"] == 1
    assert "Earlier run" in case._repr_html_()
    assert cases.open("case05").earlier == []
