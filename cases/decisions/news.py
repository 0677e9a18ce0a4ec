"""What a run found on a decided case that the run it was decided on had not.

Rows of evidence are compared by table and key, findings by their detector: a finding's own id
changes with the period, although what it says may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from cases.reading import attach_runs
from claims.lake import Lake

NAMED = 3

NEW = """
with found as (
    select f.run_id, f.finding_id, f.detector, a.case_id, a.decided_run
    from findings f join asked a on md5(f.subject_type || '|' || f.subject_id) = a.case_id
    where f.run_id in ($run, a.decided_run)
        and not exists (from muted m where m.case_id = a.case_id and m.detector = f.detector)
), rows as (
    select f.case_id, f.run_id = f.decided_run as known, e.table_name, e.row_key,
        max(e.amount) as amount
    from found f join evidence e on e.run_id = f.run_id and e.finding_id = f.finding_id
    where coalesce(e.role, 'flagged') = 'flagged' group by all
), new_rows as (
    select case_id, table_name, count(*) as n, coalesce(sum(amount), 0) as amount
    from (from rows where not known) r
    anti join (from rows where known) k using (case_id, table_name, row_key)
    group by all
), new_detectors as (
    select distinct case_id, detector from (from found where run_id = $run) f
    anti join (from found where run_id = decided_run) k using (case_id, detector)
)
select case_id,
    (select list({table_name: table_name, n: n, amount: amount} order by table_name)
        from new_rows r where r.case_id = a.case_id) as rows,
    (select list(detector order by detector)
        from new_detectors d where d.case_id = a.case_id) as detectors,
    exists (from found f where f.case_id = a.case_id and f.run_id = a.decided_run) as compared
from asked a order by case_id
"""
ASKED = pa.schema([("case_id", pa.string()), ("decided_run", pa.string())])
MUTED = pa.schema([("case_id", pa.string()), ("detector", pa.string())])


@dataclass(frozen=True)
class News:
    """New evidence on a case.

    Args:
        findings: detectors that found something and had not.
        rows: flagged detail rows that were not named; ``amount`` at stake on them.
        sentence: what is new, in words.
    """

    findings: int
    rows: int
    amount: Decimal
    sentence: str


def new_evidence(lake: Lake, case_id: str, decided_run: str, run: str) -> News | None:
    """What a run has on a case that the run it was decided on had not; ``None`` where nothing."""
    return news_of(lake, {case_id: decided_run}, run).get(case_id)


def news_of(
    lake: Lake,
    decided: Mapping[str, str],
    run: str,
    muted: Iterable[tuple[str, str]] = (),
) -> dict[str, News]:
    """By case, what is new; cases without news are left out. One query for all.

    Args:
        decided: by case, the run it was decided on; one that the lake no longer has leaves all of
            the case's evidence new.
        run: the run to compare, succeeded or not.
        muted: cases and detectors whose findings on them are suppressed.
    """
    earlier = {case: before for case, before in decided.items() if before != run}
    asked = [{"case_id": case, "decided_run": before} for case, before in earlier.items()]
    if not asked:
        return {}
    pairs = [{"case_id": case, "detector": detector} for case, detector in muted]
    with duckdb.connect() as connection:
        attach_runs(connection, lake, sorted({run, *earlier.values()}), "findings", "evidence")
        connection.register("asked", pa.Table.from_pylist(asked, schema=ASKED))
        connection.register("muted", pa.Table.from_pylist(pairs, schema=MUTED))
        found = connection.sql(NEW, params={"run": run}).to_arrow_table().to_pylist()
    return {row["case_id"]: _news(row) for row in found if row["rows"] or row["detectors"]}


def _news(row: Mapping[str, Any]) -> News:
    tables, detectors = row["rows"] or [], row["detectors"] or []
    told = [
        f"{part['n']:,} {part['table_name'].replace('_', ' ')} worth {part['amount']:,.2f}"
        for part in tables
    ]
    if detectors:
        more = f" and {len(detectors) - NAMED} more" if len(detectors) > NAMED else ""
        told.append(f"found for the first time by {', '.join(detectors[:NAMED])}{more}")
    since = "New since the decision" if row["compared"] else "The decided run is gone; found now"
    return News(
        len(detectors),
        sum(part["n"] for part in tables),
        sum((part["amount"] for part in tables), Decimal(0)),
        f"{since}: {'; '.join(told)}.",
    )
