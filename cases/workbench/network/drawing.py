"""A network as SVG text: readable at five nodes and at five hundred, without a script.

Kinds of node differ by shape, communities by colour and number, so colour is never alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

import networkx as nx

Node = tuple[str, str]

# Okabe and Ito (2008), told apart by the colour-blind; further communities are grey.
PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a200")
REST = "#8a8f98"
RINGS = {"excluded": "#b0413e", "confirmed": "#2b2f36"}
SIZE = 860
LABELLED = 60
SMALL, LARGE = 5.0, 17.0
SHAPES = ("provider", "member", "employer", "account", "phone", "address", "group")


def drawn(
    graph: nx.Graph,
    centre: Sequence[Node],
    marks: Mapping[Node, str],
    communities: Mapping[Node, int],
    label: Callable[[Node], str],
) -> str:
    """The SVG text of a graph whose nodes have ``paid`` and whose edges have ``weight``."""
    places = placed(graph, centre)
    height = max(320, min(SIZE, int(SIZE * _aspect(places)) + 90))
    at = _scaled(places, SIZE, height)
    most = max((data["paid"] for _, data in graph.nodes(data=True)), default=0.0) or 1.0
    named = _named(graph, centre, marks)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {height}" '
        f'width="{SIZE}" height="{height}" role="img" font-family="sans-serif">',
        f'<rect width="{SIZE}" height="{height}" fill="#ffffff"/>',
        *(_edge(at[a], at[b], data) for a, b, data in graph.edges(data=True)),
    ]
    for node, data in graph.nodes(data=True):
        radius = SMALL + (LARGE - SMALL) * math.sqrt(data["paid"] / most)
        parts.append(
            _mark(node, at[node], radius, communities[node], marks.get(node, ""), node in centre)
        )
    taken: list[tuple[float, float, float, float]] = []
    for node in named:
        radius = SMALL + (LARGE - SMALL) * math.sqrt(graph.nodes[node]["paid"] / most)
        parts.append(_text(label(node), at[node], radius, node in centre, taken))
    parts += _legend(graph, marks, height)
    return "".join([*parts, "</svg>"])


def placed(graph: nx.Graph, centre: Sequence[Node]) -> dict[Node, tuple[float, float]]:
    """Where the nodes lie; the same graph lies the same way each time."""
    if len(graph) <= 1:
        return dict.fromkeys(graph, (0.0, 0.0))
    ordered = nx.Graph()
    ordered.add_nodes_from(sorted(graph.nodes))
    ordered.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.edges))
    whole = len(centre) == 1 and len(graph) <= LABELLED
    start = nx.shell_layout(ordered, _shells(ordered, centre)) if whole else None
    fixed = list(centre) if whole and len(graph) > 2 else None
    found = nx.spring_layout(
        ordered,
        k=2.4 / math.sqrt(len(graph)),
        pos=start,
        fixed=fixed,
        iterations=80,
        seed=1,
        weight=None,
    )
    return {node: (float(x), float(y)) for node, (x, y) in found.items()}


def _shells(graph: nx.Graph, centre: Sequence[Node]) -> list[list[Node]]:
    inner = [node for node in graph if node in centre]
    return [inner, [node for node in graph if node not in centre]]


def _aspect(places: Mapping[Node, tuple[float, float]]) -> float:
    xs, ys = ([point[axis] for point in places.values()] for axis in (0, 1))
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    return min(max(high / wide if wide else 0.4, 0.35), 0.66)


def _scaled(
    places: Mapping[Node, tuple[float, float]], width: int, height: int
) -> dict[Node, tuple[float, float]]:
    xs, ys = ([point[axis] for point in places.values()] for axis in (0, 1))
    left, low = min(xs), min(ys)
    wide, high = (max(xs) - left) or 1.0, (max(ys) - low) or 1.0
    return {
        node: (
            round(70 + (x - left) / wide * (width - 190), 1) if wide else width / 2,
            round(30 + (y - low) / high * (height - 100), 1),
        )
        for node, (x, y) in places.items()
    }


def _named(graph: nx.Graph, centre: Sequence[Node], marks: Mapping[Node, str]) -> list[Node]:
    """Whom there is room to name: all of few, of many those that count."""
    rank = sorted(
        graph.nodes,
        key=lambda node: (
            node not in centre,
            not marks.get(node, ""),
            -graph.degree(node),
            -graph.nodes[node]["paid"],
            node,
        ),
    )
    return rank[: len(graph) if len(graph) <= LABELLED else LABELLED // 2]


def _edge(a: tuple[float, float], b: tuple[float, float], data: Mapping[str, object]) -> str:
    weight = float(str(data["weight"]))
    kinds = data["kinds"] if isinstance(data["kinds"], Mapping) else {}
    title = escape(", ".join(f"{kind}: {told['rows']}" for kind, told in kinds.items()))
    return (
        f'<line x1="{a[0]}" y1="{a[1]}" x2="{b[0]}" y2="{b[1]}" stroke="#aab3bf" '
        f'stroke-opacity="0.7" stroke-width="{min(0.8 + math.log1p(weight) * 0.5, 4):.1f}">'
        f"<title>{title}</title></line>"
    )


def _mark(
    node: Node, at: tuple[float, float], radius: float, community: int, mark: str, central: bool
) -> str:
    x, y = at
    fill = PALETTE[community] if community < len(PALETTE) else REST
    ring = RINGS.get(mark, "")
    parts = []
    if central:
        parts.append(_circle(x, y, radius + 7, "none", "#b0413e", 1.2, "2 3"))
    if ring:
        parts.append(_circle(x, y, radius + 4, "none", ring, 2.6))
    parts.append(_shape(node[0], x, y, radius, fill))
    return "".join(parts)


def _circle(
    x: float, y: float, r: float, fill: str, stroke: str, width: float, dash: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<circle cx="{x}" cy="{y}" r="{r:.1f}" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="{width}"{dashed}/>'
    )


def _shape(kind: str, x: float, y: float, r: float, fill: str) -> str:
    style = f'fill="{fill}" stroke="#ffffff" stroke-width="1.2"'
    if kind == "provider":
        return f'<circle cx="{x}" cy="{y}" r="{r:.1f}" {style}/>'
    if kind == "member":
        points = [(x, y - r), (x + r * 0.95, y + r * 0.75), (x - r * 0.95, y + r * 0.75)]
    elif kind in ("phone", "address"):
        turn = 0.0 if kind == "phone" else math.pi / 6
        corners = 6 if kind == "phone" else 5
        points = [
            (x + r * math.sin(turn + 2 * math.pi * n / corners),
             y - r * math.cos(turn + 2 * math.pi * n / corners))
            for n in range(corners)
        ]  # fmt: skip
    elif kind == "employer":
        points = [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]
    else:
        points = [(x, y - r * 1.15), (x + r * 1.15, y), (x, y + r * 1.15), (x - r * 1.15, y)]
    listed = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    return f'<polygon points="{listed}" {style}/>'


def _text(
    text: str,
    at: tuple[float, float],
    radius: float,
    central: bool,
    taken: list[tuple[float, float, float, float]],
) -> str:
    """A name beside its node, left out where it would lie on another."""
    size = 12 if central else 10
    wide, high = len(text) * size * 0.56, size * 1.1
    x, y = at[0] + radius + 3, at[1] + size * 0.35
    for dy in (0.0, high, -high):
        box = (x, y + dy - high, x + wide, y + dy)
        if not any(_meet(box, other) for other in taken):
            taken.append(box)
            weight = "600" if central else "400"
            return (
                f'<text x="{x:.1f}" y="{y + dy:.1f}" font-size="{size}" font-weight="{weight}" '
                f'fill="#2b2f36" stroke="#ffffff" stroke-width="2.5" paint-order="stroke">'
                f"{escape(text)}</text>"
            )
    return ""


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _legend(graph: nx.Graph, marks: Mapping[Node, str], height: int) -> list[str]:
    shown = [kind for kind in SHAPES if any(node[0] == kind for node in graph)]
    x, y, parts = 14.0, height - 18.0, []
    for kind in shown:
        parts.append(_shape(kind, x, y, 5, "#5c6470"))
        parts.append(_word(kind, x + 9, y))
        x += 26 + len(kind) * 6.4
    for mark, colour in RINGS.items():
        if any(marks.get(node) == mark for node in graph):
            parts.append(_circle(x, y, 6, "none", colour, 2.4))
            parts.append(_word(mark, x + 11, y))
            x += 28 + len(mark) * 6.4
    parts.append(_circle(x, y, 6, "none", "#b0413e", 1.2, "2 3"))
    parts.append(_word("this case", x + 11, y))
    return parts


def _word(text: str, x: float, y: float) -> str:
    return (
        f'<text x="{x:.1f}" y="{y + 3.5:.1f}" font-size="11" fill="#5c6470">{escape(text)}</text>'
    )
