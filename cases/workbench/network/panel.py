"""The network to move in: a click on a subject shows its links, its rows, and ways to go on."""

from __future__ import annotations

from typing import Any

import ipywidgets
import networkx as nx
from ipysigma import Sigma

from cases.workbench.network.drawing import PALETTE, REST, RINGS
from cases.workbench.network.graph import Network
from cases.workbench.network.links import Node
from cases.workbench.pages import fragment
from cases.workbench.tables import table_of

HEIGHT = 520
LAYOUT_SECONDS = 4
PLAIN = "#ffffff"
HINT = (
    "<p>Colour is a community, size is money; a red ring is an excluded party or this case, a "
    "black one a confirmed party. Click a subject, or a link, to see its rows.</p>"
)


class NetworkPanel(ipywidgets.VBox):  # type: ignore[misc]
    """A network as a live picture, what was clicked beside it, and its links as a table.

    Args:
        network: what to show; expanding changes it.

    Attributes:
        picture: the ``ipysigma`` widget; its ``selected_node`` and ``selected_edge`` are observed.
        kinds: by kind of link, the button that expands the selected subject by it.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.selected: Node | None = None
        self.kinds: dict[str, ipywidgets.Button] = {}
        self.message = ipywidgets.HTML("")
        self.about = ipywidgets.HTML(HINT)
        self.ways = ipywidgets.HBox([], layout={"flex_flow": "row wrap"})
        self.rows = ipywidgets.VBox([])
        self.choice = ipywidgets.Dropdown(description="Subject")
        self.choice.observe(self._chosen, names="value")
        self.place = ipywidgets.VBox([])
        self.list = ipywidgets.VBox([])
        super().__init__(
            [self.place, self.choice, self.about, self.ways, self.message, self.rows, self.list]
        )
        self._draw()

    def expand(self, kind: str) -> None:
        """Bring in more subjects tied to the selected one by a kind of link."""
        if self.selected is not None:
            self.network.expand(self.selected, kind)
            self._draw()

    def seen(self, seen: bool) -> None:
        """Take the picture off a page that does not show it: it would go on drawing in vain."""
        self.place.children = [self.picture] if seen else []

    def _draw(self) -> None:
        selected = self.network.label(self.selected) if self.selected else None
        self.picture = _sigma(self.network, selected)
        self.picture.observe(self._clicked, names="selected_node")
        self.picture.observe(self._clicked_link, names="selected_edge")
        self.place.children = [self.picture]
        labels = sorted(self.network.label(node) for node in self.network.nodes)
        self.choice.options = ["", *labels]
        self.choice.value = selected or ""
        frame = self.network.table()
        self.list.children = [
            ipywidgets.HTML(f"<p>{len(self.network.nodes)} subjects, {len(frame)} links:</p>"),
            table_of(frame),
        ]

    def _clicked(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._guarded(lambda: self._select(change["new"]))

    def _chosen(self, change: dict[str, Any]) -> None:
        if change["new"] and change["new"] != self._said():
            self._guarded(lambda: self._select(change["new"]))

    def _clicked_link(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._guarded(lambda: self._show_rows(*change["new"]))

    def _said(self) -> str:
        return self.network.label(self.selected) if self.selected else ""

    def _select(self, label: str) -> None:
        node = self.network.find(label)
        self.selected = node
        frame = self.network.table()
        own = frame[(frame["from"] == label) | (frame["to"] == label)]
        self.about.value = fragment(
            "network_node.html",
            label=label,
            mark=self.network.marks.get(node, ""),
            table=own,
        )
        self.kinds = {kind: self._way(kind) for kind in self.network.kinds_of(node)}
        self.ways.children = list(self.kinds.values())
        centre = self.network.centre[0]
        if node not in self.network.centre:
            self._show_rows(self.network.label(centre), label)
        else:
            self.rows.children = []
        self.choice.value = label

    def _way(self, kind: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=kind, layout={"width": "auto"})
        button.tooltip = f"More that {self._said()} is tied to by: {kind}"
        button.on_click(lambda _: self._guarded(lambda: self.expand(kind)))
        return button

    def _show_rows(self, a: str, b: str) -> None:
        found = self.network.rows(a, b)
        parts: list[ipywidgets.Widget] = []
        for table, frame in found.items():
            named = fragment("network_rows.html", a=a, b=b, table=table, rows=len(frame))
            parts += [ipywidgets.HTML(named), table_of(frame.dropna(axis="columns", how="all"))]
        if not parts:
            nothing = fragment("network_rows.html", a=a, b=b, table="", rows=0)
            parts = [ipywidgets.HTML(nothing)]
        self.rows.children = parts

    def _guarded(self, work: Any) -> None:
        try:
            work()
            self.message.value = ""
        except Exception as error:  # a widget's errors are seen by nobody unless shown
            self.message.value = fragment("error.html", text=str(error))


def _sigma(network: Network, selected: str | None) -> Sigma:
    """The picture; sent to the page in one message, with labels and figures only."""
    communities = network.communities()
    shown = nx.Graph()
    for node, data in network.graph.nodes(data=True):
        mark = network.marks.get(node, "")
        centre = node in network.centre
        shown.add_node(
            network.label(node),
            kind=node[0],
            community=communities[node] + 1,
            money=round(data["paid"], 2),
            stands_out=mark,
            colour=_colour(communities[node]),
            size=2 + data["paid"] ** 0.5,
            ring=RINGS.get(mark, RINGS["excluded"] if centre else PLAIN),
            ring_size=4 if mark in RINGS else 2 if centre else 0,
        )
    for a, b, data in network.graph.edges(data=True):
        shown.add_edge(
            network.label(a),
            network.label(b),
            links=", ".join(data["kinds"]),
            rows=int(data["weight"]),
        )
    return Sigma(
        shown,
        height=HEIGHT,
        start_layout=LAYOUT_SECONDS,
        raw_node_color="colour",
        node_size="size",
        node_size_range=(4, 18),
        raw_node_border_color="ring",
        raw_node_border_size="ring_size",
        edge_size="rows",
        edge_size_range=(1, 4),
        clickable_edges=True,
        hide_info_panel=True,
        default_node_label_size=11,
        label_density=2,
        selected_node=selected,
    )


def _colour(community: int) -> str:
    return PALETTE[community] if community < len(PALETTE) else REST
