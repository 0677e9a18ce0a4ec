"""Rings that last: a ring of this run takes the id of the ring of the run before that it goes on.

Groups of two runs are matched by the overlap of their members (Jaccard), one to one, strongest
first, from a threshold on, as Greene, Doyle and Cunningham (2010) track communities over time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from detectors.base import EarlierGroup, Inputs
from detectors.collusion.rings import Ring, digest

LEAST_OVERLAP = 0.3


def recognised(
    detector: str, rings: Sequence[Ring], inputs: Inputs, least: float = LEAST_OVERLAP
) -> list[Ring]:
    """The rings with the ids they go on under, and what joined and left since the run before.

    A ring that nothing is matched with takes the id of its members. Where nobody joined or left
    nothing is said, so that the same input gives the same rows run after run.
    """
    earlier = [group for group in inputs.earlier if group.detector == detector]
    by_member: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, group in enumerate(earlier):
        for member in group.members:
            by_member[member].append(number)
    pairs: list[tuple[float, str, str, int, int]] = []
    for index, ring in enumerate(rings):
        members = ring.members
        for number in {n for member in members for n in by_member[member]}:
            known = earlier[number].members
            overlap = len(members & known) / len(members | known)
            if overlap >= least:
                pairs.append((-overlap, ring.subject_id, earlier[number].subject_id, index, number))
    carried: dict[int, EarlierGroup] = {}
    used: set[int] = set()
    for _, _, _, index, number in sorted(pairs):
        if index not in carried and number not in used:
            carried[index] = earlier[number]
            used.add(number)
    taken = {group.subject_id for group in carried.values()}
    found = []
    for index, ring in enumerate(rings):
        if index in carried:
            found.append(_gone_on(ring, carried[index]))
            continue
        own = ring.subject_id
        while own in taken:  # the id of its members is that of another ring, which has moved on
            own = digest(f"{own}|again")
        taken.add(own)
        found.append(replace(ring, lasting_id=own))
    return found


def _gone_on(ring: Ring, before: EarlierGroup) -> Ring:
    changes = {"joined": ring.members - before.members, "left": before.members - ring.members}
    told: dict[str, Any] = {
        name: [{"subject_type": kind, "subject_id": one} for kind, one in sorted(members)]
        for name, members in changes.items()
        if members
    }
    return replace(ring, lasting_id=before.subject_id, details={**ring.details, **told})
