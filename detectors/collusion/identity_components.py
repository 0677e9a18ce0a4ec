"""Inside a component of subjects and shared values: relatives folded together, rings told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import igraph
import pandas as pd

KIN = "kin"
COLUMNS = ("component", "subject_type", "subject_id", "kind", "value")


def independent_units(subjects: Iterable[str], kin: pd.DataFrame) -> dict[str, str]:
    """The family or organisation of each subject: the least subject it is tied to by kin groups.

    Args:
        kin: columns ``subject`` and ``value`` (the kin group).
    """
    ties = [
        (subject, f"kin {group}") for subject, group in zip(kin.subject, kin.value, strict=True)
    ]
    graph = igraph.Graph()
    graph.add_vertices(sorted({*subjects, *(node for tie in ties for node in tie)}))
    graph.add_edges(ties)
    names = graph.vs["name"]
    known = set(subjects)
    unit: dict[str, str] = {}
    for part in graph.connected_components():
        members = sorted(names[index] for index in part if names[index] in known)
        unit.update(dict.fromkeys(members, members[0] if members else ""))
    return unit


def identity_rings(
    rows: pd.DataFrame, weights: Mapping[str, float], least_units: int, least_score: float
) -> list[dict[str, Any]]:
    """Rings of one component.

    A value that ``u`` unrelated units share speaks with ``weight * (1 - 2 ** (1 - u))``; values
    add as independent hints do (noisy or).

    Args:
        rows: ``subject_type``, ``subject_id``, ``kind`` (``kin`` for kin groups), ``value``.
        weights: by kind, how strongly many strangers on one value speak (0 to 1).

    Returns:
        A ring each: ``score``, ``units``, ``subjects`` [(type, id, role)] and ``links``
        [{kind, value, units, subjects}], strongest first.
    """
    rows = rows.assign(subject=rows.subject_type + ":" + rows.subject_id).sort_values(
        ["kind", "value", "subject"]
    )
    held = rows[rows.kind.isin(list(weights))]
    unit = independent_units(sorted(set(held.subject)), rows[rows.kind == KIN])
    links: list[dict[str, Any]] = []
    for (kind, value), holders in held.groupby(["kind", "value"], sort=True):
        subjects = sorted(set(holders.subject))
        units = {unit[subject] for subject in subjects}
        if len(units) >= 2:
            strength = weights[str(kind)] * (1 - 2.0 ** (1 - len(units)))
            links.append(
                {
                    "kind": str(kind),
                    "value": str(value),
                    "units": len(units),
                    "subjects": subjects,
                    "strength": strength,
                }
            )
    rings = []
    for part in _tied(links):
        units = {unit[subject] for link in part for subject in link["subjects"]}
        doubt = 1.0
        for link in part:
            doubt *= 1 - link["strength"]
        if len(units) >= least_units and 1 - doubt >= least_score:
            rings.append(_ring(part, len(units), 1 - doubt))
    return rings


def _tied(links: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Links that hang together through their subjects, strongest first."""
    names = [f"link {position}" for position in range(len(links))]
    subjects = sorted({subject for link in links for subject in link["subjects"]})
    graph = igraph.Graph()
    graph.add_vertices([*names, *subjects])
    graph.add_edges(
        [
            (name, subject)
            for name, link in zip(names, links, strict=True)
            for subject in link["subjects"]
        ]
    )
    parts = [[links[i] for i in part if i < len(links)] for part in graph.connected_components()]
    ordered = [
        sorted(part, key=lambda link: (-link["strength"], link["kind"], link["value"]))
        for part in parts
        if part
    ]
    return sorted(ordered, key=lambda part: str(part[0]["subjects"][0]))


def _ring(links: list[dict[str, Any]], units: int, score: float) -> dict[str, Any]:
    core = set(links[0]["subjects"])
    subjects = sorted({subject for link in links for subject in link["subjects"]})
    return {
        "score": score,
        "units": units,
        "subjects": [
            (*subject.split(":", 1), "core" if subject in core else "edge") for subject in subjects
        ],
        "links": [{name: link[name] for name in link if name != "strength"} for link in links],
    }
