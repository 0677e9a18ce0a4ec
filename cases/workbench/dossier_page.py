"""The page of a dossier, section by section; what a case has not is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cases.workbench import charts
from cases.workbench.currency import currency
from cases.workbench.network.graph import TABLE_ROWS
from cases.workbench.pages import fragment

if TYPE_CHECKING:
    from cases.workbench.dossier import Dossier

SHOWN_ROWS = 25


def dossier_page(case: Dossier, network: bool = True) -> str:
    """The dossier as HTML that runs nothing and asks for nothing.

    Args:
        network: with the network; a panel shows it in a tab of its own.
    """
    timeline, compared, peers = case.timeline(), case.compared(), case.peers()
    located = case.map()
    return fragment(
        "dossier.html",
        case=case.file.case,
        run=case.file.run,
        currency=currency(case.file.run),
        lead=case.lead,
        who=case.who,
        reasons=case.reasons,
        explanations=case.innocent_explanations,
        rules=case.rules,
        waterfall=charts.svg(case.waterfall()),
        timeline=timeline and charts.svg(timeline),
        moments=len(case.moments),
        compared=compared and charts.svg(compared),
        peers=peers and charts.svg(peers),
        peer_groups=case.peer_groups,
        located=located and charts.svg(located),
        exact=bool(case.places and case.places.exact),
        tables={table: case.rows(table) for table in case.tables},
        shown=SHOWN_ROWS,
        evidence_rows=case.file.evidence_rows,
        evidence_read=len(case.file.evidence),
        unmasked_because=case.unmasked_because,
        earlier=case.earlier,
        **_decisions(case),
        **_network(case, network),
    )


def _decisions(case: Dossier) -> dict[str, Any]:
    if case.store is None:
        return {"state": None, "acts": [], "recovered": []}
    return {
        "state": case.state,
        "acts": case.store.history(case.case_id),
        "recovered": case.store.recoveries(case.case_id),
    }


def _network(case: Dossier, wanted: bool) -> dict[str, Any]:
    if not wanted:
        return {"net": None}
    net = case.network()
    table = net.table()
    return {
        "net": net.svg() if len(net.nodes) > 1 else "",
        "table": table.head(TABLE_ROWS),
        "links": len(table),
        "nodes": len(net.nodes),
    }
