"""The measures of the last load, read back from the lake without a JVM."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from claims.lake import Lake
from claims.runs import runs
from expectations.report import Measures


def measures_of(lake: Lake, loads: Collection[str] = ()) -> Mapping[str, Measures]:
    """By table the measures of the newest succeeded run whose gate had no critical failure.

    Args:
        loads: run_ids of the loads to be judged. Runs that rested on just these do not count, as
            a load compared with itself would show no drift; tables that one of these loaded as a
            new baseline are left out.

    Returns:
        An empty mapping where there is no such run.
    """
    if not lake.exists("checks"):
        return {}
    found = lake.query(
        "select run_id, table_name, measures from checks where run_id not in"
        " (select run_id from checks where severity = 'critical' and status = 'fail')"
        " and measures is not null",
        "checks",
    ).to_pylist()
    kept: dict[str, dict[str, Measures]] = {}
    for row in found:
        kept.setdefault(row["run_id"], {})[row["table_name"]] = Measures.from_json(row["measures"])
    last: Mapping[str, Measures] = {}
    anew: set[str] = set()
    for run in runs(lake):
        if run["run_id"] in loads and run["parameters"].get("new_baseline"):
            anew |= set(run["rows"])
        same = bool(loads) and set(run["parameters"].get("loads", ())) == set(loads)
        if run["status"] == "succeeded" and not same:
            last = kept.get(run["run_id"], last)
    return {table: measures for table, measures in last.items() if table not in anew}
