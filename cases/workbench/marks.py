"""The network of a case, with those marked who are excluded, confirmed, or have a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from cases.fusion import case_id
from cases.reading import attach_run
from cases.workbench.network.graph import Network, network
from cases.workbench.network.links import Links, Node

if TYPE_CHECKING:
    from cases.workbench.dossier import Dossier

CONFIRMED = "substantiated"


def marked(case: Dossier) -> Network:
    """The network around a case's subjects."""
    links = Links(case.lake, case.file.run)
    unmasked = bool(case.unmasked_because)
    return network(links, _centre(case), lambda nodes: _marks(case, nodes), unmasked)


def _centre(case: Dossier) -> list[Node]:
    """The case's subjects, a group's members; of a claim, who gave and who had the service."""
    who = [node for node in case.subjects if node[0] not in ("group", "claim")]
    if who:
        return who
    named = [("provider", row["provider_id"]) for row in case.file.evidence]
    named += [("member", row["person_id"]) for row in case.file.evidence]
    return list(dict.fromkeys(node for node in named if node[1]))


def _marks(case: Dossier, nodes: list[Node]) -> dict[Node, str]:
    """By subject ``case 12`` (its rank), ``confirmed`` or ``excluded``: the last that holds."""
    marks: dict[Node, str] = dict(_ranked(case, nodes))
    ids = {case_id(*node): node for node in nodes}
    if case.store is not None:
        states = case.store.states(list(ids))
        marks |= {ids[i]: "confirmed" for i, s in states.items() if s.outcome == CONFIRMED}
    marks |= dict.fromkeys(_excluded(case, nodes), "excluded")
    return marks


def _ranked(case: Dossier, nodes: list[Node]) -> list[tuple[Node, str]]:
    ids = {case_id(*node): node for node in nodes}
    with duckdb.connect() as connection:
        attach_run(connection, case.lake, case.file.run["run_id"], "cases")
        found = connection.sql(
            "select case_id, rank from cases where case_id in (select unnest($ids))",
            params={"ids": list(ids)},
        ).fetchall()
    return [(ids[i], f"case {rank}") for i, rank in found]


def _excluded(case: Dossier, nodes: list[Node]) -> list[Node]:
    if "exclusions" not in case.file.run["rows"]:
        return []
    with duckdb.connect() as connection:
        version = int(case.file.run["rows"]["exclusions"]["version"])
        case.lake.attach(connection, "exclusions", version)
        found = connection.sql(
            "select distinct provider_id, person_id from exclusions "
            "where provider_id in (select unnest($ids)) or person_id in (select unnest($ids))",
            params={"ids": sorted({i for _, i in nodes})},
        ).fetchall()
    named = {("provider", p) for p, _ in found} | {("member", m) for _, m in found}
    return [node for node in nodes if node in named]
