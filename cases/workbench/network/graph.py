"""The network around a case: who is tied to its subject, by what, in which communities."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from cases.workbench.masking import masked_frame
from cases.workbench.network.drawing import drawn
from cases.workbench.network.kinds import PERSONAL
from cases.workbench.network.links import Links, Node
from cases.workbench.pages import fragment
from claims.errors import VigieError

if TYPE_CHECKING:
    from cases.workbench.network.panel import NetworkPanel

MOST_NODES = 200
PER_KIND = 20
WORTH = 400
SEED = 1
TABLE_ROWS = 40


@dataclass
class Network:
    """Subjects and the links between them, to be looked at and expanded.

    Args:
        centre: the case's subjects, drawn in the middle.
        marker: by subject why it stands out: ``excluded``, ``confirmed``, or ``case`` and its rank.
        unmasked: rows show personal values.
    """

    links: Links
    centre: tuple[Node, ...]
    marker: Callable[[list[Node]], dict[Node, str]] = lambda nodes: {}
    unmasked: bool = False
    marks: dict[Node, str] = field(default_factory=dict)
    graph: nx.Graph = field(default_factory=nx.Graph)
    asked: list[str] = field(default_factory=list)

    def grow(self, limit: int = PER_KIND) -> Network:
        """Bring in whom the centre is tied to, and what ties those to one another."""
        for node in self.centre:
            self._node(node)
        self._add(self.links.around(self.centre, limit=limit))
        shared = [node for node in self.nodes if node[0] in (*PERSONAL, "account")]
        if shared:
            self._add(self.links.around(shared, limit=limit))
        self._drop_unshared()
        if len(self.nodes) <= WORTH:
            self._add(self.links.among(self.nodes))
        self.mark()
        return self

    def mark(self) -> None:
        """Look up anew who stands out."""
        self.marks = self.marker(self.nodes)

    def expand(
        self, subject: str | Node, kind: str | None = None, limit: int = PER_KIND
    ) -> Network:
        """Bring in more subjects tied to one that is shown.

        Args:
            subject: ``"provider P085"``, or type and id.
            kind: the kind of link, one of :meth:`kinds_of`; all where absent.

        Raises:
            VigieError: the network does not show the subject, or it has no such link.
        """
        node = self.find(subject)
        if kind is not None and kind not in self.kinds_of(node):
            raise VigieError(f"no link '{kind}'; use one of {', '.join(self.kinds_of(node))}")
        before = len(self.nodes)
        self._add(self.links.around([node], [kind] if kind else (), limit))
        fresh = self.nodes[before:]
        if fresh and len(self.nodes) <= WORTH:
            self._add(self.links.among(self.nodes))
        self.mark()
        self.asked.append(f"{self.label(node)}: {kind or 'all links'}, {len(fresh)} more")
        return self

    @property
    def nodes(self) -> list[Node]:
        """All subjects shown, in the order they came."""
        return list(self.graph.nodes)

    def kinds_of(self, subject: str | Node) -> list[str]:
        """Kinds of link that a subject can be expanded by."""
        return self.links.names(self.find(subject)[0])

    def find(self, subject: str | Node) -> Node:
        """The subject of a label, ``"provider P085"``, or of a type and id.

        Raises:
            VigieError: it is not shown.
        """
        for node in self.graph.nodes:
            if subject in (node, self.label(node)):
                return node  # type: ignore[no-any-return]
        raise VigieError(f"{_said(subject)} is not in the network; nodes() lists who is")

    def label(self, node: Node) -> str:
        """A subject's name on the page; phones and addresses are named by a token."""
        if node[0] in PERSONAL and not self.unmasked:
            return f"{node[0]} {hashlib.sha256(repr(node).encode()).hexdigest()[:6]}"
        return " ".join(node)

    def rows(self, a: str | Node, b: str | Node) -> dict[str, pd.DataFrame]:
        """By table, the rows that tie two subjects; personal values masked."""
        found = self.links.rows(self.find(a), self.find(b))
        if self.unmasked:
            return found
        return {table: masked_frame(table, frame) for table, frame in found.items()}

    def communities(self) -> dict[Node, int]:
        """Communities by modularity (Blondel et al. 2008), the largest numbered 0."""
        found = nx.community.louvain_communities(self.graph, weight="weight", seed=SEED)
        ordered = sorted(found, key=lambda group: (-len(group), min(group)))
        return {node: n for n, group in enumerate(ordered) for node in group}

    def table(self) -> pd.DataFrame:
        """The links as a table, for who cannot or will not read a picture."""
        rows = [
            {
                "from": self.label(edge["ends"][kind][0]),
                "link": kind,
                "to": self.label(edge["ends"][kind][1]),
                **edge["kinds"][kind],
            }
            for _, _, edge in self.graph.edges(data=True)
            for kind in edge["kinds"]
        ]
        columns = ["from", "link", "to", "rows", "paid", "first", "last"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.sort_values(
            ["paid", "rows", "from", "to", "link"],
            ascending=[False, False, True, True, True],
            na_position="last",
            ignore_index=True,
        )

    def svg(self) -> str:
        """The network as one picture without a script, readable from five to hundreds of nodes."""
        return drawn(self.graph, self.centre, self.marks, self.communities(), self.label)

    @property
    def panel(self) -> NetworkPanel:
        """The network to move in: a click on a subject shows its links, its rows, and more."""
        from cases.workbench.network.panel import NetworkPanel

        return NetworkPanel(self)

    def _repr_html_(self) -> str:
        table = self.table()
        return fragment(
            "network.html",
            picture_of=self.svg() if len(self.graph) > 1 else "",
            table=table.head(TABLE_ROWS),
            links=len(table),
            nodes=len(self.graph),
        )

    def _add(self, found: pd.DataFrame) -> None:
        for row in found.to_dict("records"):
            a, b = (row["a_type"], row["a"]), (row["b_type"], row["b"])
            fresh = [node for node in (a, b) if node not in self.graph]
            if len(self.graph) + len(fresh) > MOST_NODES + len(self.centre):
                continue
            for node in fresh:
                self._node(node)
            if not self.graph.has_edge(a, b):
                self.graph.add_edge(a, b, kinds={}, ends={}, weight=0.0)
            edge = self.graph.edges[a, b]
            told = {name: row[name] for name in ("rows", "paid", "first", "last")}
            edge["kinds"][row["kind"]] = told
            edge["ends"][row["kind"]] = (a, b)
            edge["weight"] = float(sum(kind["rows"] for kind in edge["kinds"].values()))
        for node in self.graph.nodes:
            paid = [
                kind["paid"]
                for _, _, edge in self.graph.edges(node, data=True)
                for kind in edge["kinds"].values()
                if pd.notna(kind["paid"])
            ]
            self.graph.nodes[node]["paid"] = float(sum(paid))

    def _node(self, node: Node) -> None:
        self.graph.add_node(node, paid=0.0)

    def _drop_unshared(self) -> None:
        """A phone or an address of one subject alone ties nobody."""
        alone = [
            node
            for node, degree in self.graph.degree
            if node[0] in PERSONAL and degree < 2 and node not in self.centre
        ]
        self.graph.remove_nodes_from(alone)


def _said(subject: str | Node) -> str:
    return subject if isinstance(subject, str) else " ".join(subject)


def network(
    links: Links,
    centre: Sequence[Node],
    marker: Callable[[list[Node]], dict[Node, str]] = lambda nodes: {},
    unmasked: bool = False,
) -> Network:
    """The network around subjects, ready to be shown."""
    return Network(links, tuple(centre), marker, unmasked).grow()
