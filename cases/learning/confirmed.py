"""Who was confirmed: the subjects of substantiated cases, from whom suspicion may spread."""

from __future__ import annotations

import json

import duckdb

from cases.decisions import Store
from cases.learning.labels import labelled
from cases.reading import attach_runs
from claims.lake import Lake

GROUPS = """
select distinct f.details from findings f
join confirmed c on f.run_id = c.run_id and f.subject_id = c.subject_id
where f.subject_type = 'group' order by 1
"""


def confirmed_subjects(
    lake: Lake, store: Store, upto: int | None = None
) -> tuple[tuple[str, str], ...]:
    """Type and id of every subject of whom the decision in force says ``substantiated``.

    Of a confirmed group those of its core count, not who merely stands at its edge.

    Args:
        upto: as the store stood after the act of that number.
    """
    labels = labelled(lake, store, upto)
    confirmed = labels[labels.success == 1]
    found = set(zip(confirmed.subject_type, confirmed.subject_id, strict=True))
    groups = confirmed[confirmed.subject_type == "group"][["run_id", "subject_id"]]
    if len(groups):
        with duckdb.connect() as connection:
            attach_runs(connection, lake, sorted(set(groups.run_id)), "findings")
            connection.register("confirmed", groups)
            for (details,) in connection.execute(GROUPS).fetchall():
                found |= {
                    (one["subject_type"], one["subject_id"])
                    for one in json.loads(details).get("subjects", ())
                    if one["role"] == "core"
                }
    return tuple(sorted(one for one in found if one[0] != "group"))
