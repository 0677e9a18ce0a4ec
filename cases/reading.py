"""Reading what a run found, without a JVM: the head of the queue, and the file of one case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from claims.errors import LakeError
from claims.lake import Lake
from claims.model import TABLES
from claims.runs import latest, runs
from claims.storage import bucket_number

Row = dict[str, Any]
Partitions = list[tuple[str, str, Any]]

QUEUE = """
select rank, case_id, subject_type, subject_id, score, suspicion, exposure, overpayment,
    expected_recovery, within_capacity, families, selection, summary
from cases order by rank limit $n
"""
CONTRIBUTIONS = """
select c.detector, c.finding_id, c.points, f.detector_version, f.score, f.overpayment,
    f.period_start_date, f.period_end_date, f.reason, f.details
from case_contributions c left join findings f using (finding_id)
where c.case_id = $case
order by c.finding_id is not null, c.points desc, f.score desc, c.finding_id
"""
EVIDENCE = """
select e.finding_id, e.table_name, e.row_key, e.amount, e.person_id, e.provider_id, e.role,
    count(*) over () as named
from evidence e semi join case_contributions c
    on c.case_id = $case and c.finding_id = e.finding_id
order by e.role = 'context', e.amount desc nulls last, e.table_name, e.row_key, e.finding_id
limit $n
"""


@dataclass(frozen=True)
class CaseFile:
    """All that a run says about one case.

    Args:
        run: the run's row, its JSON columns decoded.
        case: the case's row.
        contributions: the prior and every finding, strongest first: points, reason and details.
        evidence: rows of evidence, flagged and dearest first, cut at the limit asked for.
        evidence_rows: how many rows of evidence there are in all.
        rows: by table, the detail rows that ``evidence`` names, as the run read them, each with
            its ``row_key``.
    """

    run: Row
    case: Row
    contributions: list[Row]
    evidence: list[Row]
    evidence_rows: int
    rows: dict[str, list[Row]]


def run_of(lake: Lake, run_id: str | None = None) -> Row:
    """The row of a succeeded detection run, the latest one by default.

    Raises:
        LakeError: there is none, or the run named has not succeeded.
    """
    if run_id is None:
        return latest(lake, "run")
    for row in runs(lake):
        if (row["run_id"], row["kind"], row["status"]) == (run_id, "run", "succeeded"):
            return row
    raise LakeError(f"{lake.root}: no succeeded run {run_id}; leave it out to read the latest")


def top_cases(lake: Lake, n: int, run_id: str | None = None) -> list[Row]:
    """The first ``n`` cases in rank order: the columns of ``cases`` but run_id.

    Raises:
        LakeError: no run has succeeded.
    """
    run = run_of(lake, run_id)
    with duckdb.connect() as connection:
        attach_run(connection, lake, run["run_id"], "cases")
        return list(connection.sql(QUEUE, params={"n": n}).to_arrow_table().to_pylist())


def case_file(
    lake: Lake, case_id: str, run_id: str | None = None, evidence_limit: int = 500
) -> CaseFile:
    """One case with what made it, down to the rows of detail at the versions the run read.

    Args:
        case_id: the id, or so many of its first characters that no other case has them.
        evidence_limit: how many rows of evidence, and of detail with them, to read.

    Raises:
        LakeError: no run has succeeded, no case or several have that id, or the detail is gone.
    """
    run = run_of(lake, run_id)
    with duckdb.connect() as connection:
        attach_run(
            connection, lake, run["run_id"], "cases", "case_contributions", "findings", "evidence"
        )
        case = _one_case(connection, lake, case_id)
        asked = {"case": case["case_id"]}
        contributions = connection.sql(CONTRIBUTIONS, params=asked).to_arrow_table().to_pylist()
        named = connection.sql(EVIDENCE, params={**asked, "n": evidence_limit}).to_arrow_table()
        total = named.column("named")[0].as_py() if len(named) else 0
        evidence = named.drop_columns(["named"]).to_pylist()
    tables = sorted({row["table_name"] for row in evidence} & set(run["rows"]) & set(TABLES))
    rows = {
        table: _detail(lake, run, table, [row for row in evidence if row["table_name"] == table])
        for table in tables
    }
    return CaseFile(run, case, contributions, evidence, total, rows)


def attach_run(
    connection: duckdb.DuckDBPyConnection, lake: Lake, run_id: str, *tables: str
) -> None:
    """Make one run's rows of result tables DuckDB views; files of other runs stay closed."""
    attach_runs(connection, lake, [run_id], *tables)


def attach_runs(
    connection: duckdb.DuckDBPyConnection, lake: Lake, run_ids: Sequence[str], *tables: str
) -> None:
    """As :func:`attach_run`, for the rows of several runs."""
    for table in tables:
        _attach(connection, lake, table, [("run_id", "in", list(run_ids))])


def _attach(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    table: str,
    partitions: Partitions,
    version: int | None = None,
) -> None:
    delta = lake.delta(table, version)
    files = delta.file_uris(partitions or None)
    if not files or ("://" in lake.root and not lake.root.startswith("file://")):
        dataset = delta.to_pyarrow_dataset(partitions=partitions or None)
        connection.register(table, dataset if files else dataset.schema.empty_table())
        return
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    connection.execute(
        f'create or replace view "{table}" as select * from read_parquet([{listed}], '
        "hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"
    )


def _one_case(connection: duckdb.DuckDBPyConnection, lake: Lake, case_id: str) -> Row:
    sql = "select * exclude run_id from cases where starts_with(case_id, $case) limit 2"
    found = connection.sql(sql, params={"case": case_id}).to_arrow_table().to_pylist()
    if len(found) == 1 and case_id:
        return dict(found[0])
    if found:
        raise LakeError(f"{lake.root}: several cases begin with '{case_id}'; give the whole id")
    raise LakeError(f"{lake.root}: no case {case_id} in the run; `vigie cases` lists them")


def _detail(lake: Lake, run: Row, table: str, evidence: Sequence[Row]) -> list[Row]:
    """The rows of a table that evidence names, read from the buckets of the persons it names."""
    model = TABLES[table]
    version = int(run["rows"][table]["version"])
    persons = {row["person_id"] for row in evidence}
    narrowed = bool(model.person) and None not in persons
    key = ", ".join(f"coalesce(cast(\"{column}\" as varchar), '')" for column in model.key)
    person = f'"{model.person}" in (select unnest($persons))' if narrowed else "true"
    asked: dict[str, Any] = {"keys": sorted({row["row_key"] for row in evidence})}
    if narrowed:
        asked["persons"] = sorted(persons)
    with duckdb.connect() as connection:
        try:
            _attach(connection, lake, table, _buckets(run, persons) if narrowed else [], version)
            found = connection.sql(
                f"select concat_ws('|', {key}) as row_key, * from \"{table}\" "
                f"where {person} and row_key in (select unnest($keys)) order by row_key",
                params=asked,
            ).to_arrow_table()
        except duckdb.IOException as error:
            raise LakeError(
                f"{lake.path(table)}: version {version} was cleaned away; start another `vigie run`"
            ) from error
    return list(found.drop_columns([c for c in ("bucket",) if c in found.column_names]).to_pylist())


def _buckets(run: Row, persons: Iterable[str]) -> Partitions:
    buckets = int(run["parameters"]["layout"]["buckets"])
    return [("bucket", "in", sorted({str(bucket_number(p, buckets)) for p in persons}))]
