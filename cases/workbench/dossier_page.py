"""The page of a dossier, section by section; what a case has not is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from altair.utils import schemapi

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
    # Our own charts are tested; to validate each against the schema takes as long as to draw it.
    with schemapi.debug_mode(False):
        drawn = {
            "waterfall": charts.svg(case.waterfall()),
            **{
                name: charts.svg(chart) if chart is not None else None
                for name, chart in (
                    ("timeline", case.timeline()),
                    ("compared", case.compared()),
                    ("peers", case.peers()),
                    ("located", case.map()),
                )
            },
        }
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
        moments=len(case.moments),
        peer_groups=case.peer_groups,
        exact=bool(case.places and case.places.exact),
        tables={table: case.rows(table) for table in case.tables},
        shown=SHOWN_ROWS,
        evidence_rows=case.file.evidence_rows,
        evidence_read=len(case.file.evidence),
        unmasked_because=case.unmasked_because,
        earlier=case.earlier,
        **drawn,
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
