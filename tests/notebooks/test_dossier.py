from __future__ import annotations

import itertools
import logging
import re
from pathlib import Path

import pytest

from cases.workbench import Dossier, Queue
from cases.workbench.charts import bundle
from claims.errors import VigieError
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


def test_peers_appear_only_where_a_finding_compares(cases: Queue, case: Dossier) -> None:
    chart = case.peers()
    assert chart is not None
    labels = {row.get("label") for rows in chart.to_dict()["datasets"].values() for row in rows}
    # Nothing can be a multiple of an expected zero, so the weekend share is left out.
    assert labels - {None} == {
        "deviation: paid_per_member (212 peers)",
        "forest: units_per_line",
    }
    opened = (cases.open(row["case_id"]) for row in reversed(cases.rows))
    plain = next(other for other in opened if other.peers() is None)
    assert "Beside its peers" not in plain._repr_html_()


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
    assert saved.count("data:image/svg+xml;base64,") == 3


def test_a_chart_comes_live_and_as_a_picture(case: Dossier) -> None:
    both = bundle(case.waterfall().to_dict())
    assert set(both) == {"application/vnd.vegalite.v5+json", "image/png"}
