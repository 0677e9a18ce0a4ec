"""Subjects in the order in which an office would open them: by a run's ranking, or by money paid.

Both rankings are one shape, so that they can be measured alike: one row a place and subject, with
several rows a place where a case stands for several subjects (a group and its members).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from cases.reading import attach_run, run_of
from claims.adjustments import net
from claims.lake import Lake

# A group's members, and those of an account, are what its findings say in details.subjects.
RANKED = """
with members as (
    select distinct c.case_id, unnest(from_json(f.details -> '$.subjects',
        '[{"subject_type": "VARCHAR", "subject_id": "VARCHAR"}]')) as member
    from case_contributions c join findings f using (finding_id)
    where f.subject_type in ('group', 'account')
        and json_type(f.details, '$.subjects') = 'ARRAY'
)
select rank as place, subject_type, subject_id from cases
union
select rank, member.subject_type, member.subject_id from cases join members using (case_id)
order by all
"""
ROWS = """
select min(c.rank) as place, e.table_name, e.row_key
from cases c join case_contributions p using (case_id) join evidence e using (finding_id)
where coalesce(e.role, 'flagged') = 'flagged'
group by e.table_name, e.row_key order by all
"""
PAID = f"""
with lines as (
    select billing_provider_id, paid_amount from claim_lines r
    where claim_line_start_date between $start and $end and {net("claim_lines")}
), payments as (
    select person_id, employer_id, paid_amount from benefit_payments r
    where period_start_date between $start and $end and {net("benefit_payments")}
), paid as (
    select 'provider' as subject_type, billing_provider_id as subject_id, paid_amount from lines
    union all select 'member', person_id, paid_amount from payments
    union all select 'employer', employer_id, paid_amount from payments
)
select row_number() over (order by sum(paid_amount) desc, subject_type, subject_id) as place,
    subject_type, subject_id
from paid where subject_id is not null
group by subject_type, subject_id order by place
"""
SHAPES = {
    "superseded": "null::varchar as table_name, null::varchar as data_source, "
    "null::varchar as superseded_id",
    "claim_lines": "null::varchar as billing_provider_id, 0 as paid_amount, "
    "null::varchar as claim_id, null::varchar as data_source, null::varchar as adjustment_type, "
    "null::varchar as claim_status, null::date as claim_line_start_date",
    "benefit_payments": "null::varchar as person_id, null::varchar as employer_id, "
    "0 as paid_amount, null::varchar as payment_id, null::varchar as data_source, "
    "null::varchar as adjustment_type, null::date as period_start_date",
}


def ranked_subjects(lake: Lake, run_id: str | None = None) -> pa.Table:
    """Subjects by the rank of their case: columns place, subject_type, subject_id.

    A group's or an account's members stand at the place of its case too.
    """
    return _of_run(lake, run_id, RANKED)


def ranked_rows(lake: Lake, run_id: str | None = None) -> pa.Table:
    """Flagged detail rows by the first case that names them: place, table_name, row_key."""
    return _of_run(lake, run_id, ROWS)


def _of_run(lake: Lake, run_id: str | None, sql: str) -> pa.Table:
    tables = ("cases", "case_contributions", "findings", "evidence")
    with duckdb.connect() as connection:
        attach_run(connection, lake, run_of(lake, run_id)["run_id"], *tables)
        return connection.sql(sql).to_arrow_table()


def subjects_by_total_paid(lake: Lake, run_id: str | None = None) -> pa.Table:
    """The plain ranking a run has to beat: place, subject_type, subject_id.

    One list by net amount within the run's period: providers by what they billed and were paid,
    members by benefits paid to them, employers by benefits paid in respect of them.
    """
    run = run_of(lake, run_id)
    versions = {table: account["version"] for table, account in run["rows"].items()}
    versions.update(run["parameters"].get("derived", {}))
    with duckdb.connect() as connection:
        for table, shape in SHAPES.items():
            if table in versions:
                lake.attach(connection, table, int(versions[table]))
            else:
                connection.execute(f'create table "{table}" as select {shape} limit 0')
        period = {"start": run["period_start_date"], "end": run["period_end_date"]}
        return connection.sql(PAID, params=period).to_arrow_table()
