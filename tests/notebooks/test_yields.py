from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from cases.decisions import Identity, Store, open_store
from cases.workbench import queue
from cases.workbench.yields import Figure, Yield, yield_of
from claims.errors import VigieError
from claims.lake import Lake
from tests.notebooks.result_lake import PROVIDERS

FIGURES = (
    "funnel", "precision", "money_per_hour", "ageing", "by_analyst", "false_positive_reasons",
    "lift", "reliability",
)  # fmt: skip


@pytest.fixture(scope="module")
def work(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yield]:
    """Three cases decided, one of them refuted, one with money back, a fourth taken."""
    url = f"sqlite:///{tmp_path_factory.mktemp('yields') / 'acts.db'}"
    store = open_store(url, lake=lake, identity=Identity("ann"))
    cases = queue(lake, store=store)
    for place in (1, 2):
        cases.open(place).decide("substantiated", amount=1000, minutes=60, reasons=["upcoded"])
    cases.open(3).decide("unsubstantiated", minutes=120, reasons=["case_mix"], note="<b>sick</b>")
    cases.open(1).recover(400, date(2024, 6, 1))
    cases.open(4).take()
    yield Yield(lake, store)
    store.engine.dispose()


def test_the_funnel_ends_with_what_came_back(work: Yield) -> None:
    found = work.funnel()
    assert list(found.table["cases"])[1:] == [PROVIDERS, 3, 2, 1]
    assert found.sentence == "Of 24 cases 3 are decided and 2 substantiated; 400 EUR came back."


def test_money_an_hour_is_what_was_confirmed_by_the_hours_told(work: Yield) -> None:
    assert work.money_per_hour().sentence == "4 hours told; 500 EUR confirmed an hour."


def test_reasons_stand_in_words(work: Yield) -> None:
    assert list(work.false_positive_reasons().table["reason"]) == [
        "sicker patients or another specialty than the peers"
    ]


def test_precision_is_drawn_for_what_has_a_decision(work: Yield) -> None:
    found = work.precision("family")
    assert found.table["precision"].dropna().is_monotonic_decreasing
    assert found.chart is not None
    assert (found.table["decided"] > 0).any()


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_its_table_and_no_markup_of_the_data(work: Yield, name: str) -> None:
    found: Figure = getattr(work, name)()
    page = found._repr_html_()
    assert found.title in page
    assert "<th scope=" in page
    assert "<b>sick" not in page


@pytest.mark.parametrize("name", FIGURES)
def test_figures_say_when_nothing_is_known_yet(lake: Lake, store: Store, name: str) -> None:
    found: Figure = getattr(Yield(lake, store), name)()
    assert found.sentence
    assert found._repr_html_()


def test_without_a_store_it_says_what_to_set(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_DECISIONS", "sqlite:////no/such/folder/acts.db")
    with pytest.raises(VigieError, match="VIGIE_DECISIONS"):
        yield_of(lake)
