"""What the learned order looks at: a case's findings by group, and the subject's own profile."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pandas as pd
import pyarrow as pa

from cases.reading import attach_runs
from claims.lake import Lake

PROFILES = {
    "provider": ("provider_profiles", "provider_id"),
    "member": ("member_profiles", "person_id"),
    "employer": ("employer_profiles", "employer_id"),
    "account": ("account_profiles", "account_id"),
}
NUMERIC = ("DOUBLE", "BIGINT", "INTEGER", "DECIMAL")

FOUND = """
select f.run_id, md5(f.subject_type || '|' || f.subject_id) as case_id, f.subject_type,
    f.subject_id, split_part(f.detector, '.', 1) as family,
    case when f.detector like 'rules.%' then 'rules.' || split_part(f.detector, '.', 2)
        else f.detector end as grouped,
    max(f.score) as score, count(*) as findings, cast(sum(f.overpayment) as double) as overpayment
from findings f where f.run_id in (select unnest($runs)) group by all
"""
ROWS = """
select f.run_id, md5(f.subject_type || '|' || f.subject_id) as case_id, count(*) as rows,
    cast(sum(e.amount) as double) as exposure
from findings f join evidence e on e.run_id = f.run_id and e.finding_id = f.finding_id
where f.run_id in (select unnest($runs)) and coalesce(e.role, 'flagged') = 'flagged' group by all
"""
INDEX = ["run_id", "case_id"]


def case_features(lake: Lake, run_ids: Iterable[str]) -> pd.DataFrame:
    """Features of all cases of runs, which need not have ended; one row a run and case.

    Columns: by group of detectors the strongest score (``score rules.time``); by family the number
    of findings; overpayment claimed, rows and money flagged; the subject's type; and the numbers of
    its profile (``provider paid_per_member``), null where the subject has none.
    """
    ids = sorted(set(run_ids))
    with duckdb.connect() as connection:
        attach_runs(connection, lake, ids, "findings", "evidence")
        found = connection.execute(FOUND, {"runs": ids}).df()
        rows = connection.execute(ROWS, {"runs": ids}).df().set_index(INDEX)
        if found.empty:
            return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []], names=INDEX))
        scores = found.pivot_table("score", INDEX, "grouped", "max", fill_value=0.0)
        counts = found.pivot_table("findings", INDEX, "family", "sum", fill_value=0)
        parts = [
            scores.add_prefix("score "),
            counts.add_prefix("findings "),
            found.groupby(INDEX)["overpayment"].sum().to_frame(),
            rows,
            pd.get_dummies(found.drop_duplicates(INDEX).set_index(INDEX)["subject_type"], dtype=int)
            .add_prefix("is "),
        ]  # fmt: skip
        subjects = found.drop_duplicates(INDEX)[[*INDEX, "subject_type", "subject_id"]]
        connection.register("subjects", pa.Table.from_pandas(subjects, preserve_index=False))
        profiles = [_profile(connection, lake, ids, kind) for kind in PROFILES]
        parts += [profile for profile in profiles if not profile.empty]
    return pd.concat(parts, axis=1).astype(float).sort_index(axis=0).sort_index(axis=1)


def _profile(
    connection: duckdb.DuckDBPyConnection, lake: Lake, run_ids: list[str], kind: str
) -> pd.DataFrame:
    table, key = PROFILES[kind]
    if not lake.exists(table):
        return pd.DataFrame()
    attach_runs(connection, lake, run_ids, table)
    described = connection.execute(f'describe "{table}"').fetchall()
    numbers = [name for name, sql_type, *_ in described if sql_type.startswith(NUMERIC)]
    chosen = ", ".join(f'cast(p."{name}" as double) as "{kind} {name}"' for name in numbers)
    found: pd.DataFrame = connection.execute(
        f"select s.run_id, s.case_id, {chosen} from subjects s join {table} p "
        f"on p.run_id = s.run_id and p.{key} = s.subject_id where s.subject_type = '{kind}'"
    ).df()
    return found.set_index(INDEX)
