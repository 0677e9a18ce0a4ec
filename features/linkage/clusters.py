"""Records of one person, from links between pairs, without chains of strangers.

Two records are one person's where both are like a third: links are closed to clusters. Closing
every link would chain strangers together (a–b, b–c, c–d …), so within what hangs together records
are merged by average linkage: two groups merge only where the mean weight over all their pairs,
those not linked at all included, is high enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Clustering:
    """How links become clusters.

    Args:
        least_mean: mean match weight (bits) that two groups need to merge.
        unlinked: weight given to a pair that is no link.
        most: weight above which a link says no more, so that one strong pair cannot buy a group in.
        most_records: what hangs together and is larger is first cut at higher and higher weights,
            as n records need n² / 2 numbers.
        step: bits by which the weight is raised for that.
    """

    least_mean: float = -2.0
    unlinked: float = -4.0
    most: float = 10.0
    most_records: int = 2_000
    step: float = 2.0


def clusters(links: pd.DataFrame, how: Clustering | None = None) -> pd.DataFrame:
    """The cluster of every record that has a link.

    Args:
        links: ``a``, ``b`` and ``match_weight``; a pair once.

    Returns:
        ``record_id`` and ``cluster_id`` (the least record id of the cluster), sorted.
    """
    how = how or Clustering()
    codes, records = pd.factorize(pd.concat([links["a"], links["b"]]), sort=True)
    ends = np.asarray(codes, dtype=np.int64).reshape(2, -1)
    weights = links["match_weight"].to_numpy(dtype=np.float64)
    first = np.arange(len(records), dtype=np.int64)
    for members, kept in _parts(len(records), ends, weights, how):
        groups = _merged(members, ends[:, kept], weights[kept], how)
        # Ids are numbered in their order, so the least number is the least id.
        least = pd.Series(members).groupby(groups).transform("min")
        first[members] = least.to_numpy()
    named = pd.DataFrame({"record_id": records, "cluster_id": records[first]})
    return named.sort_values("record_id", ignore_index=True)


def _parts(
    records: int, ends: Any, weights: Numbers, how: Clustering
) -> Iterator[tuple[Labels, Labels]]:
    """Records that hang together with the numbers of their links, none larger than allowed."""
    waiting: list[tuple[Labels, Labels, float]] = [
        (np.arange(records), np.arange(len(weights)), float(weights.min(initial=0.0)))
    ]
    while waiting:
        members, links, least = waiting.pop()
        links = links[weights[links] >= least]
        place = np.searchsorted(members, ends[:, links])
        graph = coo_array((np.ones(len(links)), (place[0], place[1])), shape=(len(members),) * 2)
        _, component = connected_components(graph, directed=False)
        for group, held in _by_label(component, component[place[0]]):
            if len(group) < 2:
                continue
            if len(group) <= how.most_records:
                yield members[group], links[held]
            else:
                waiting.append((members[group], links[held], least + how.step))


def _by_label(records: Labels, links: Labels) -> Iterator[tuple[Labels, Labels]]:
    """Positions of records and of links by label, labels counted from 0."""
    last = int(records.max(initial=-1)) + 1
    by_record, by_link = np.argsort(records, kind="stable"), np.argsort(links, kind="stable")
    cuts = np.arange(1, last)
    yield from zip(
        np.split(by_record, np.searchsorted(records[by_record], cuts)),
        np.split(by_link, np.searchsorted(links[by_link], cuts)),
        strict=True,
    )


def _merged(members: Labels, ends: Any, weights: Numbers, how: Clustering) -> Labels:
    """Group number of each member, by average linkage."""
    similar = np.full((len(members),) * 2, how.unlinked)
    left, right = np.searchsorted(members, ends)
    similar[left, right] = similar[right, left] = np.clip(weights, how.unlinked, how.most)
    far = how.most - similar
    np.fill_diagonal(far, 0.0)
    tree = linkage(squareform(far, checks=False), method="average")
    return np.asarray(fcluster(tree, how.most - how.least_mean, criterion="distance"))
