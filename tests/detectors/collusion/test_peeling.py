"""Peeling reaches half of the best density, keeps a planted block, and camouflage does not help."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.collusion.peeling import column_weight, dense_blocks, densest_block, peeled

MOST_NODES = 7
ALL_PAIRS = list(itertools.combinations(range(MOST_NODES), 2))
PAIRS = st.lists(st.sampled_from(ALL_PAIRS), unique=True, min_size=1)
WEIGHTS = st.lists(st.integers(1, 9), min_size=len(ALL_PAIRS), max_size=len(ALL_PAIRS))
COSTS = st.lists(st.integers(1, 5), min_size=MOST_NODES, max_size=MOST_NODES)


def density(nodes: tuple[int, ...], edges: list[tuple[int, int, float]], costs: list[int]) -> float:
    inside = sum(weight for a, b, weight in edges if a in nodes and b in nodes)
    return inside / sum(costs[node] for node in nodes)


@given(pairs=PAIRS, weights=WEIGHTS, costs=COSTS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_half_of_the_best_density_is_reached(
    pairs: list[tuple[int, int]], weights: list[int], costs: list[int]
) -> None:
    edges = [(a, b, float(weight)) for (a, b), weight in zip(pairs, weights, strict=False)]
    sets = (
        nodes for size in range(1, MOST_NODES + 1)
        for nodes in itertools.combinations(range(MOST_NODES), size)
    )  # fmt: skip
    best = max(density(nodes, edges, costs) for nodes in sets)

    kept, reached = peeled(edges, [float(cost) for cost in costs])

    assert reached == pytest.approx(density(tuple(kept), edges, costs))
    assert best / 2 - 1e-9 <= reached <= best + 1e-9
    assert peeled(edges[::-1], [float(cost) for cost in costs])[0] == kept


def test_a_clique_with_a_tail_is_peeled_to_the_clique() -> None:
    clique = [(a, b, 1.0) for a, b in itertools.combinations(range(5), 2)]
    tail = [(4, 5, 1.0), (5, 6, 1.0)]

    assert peeled(clique + tail, [1.0] * 7) == ([0, 1, 2, 3, 4], pytest.approx(2.0))


def town(camouflage: int) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """Four providers with a list of thirty persons, who each also see honest patients."""
    draw = random.Random(5)  # noqa: S311
    edges = {(f"D{d}", f"M{draw.randrange(2000)}") for d in range(8) for _ in range(40)}
    edges |= {(f"R{r}", f"M{n}") for r in range(4) for n in range(30)}
    edges |= {
        (f"R{r}", f"M{draw.randrange(30, 2000)}") for r in range(4) for _ in range(camouflage)
    }
    degrees: dict[str, int] = {}
    for _, person in edges:
        degrees[person] = degrees.get(person, 0) + 1
    return sorted(edges), degrees


@pytest.mark.parametrize("camouflage", [0, 30, 90])
def test_camouflage_hides_no_row_of_the_block(camouflage: int) -> None:
    edges, degrees = town(camouflage)

    (block,) = dense_blocks(edges, degrees, 3, 8)[:1]

    assert set(block.rows) == {"R0", "R1", "R2", "R3"}
    assert {f"M{n}" for n in range(30)} <= set(block.columns)
    assert block.filled > 0.6
    assert dense_blocks(edges[::-1], degrees, 3, 8)[0] == block


def test_two_blocks_are_told_apart_and_small_ones_are_none() -> None:
    edges = [(f"A{r}", f"M{n}") for r in range(3) for n in range(10)]
    edges += [(f"B{r}", f"N{n}") for r in range(4) for n in range(10)]
    degrees = {column: 4 for _, column in edges}

    found = dense_blocks(edges, degrees, 3, 8)

    assert [block.rows for block in found] == [("B0", "B1", "B2", "B3"), ("A0", "A1", "A2")]
    assert [block.filled for block in found] == [1.0, 1.0]
    assert dense_blocks(edges, degrees, 5, 8) == []
    assert densest_block([], {}).rows == ()


def test_the_weight_of_a_column_falls_with_the_log_of_its_edges() -> None:
    assert column_weight(0) == pytest.approx(1 / math.log(5))
    assert column_weight(95) == pytest.approx(1 / math.log(100))
