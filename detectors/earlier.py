"""The groups of the last succeeded run, by which a later run knows its rings again."""

from __future__ import annotations

import json

from claims.lake import Lake
from claims.runs import runs
from detectors.base import EarlierGroup

_GROUPS = """
select detector, subject_id, details from findings
where run_id = $run and subject_type = 'group' order by detector, subject_id
"""


def earlier_run(lake: Lake) -> str | None:
    """The last succeeded run in which the detectors of groups took part, if there is any."""
    done = [
        row["run_id"]
        for row in runs(lake)
        if row["kind"] == "run"
        and row["status"] == "succeeded"
        and row["parameters"].get("only") in (None, "collusion")
    ]
    return done[-1] if done else None


def earlier_groups(lake: Lake, run_id: str | None) -> tuple[EarlierGroup, ...]:
    """The groups that a run found, with all members their findings name."""
    if run_id is None or not lake.exists("findings"):
        return ()
    rows = lake.query(_GROUPS, "findings", run=run_id).to_pylist()
    return tuple(
        EarlierGroup(
            row["detector"],
            row["subject_id"],
            frozenset(
                (one["subject_type"], one["subject_id"])
                for one in json.loads(row["details"] or "{}").get("subjects", ())
            ),
        )
        for row in rows
    )
