"""Camouflage-resistant dense blocks of a bipartite graph, by greedy peeling with a priority queue.

After FRAUDAR (Hooi et al. 2016, KDD): the suspicion of a block is the sum of its edges' weights
over the cost of its nodes, and an edge weighs less the more edges its column has. Honest
patients that a ring's provider also sees are other columns and take nothing from the block; a
column that everybody visits says little. Peeling whatever has least weight for its cost reaches at
least half of the best density there is (Charikar 2000; Hooi et al. 2016, theorem 1).
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Edge = tuple[str, str]

# Hooi et al. (2016, section 3) damp the weights of columns with few edges by this constant.
DAMPING = 5


@dataclass(frozen=True)
class Block:
    """A dense block.

    Args:
        rows, columns: their names, sorted.
        density: sum of the weights of the block's edges over the root of rows times columns.
        filled: share of the pairs of row and column that are edges (0 to 1).
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    density: float
    filled: float


def column_weight(degree: int) -> float:
    """What an edge to a column with that many edges weighs."""
    return 1 / math.log(degree + DAMPING)


def peeled(
    edges: Sequence[tuple[int, int, float]], costs: Sequence[float]
) -> tuple[list[int], float]:
    """The densest set of nodes on the way from all of them to none, least suspicious first.

    Args:
        edges: node, other node and weight (>= 0); a pair once.
        costs: of every node (> 0).

    Returns:
        The nodes kept, ascending, and their density: weights inside over costs. Ties are peeled
        from the last node on, so that the result depends on nothing but the numbering.
    """
    beside: list[list[tuple[int, float]]] = [[] for _ in costs]
    held = [0.0] * len(costs)
    for a, b, weight in edges:
        beside[a].append((b, weight))
        beside[b].append((a, weight))
        held[a] += weight
        held[b] += weight
    total, cost = math.fsum(weight for _, _, weight in edges), math.fsum(costs)
    queue = [(held[node] / costs[node], -node) for node in range(len(costs))]
    heapq.heapify(queue)
    gone: list[int] = []
    out = [False] * len(costs)
    best, best_gone = (total / cost if costs else 0.0), 0
    while queue:
        ratio, negative = heapq.heappop(queue)
        node = -negative
        if out[node] or ratio != held[node] / costs[node]:
            continue  # an entry from before a neighbour went
        out[node] = True
        gone.append(node)
        total -= held[node]
        cost -= costs[node]
        for other, weight in beside[node]:
            if not out[other]:
                held[other] -= weight
                heapq.heappush(queue, (held[other] / costs[other], -other))
        # Rounding leaves a rest of weight on empty sets: only what is plainly denser counts.
        if len(gone) < len(costs) and total / cost > best + 1e-12:
            best, best_gone = total / cost, len(gone)
    kept = set(range(len(costs))) - set(gone[:best_gone])
    return sorted(kept), best


def densest_block(edges: Sequence[Edge], degrees: Mapping[str, int]) -> Block:
    """The densest block of rows and columns, whatever their ratio.

    Density is the weight inside over the root of rows times columns, as for directed graphs
    (Charikar 2000, section 5): with every node alike, a block of few rows and many columns would
    swallow every row that touches it. For each guess of the columns to a row (powers of two) the
    graph is peeled with costs that make both sides weigh alike at that ratio; the best one counts.

    Args:
        edges: pairs of row and column, each once.
        degrees: edges of every column in the whole graph, those outside the block included.
    """
    rows, columns = sorted({row for row, _ in edges}), sorted({column for _, column in edges})
    row_of = {row: index for index, row in enumerate(rows)}
    column_of = {column: index + len(rows) for index, column in enumerate(columns)}
    weighed = [(row_of[a], column_of[b], column_weight(degrees[b])) for a, b in sorted(edges)]
    best = Block((), (), 0.0, 0.0)
    for power in range(math.ceil(math.log2(len(columns))) + 1 if columns else 0):
        side = math.sqrt(2.0**power)
        nodes, _ = peeled(weighed, [side] * len(rows) + [1 / side] * len(columns))
        inside = set(nodes)
        held = [edge for edge in weighed if edge[0] in inside and edge[1] in inside]
        many = sum(node < len(rows) for node in nodes), sum(node >= len(rows) for node in nodes)
        possible = many[0] * many[1]
        density = math.fsum(weight for _, _, weight in held) / math.sqrt(possible or 1)
        if density > best.density + 1e-12:
            best = Block(
                tuple(rows[node] for node in nodes if node < len(rows)),
                tuple(columns[node - len(rows)] for node in nodes if node >= len(rows)),
                density,
                len(held) / possible if possible else 0.0,
            )
    return best


def dense_blocks(
    edges: Sequence[Edge], degrees: Mapping[str, int], least_rows: int, least_columns: int
) -> list[Block]:
    """Blocks one after the other, each without the rows of those before, densest searched first.

    Columns of one row are left out: they hold nothing together, and are where camouflage lies. The
    search ends at the first block that is too small; a row is in one block at most.
    """
    found: list[Block] = []
    left = sorted(edges)
    while left:
        rows_of = Counter(column for _, column in left)
        left = [edge for edge in left if rows_of[edge[1]] > 1]
        block = densest_block(left, degrees)
        if len(block.rows) < least_rows or len(block.columns) < least_columns:
            break
        found.append(block)
        taken = set(block.rows)
        left = [edge for edge in left if edge[0] not in taken]
    return found
