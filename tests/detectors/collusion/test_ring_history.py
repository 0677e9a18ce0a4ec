"""A ring goes on under its first id, says who joined and left, and ids never collide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast

from claims.runs import Snapshot
from detectors.base import EarlierGroup, Inputs
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import Ring

NAME = "collusion.made"


def ring(*providers: str) -> Ring:
    return Ring(tuple(("provider", one, "core") for one in providers), 0.5, 0.1, "why", "if")


def inputs(*earlier: EarlierGroup) -> Inputs:
    nothing = cast("Any", None)
    return Inputs(nothing, cast("Snapshot", nothing), date.min, date.max, earlier=earlier)


def seen(found: Ring, detector: str = NAME) -> EarlierGroup:
    return EarlierGroup(detector, found.subject_id, found.members)


def test_the_same_members_give_the_same_row_run_after_run() -> None:
    first = recognised(NAME, [ring("a", "b", "c")], inputs())
    again = recognised(NAME, [ring("c", "b", "a")], inputs(seen(first[0])))

    assert first[0].subject_id == ring("a", "b", "c").subject_id == again[0].subject_id
    assert first[0].details == again[0].details == {}


def test_a_changed_ring_keeps_its_id_and_tells_the_change() -> None:
    first = ring("a", "b", "c")

    (now,) = recognised(NAME, [ring("b", "c", "d")], inputs(seen(first)))

    assert now.subject_id == first.subject_id
    assert now.details["joined"] == [{"subject_type": "provider", "subject_id": "d"}]
    assert now.details["left"] == [{"subject_type": "provider", "subject_id": "a"}]
    (further,) = recognised(NAME, [ring("c", "d", "e")], inputs(seen(now)))
    assert further.subject_id == first.subject_id


def test_of_two_halves_the_larger_goes_on_and_no_id_is_given_twice() -> None:
    whole = ring("a", "b", "c", "d", "e")
    rings = [ring("d", "e"), ring("a", "b", "c")]

    small, large = recognised(NAME, rings, inputs(seen(whole)))

    assert large.subject_id == whole.subject_id
    assert small.subject_id == ring("d", "e").subject_id

    # The ring moved on from a, b, c; then exactly a, b, c appear beside it.
    moved = replace(ring("c", "d", "e", "f"), lasting_id=ring("a", "b", "c").subject_id)
    on, new = recognised(NAME, [ring("c", "d", "e", "f"), ring("a", "b", "c")], inputs(seen(moved)))
    assert on.subject_id == ring("a", "b", "c").subject_id
    assert new.subject_id not in (on.subject_id, "")


def test_little_overlap_and_other_detectors_are_no_history() -> None:
    first = ring("a", "b", "c")
    other = seen(first, "collusion.other")
    far = seen(ring("a", "x", "y", "z"))

    (now,) = recognised(NAME, [ring("a", "b", "c")], inputs(other, far))

    assert now.subject_id == first.subject_id
    assert now.details == {}
