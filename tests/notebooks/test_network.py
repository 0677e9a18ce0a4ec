from __future__ import annotations

import re
from dataclasses import replace
from typing import cast
from xml.etree import ElementTree

import networkx as nx
import pytest

from cases.decisions import CaseState, Store
from cases.fusion import case_id
from cases.workbench import Queue
from cases.workbench.network.drawing import drawn, placed
from cases.workbench.network.graph import MOST_NODES, Network
from cases.workbench.network.links import Links
from claims.errors import VigieError
from claims.lake import Lake
from tests.notebooks.result_lake import ACCOUNT, EXCLUDED, HOSTILE_MEMBER, PHONE, _provider

FIRST, SECOND, THIRD = (("provider", _provider(n)) for n in range(3))


@pytest.fixture
def net(cases: Queue) -> Network:
    return cases.open("case00").network()


def test_links_hold_the_rows_and_money_that_name_both(net: Network, lake: Lake) -> None:
    paid = lake.query(
        "select count(*) as n, sum(paid_amount) as paid, min(claim_line_start_date) as first "
        "from claim_lines where billing_provider_id = $p and person_id = $m",
        "claim_lines", p=FIRST[1], m=HOSTILE_MEMBER,
    ).to_pylist()[0]  # fmt: skip
    told = net.graph.edges[FIRST, ("member", HOSTILE_MEMBER)]["kinds"]["billed for"]
    assert told["rows"] == paid["n"]
    assert told["paid"] == float(paid["paid"])
    assert told["first"].date() == paid["first"]


def test_strangers_on_one_account_are_tied_over_it(net: Network) -> None:
    account = ("account", ACCOUNT)
    assert {FIRST, SECOND, THIRD} <= set(net.graph.neighbors(account))


def test_a_phone_is_a_token_until_names_are_shown(cases: Queue, net: Network) -> None:
    phone = ("phone", PHONE)
    assert set(net.graph.neighbors(phone)) == {FIRST, SECOND}
    assert re.fullmatch("phone [0-9a-f]{6}", net.label(phone))
    rows = net.rows(net.label(phone), net.label(SECOND))
    assert PHONE not in net._repr_html_() + net.table().to_csv() + str(rows)
    shown = cases.open("case00").unmask("asked the telephone company").network()
    assert shown.label(phone) == f"phone {PHONE}"


def test_a_phone_that_nobody_shares_is_left_out(net: Network) -> None:
    lonely = [n for n in net.nodes if n[0] in ("phone", "address") and net.graph.degree(n) < 2]
    assert lonely == []


def test_expanding_brings_in_the_neighbours_of_one_kind(net: Network) -> None:
    before = set(net.nodes)
    net.expand(SECOND, "billed for", limit=8)
    fresh = set(net.nodes) - before
    assert fresh
    assert {kind for kind, _ in fresh} == {"member"}
    assert all(net.graph.has_edge(SECOND, node) for node in fresh)
    assert len(net.nodes) <= MOST_NODES
    with pytest.raises(VigieError, match="use one of billed for"):
        net.expand(SECOND, "knows")
    with pytest.raises(VigieError, match="not in the network"):
        net.expand("provider nobody")


def test_shared_patients_are_those_beyond_what_volumes_let_expect(lake: Lake, cases: Queue) -> None:
    links = Links(lake, cases.run)
    found = links.around([FIRST], ["shares patients with"], limit=100)
    for row in found.to_dict("records"):
        both = lake.query(
            "select count(*) as n from (select person_id from claim_lines "
            "where billing_provider_id = $a intersect select person_id from claim_lines "
            "where billing_provider_id = $b)",
            "claim_lines", a=FIRST[1], b=row["b"],
        )  # fmt: skip
        assert row["rows"] == both.column("n")[0].as_py() >= 3


def test_excluded_confirmed_and_ranked_parties_are_marked(cases: Queue, store: Store) -> None:
    net = cases.open("case00").network()
    assert net.marks[("provider", _provider(EXCLUDED))] == "excluded"
    assert "#b0413e" in net.svg()
    assert ">excluded<" in net.svg()
    assert "confirmed" not in net.marks.values()

    class Decided:
        """A store in which the third provider's case is substantiated."""

        def states(self, case_ids: list[str]) -> dict[str, CaseState]:
            assert case_id(*THIRD) in case_ids
            state = CaseState(case_id(*THIRD), "decided", outcome="substantiated")
            return {state.case_id: state}

    seen = replace(cases.open("case00"), store=cast("Store", Decided())).network()
    assert seen.marks[THIRD] == "confirmed"
    assert ">confirmed<" in seen.svg()


def test_the_rows_behind_a_link_are_masked_rows_of_both(net: Network) -> None:
    found = net.rows(FIRST, ("member", HOSTILE_MEMBER))
    assert set(found) == {"claim_lines"}
    lines = found["claim_lines"]
    assert set(lines["billing_provider_id"]) == {FIRST[1]}
    assert set(lines["person_id"]) == {HOSTILE_MEMBER}
    assert set(lines["source_note"]) == {"•••"}


def test_markup_in_an_id_stays_text_in_the_picture(net: Network) -> None:
    svg = net.svg()
    ElementTree.fromstring(svg)  # noqa: S314
    assert "<img" not in svg
    assert "<img src" not in net._repr_html_()


@pytest.mark.parametrize("size", [1, 5, 60, 500])
def test_a_picture_is_drawn_alike_and_within_its_frame_at_every_size(size: int) -> None:
    graph = nx.gnm_random_graph(size, size * 2, seed=4)
    graph = nx.relabel_nodes(graph, {n: ("provider", f"P{n:03d}") for n in graph})
    nx.set_node_attributes(graph, 10.0, "paid")
    nx.set_edge_attributes(graph, 1.0, "weight")
    for _, _, edge in graph.edges(data=True):
        edge["kinds"] = {"billed for": {"rows": 1}}
    centre = [("provider", "P000")]
    communities = dict.fromkeys(graph, 0)
    svg = drawn(graph, centre, {}, communities, " ".join)
    assert svg == drawn(graph, centre, {}, communities, " ".join)
    assert placed(graph, centre) == placed(graph, centre)
    root = ElementTree.fromstring(svg)  # noqa: S314
    wide, high = float(root.attrib["width"]), float(root.attrib["height"])
    circles = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(circles) >= size
    assert all(0 < float(c.attrib["cx"]) < wide for c in circles)
    assert all(0 < float(c.attrib["cy"]) < high for c in circles)
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    # All of few are named; of many, those that count, so that names do not cover each other.
    assert len(texts) >= min(size, 5)
    assert len(texts) <= 64


def test_the_panel_shows_links_and_rows_of_whom_is_clicked(net: Network) -> None:
    panel = net.panel
    member = net.label(("member", HOSTILE_MEMBER))
    panel.picture.selected_node = member
    assert panel.choice.value == member
    assert "&lt;img src=x" in panel.about.value
    assert "<img src=x" not in panel.about.value
    assert "claim_lines" in panel.rows.children[0].value
    before = len(net.nodes)
    panel.choice.value = net.label(SECOND)
    panel.kinds["billed for"].click()
    assert len(net.nodes) > before
    assert panel.message.value == ""
    panel.picture.selected_node = "nobody"
    assert "not in the network" in panel.message.value


def test_the_picture_sends_labels_and_figures_only(net: Network) -> None:
    sent = str(net.panel.picture.data)
    assert PHONE not in sent
    assert net.label(SECOND) in sent
