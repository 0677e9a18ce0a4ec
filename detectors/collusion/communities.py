"""Inside a component of improbable links: the groups that are dense enough to be a ring."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

import igraph
import pandas as pd


@dataclass(frozen=True)
class DenseGroups:
    """Communities by Leiden (Traag, Waltman and van Eck 2019), peeled to their dense core.

    Peeling drops the least tied member until the rest is dense, as in greedy search for the
    densest subgraph (Charikar 2000).

    Args:
        least_size: members a group needs.
        least_density: share of the group's others that each member is linked to (0 to 1).
        seed: of the community search.
    """

    least_size: int = 3
    least_density: float = 0.6
    seed: int = 0

    def within(self, links: pd.DataFrame) -> list[list[str]]:
        """Sorted members of each dense group of one component.

        Args:
            links: ``a``, ``b`` and ``ratio`` (observed over expected), one row a pair.
        """
        links = links.sort_values(["a", "b"])
        graph = igraph.Graph()
        graph.add_vertices(sorted({*links.a, *links.b}))
        graph.add_edges(list(zip(links.a, links.b, strict=True)))
        graph.es["weight"] = [math.log(max(ratio, math.e)) for ratio in links.ratio]
        whole = self._core(graph, list(range(graph.vcount())))
        if len(whole) == graph.vcount():
            return [sorted(graph.vs[whole]["name"])]
        # igraph draws from one generator of the process: seeded anew for every component.
        igraph.set_random_number_generator(random.Random(self.seed))  # noqa: S311
        parts = graph.community_leiden("modularity", weights="weight", n_iterations=-1)
        cores = [self._core(graph, part) for part in parts]
        return sorted(sorted(graph.vs[core]["name"]) for core in cores if core)

    def _core(self, graph: igraph.Graph, members: list[int]) -> list[int]:
        kept = sorted(members)
        while len(kept) >= self.least_size:
            inside = graph.induced_subgraph(kept)
            degrees = inside.degree()
            if min(degrees) >= self.least_density * (len(kept) - 1):
                return kept
            # Ties go to the last name, so that the result does not depend on row order.
            last = min(range(len(kept)), key=lambda index: (degrees[index], -index))
            kept.pop(last)
        return []


def patient_rings(links: pd.DataFrame, groups: DenseGroups, least_closed: float) -> list[Any]:
    """Rings of one component of shared-patient links.

    Args:
        links: ``a``, ``b``, ``observed``, ``expected``, ``ratio``, ``a_total``, ``b_total``.
        least_closed: share of its members' patients that a ring must share, at least (0 to 1).

    Returns:
        A ring each: ``providers``, ``density``, ``closed`` (mean over its providers of the share of
        their patients also seen by one other provider of the ring), ``observed`` and ``expected``
        (sums over its pairs), ``links`` strongest first.
    """
    rings = []
    for providers in groups.within(links):
        inside = links[links.a.isin(providers) & links.b.isin(providers)]
        shares = pd.concat(
            [
                pd.Series((inside.observed / inside.a_total).to_numpy(), index=inside.a),
                pd.Series((inside.observed / inside.b_total).to_numpy(), index=inside.b),
            ]
        )
        closed = float(shares.groupby(level=0).max().mean())
        if closed < least_closed:
            continue
        possible = len(providers) * (len(providers) - 1) / 2
        strongest = inside.sort_values(["ratio", "a", "b"], ascending=[False, True, True])
        shown = ["a", "b", "observed", "expected", "ratio", "q_value"]
        rings.append(
            {
                "providers": providers,
                "density": len(inside) / possible,
                "closed": closed,
                "observed": int(inside.observed.sum()),
                "expected": float(inside.expected.sum()),
                "links": strongest[shown].to_dict("records"),
            }
        )
    return rings
