"""Rows of the queue as the results hold them: cases with their families, scheme and region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from cases.reading import attach_run
from claims.lake import Lake
from features.catalogue import PROFILES

# The scheme of a case: the group of rules, or the detector, that weighs most in it.
ROWS = """
with top as (select * from cases where rank <= $n),
parts as (
    select case_id, detector, split_part(detector, '.', 1) as family, points,
        case when family = 'rules' then split_part(detector, '.', 2)
            else split_part(detector, '.', 2) || ' (' || family || ')' end as scheme
    from case_contributions semi join top using (case_id) where finding_id is not null
), told as (
    select case_id, list_sort(list(distinct family) filter (points > 0)) as family_names,
        first(replace(scheme, '_', ' ') order by points desc, detector) as scheme
    from parts group by case_id
)
select top.* exclude (run_id), coalesce(family_names, []) as family_names,
    coalesce(scheme, '') as scheme, {region} as region
from top left join told using (case_id) {joins} order by rank
"""
JOIN = """
left join (select {key} as {kind}_id, region as {kind}_region from "{table}"
    semi join top on top.subject_type = '{kind}' and top.subject_id = {key}) as {kind}s
on subject_type = '{kind}' and subject_id = {kind}_id
"""
TOTALS = """
select count(*) as total, count_if(within_capacity) as within,
    coalesce(sum(expected_recovery) filter (within_capacity), 0) as recovery
from cases
"""


def told_rows(lake: Lake, run: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """The first cases of a run by rank: their own columns, family_names, scheme and region."""
    located = {
        kind: named
        for kind, named in PROFILES.items()
        if kind != "account" and named[0] in run["parameters"].get("profiles", ())
    }
    tables = [table for table, _ in located.values()]
    regions = ", ".join(f"{kind}_region" for kind in located)
    text = ROWS.format(
        region=f"coalesce({regions}, '')" if located else "''",
        joins="".join(
            JOIN.format(kind=kind, table=table, key=key) for kind, (table, key) in located.items()
        ),
    )
    with duckdb.connect() as connection:
        attach_run(connection, lake, run["run_id"], "cases", "case_contributions", *tables)
        return list(connection.sql(text, params={"n": limit}).to_arrow_table().to_pylist())


def totals_of(lake: Lake, run: Mapping[str, Any]) -> dict[str, Any]:
    """Over all cases of a run: total, within (capacity), recovery (expected within it)."""
    with duckdb.connect() as connection:
        attach_run(connection, lake, run["run_id"], "cases")
        found = connection.sql(TOTALS).to_arrow_table().to_pylist()
    return dict(found[0])
