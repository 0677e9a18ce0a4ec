"""Inside a part of the graph of improbable links: communities, and the dense blocks in them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import igraph
import pandas as pd

from detectors.collusion.peeling import Block, dense_blocks

# From this share of the block's persons on a provider belongs to the core of a ring.
CORE_SHARE = 0.6


@dataclass(frozen=True)
class Communities:
    """Communities by Leiden (Traag, Waltman and van Eck 2019) of whatever hangs together twice.

    Args:
        least_size: members a community needs; from three on, nodes outside the 2-core are dropped
            first, as they close no triangle.
        seed: of the search.
    """

    least_size: int = 3
    seed: int = 0

    def within(self, links: pd.DataFrame) -> list[list[str]]:
        """Sorted members of each community of one part.

        Args:
            links: ``a``, ``b`` and ``ratio`` (observed over expected), one row a pair.
        """
        links = links.sort_values(["a", "b"])
        graph = igraph.Graph()
        graph.add_vertices(sorted({*links.a, *links.b}))
        graph.add_edges(list(zip(links.a, links.b, strict=True)))
        graph.es["weight"] = [math.log(max(ratio, math.e)) for ratio in links.ratio]
        core = 2 if self.least_size > 2 else 1
        graph = graph.induced_subgraph(
            [node for node, shell in enumerate(graph.coreness()) if shell >= core]
        )
        if graph.vcount() < self.least_size:
            return []
        # igraph draws from one generator of the process: seeded anew for every part.
        igraph.set_random_number_generator(random.Random(self.seed))  # noqa: S311
        parts = graph.community_leiden("modularity", weights="weight", n_iterations=-1)
        named = (sorted(graph.vs[part]["name"]) for part in parts)
        return sorted(names for names in named if len(names) >= self.least_size)


@dataclass(frozen=True)
class RingTest:
    """From where on a dense block of providers and persons is a ring.

    Args:
        least_providers, least_persons: of the block.
        least_density: share of the pairs of its providers linked beyond chance (0 to 1).
        least_filled: share of the pairs of provider and person that met (0 to 1).
        least_closed: mean share of its providers' patients that are of the block (0 to 1).
    """

    least_providers: int = 3
    least_persons: int = 8
    least_density: float = 0.6
    least_filled: float = 0.5
    least_closed: float = 0.1


def patient_rings(
    links: pd.DataFrame, visits: pd.DataFrame, communities: Communities, test: RingTest
) -> list[dict[str, Any]]:
    """Rings of one part of the graph of shared patients.

    Args:
        links: ``a``, ``b``, ``observed``, ``expected``, ``ratio``, ``a_total``, ``b_total``,
            ``q_value``.
        visits: ``provider``, ``person_id``, ``degree`` (the person's providers), one row a pair.

    Returns:
        A ring each: ``providers`` [(id, role)], ``persons`` (their number), ``density``,
        ``filled``, ``closed``, ``observed`` and ``expected`` (sums over its pairs), ``links``
        strongest first.
    """
    degrees = dict(zip(visits.person_id, visits.degree.astype(int), strict=True))
    rings = []
    for members in communities.within(links):
        met = visits[visits.provider.isin(members)]
        shared = met.groupby("person_id").provider.transform("nunique") >= 2
        edges = list(zip(met.provider[shared], met.person_id[shared], strict=True))
        for block in dense_blocks(edges, degrees, test.least_providers, test.least_persons):
            ring = _ring(links, block, edges, test)
            if ring:
                rings.append(ring)
    return rings


def _ring(
    links: pd.DataFrame, block: Block, edges: Sequence[tuple[str, str]], test: RingTest
) -> dict[str, Any] | None:
    inside = links[links.a.isin(block.rows) & links.b.isin(block.rows)]
    density = len(inside) / (len(block.rows) * (len(block.rows) - 1) / 2)
    if density < test.least_density or block.filled < test.least_filled:
        return None
    totals = {**dict(zip(inside.a, inside.a_total, strict=True))}
    totals |= dict(zip(inside.b, inside.b_total, strict=True))
    persons, held = set(block.columns), dict.fromkeys(block.rows, 0)
    for provider, person in edges:
        if provider in held and person in persons:
            held[provider] += 1
    closed = sum(held[row] / totals.get(row, len(persons)) for row in block.rows) / len(block.rows)
    if closed < test.least_closed:
        return None
    strongest = inside.sort_values(["ratio", "a", "b"], ascending=[False, True, True])
    shown = ["a", "b", "observed", "expected", "ratio", "q_value"]
    return {
        "providers": [
            (row, "core" if held[row] >= CORE_SHARE * len(persons) else "edge")
            for row in block.rows
        ],
        "persons": len(persons),
        "density": density,
        "filled": block.filled,
        "closed": closed,
        "observed": int(inside.observed.sum()),
        "expected": float(inside.expected.sum()),
        "links": strongest[shown].to_dict("records"),
    }
