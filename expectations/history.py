"""The measures of the last load, read back from the lake without a JVM."""

from __future__ import annotations

from collections.abc import Mapping

from claims.lake import Lake
from claims.runs import RunKind, runs
from expectations.report import Measures


def measures_of(
    lake: Lake, before_run: str | None = None, kind: RunKind | None = None
) -> Mapping[str, Measures]:
    """By table the measures of the newest succeeded run whose gate had no critical failure.

    Args:
        before_run: only runs that began before this one count; nothing means all.
        kind: only runs of this kind count, so that loads are compared with loads.

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
    for run in runs(lake):
        if run["run_id"] == before_run:
            break
        if run["status"] == "succeeded" and kind in (None, run["kind"]):
            last = kept.get(run["run_id"], last)
    return last
