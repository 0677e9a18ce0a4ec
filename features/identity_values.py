"""Identifying values that subjects hold: who is on file with, or is paid to, which account.

One row says that a subject holds a value: a member's account, phone, e-mail, national id, address
and cards; a provider's and an employer's account, phone, address and tax id; the accounts that
payments of the period went to although they are not on file; other members' cards that were read
for a member; and the card readers (devices) that a provider's lines name. Values are normalised
before they are compared, and placeholders are left out.
"""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from claims.model import TABLES
from claims.runs import Snapshot
from features.addresses import normalised_address

KINDS = ("account", "phone", "email", "address", "national_id", "tax_id", "card", "device")

VALUE_DDL = (
    "subject_type string, subject_id string, kind string, value string, unit string, "
    "source string, start_date date, end_date date"
)
_COLUMNS = "subject_type, subject_id, kind, value, unit, source, start_date, end_date"

# Benefits that an employer who kept paying the wage may lawfully receive in the worker's stead.
ADVANCED_BENEFITS = ("sick_leave", "work_accident", "maternity")

_HELD = {
    "members": {
        "bank_account_id": "account",
        "phone": "phone",
        "email": "email",
        "national_id": "national_id",
        "address": "address",
    },
    "providers": {
        "bank_account_id": "account",
        "phone": "phone",
        "tax_id": "tax_id",
        "address": "address",
    },
    "employers": {
        "bank_account_id": "account",
        "phone": "phone",
        "tax_id": "tax_id",
        "address": "address",
    },
}
# The family or the organisation a subject is counted with, before its relatives are known.
_UNITS = {
    "members": "coalesce('household:' || household_id, 'member:' || person_id)",
    "providers": "'provider:' || coalesce(organisation_id, provider_id)",
    "employers": "'employer:' || employer_id",
}
_IDS = {"members": "person_id", "providers": "provider_id", "employers": "employer_id"}


def normalised(kind: str, column: str) -> str:
    """The DuckDB expression under which two values of a kind are the same.

    Phones compare by their last nine digits (country prefixes differ in form), addresses in short
    form (``features.addresses``) together with the postal code.
    """
    if kind == "phone":
        digits = f"regexp_replace({column}, '[^0-9]', '', 'g')"
        return f"case when length({digits}) >= 6 then right({digits}, 9) end"
    if kind == "email":
        return f"case when contains({column}, '@') then lower(trim({column})) end"
    if kind == "address":
        return f"{normalised_address(column)} || ', ' || coalesce(trim(postal_code), '')"
    return f"nullif(trim({column}), '')"


def _on_file(table: str) -> str:
    held = [
        f"select '{table[:-1]}' as subject_type, {_IDS[table]} as subject_id, '{kind}' as kind, "
        f"{normalised(kind, column)} as value, {_UNITS[table]} as unit, 'on_file' as source, "
        "cast(null as date) as start_date, cast(null as date) as end_date "
        f"from {table} where not {placeholder_sql(column)}"
        for column, kind in _HELD[table].items()
    ]
    return " union all ".join(held)


_HOLDERS = f"""
select 'member' as subject_type, c.person_id as subject_id, 'card' as kind,
  trim(c.card_id) as value,
  coalesce('household:' || m.household_id, 'member:' || c.person_id) as unit, 'on_file' as source,
  c.issued_date as start_date, coalesce(c.cancelled_date, c.expiry_date) as end_date
from cards c left join members m on c.person_id = m.person_id
where not {placeholder_sql("c.card_id")} and not {placeholder_sql("c.person_id")}
"""


def _paid(start: date, end: date) -> str:
    """Accounts of the period's payments that neither side has on file."""
    advanced = ", ".join(f"'{name}'" for name in ADVANCED_BENEFITS)
    return f"""
with benefits as (
  select 'member' as subject_type, b.person_id as subject_id, 'account' as kind,
    trim(b.bank_account_id) as value, 'benefit' as source,
    min(b.period_start_date) as start_date, max(b.period_start_date) as end_date
  from benefit_payments b
  left join employers e on b.employer_id = e.employer_id
  where b.period_start_date between date '{start}' and date '{end}'
    and not {placeholder_sql("b.bank_account_id")}
    and not coalesce(b.benefit_type in ({advanced})
      and trim(b.bank_account_id) = trim(e.bank_account_id), false)
  group by all
), payees as (
  select l.person_id, l.billing_provider_id, trim(l.payee_account_id) as value,
    min(l.claim_line_start_date) as start_date, max(l.claim_line_start_date) as end_date
  from claim_lines l
  left join members m on l.person_id = m.person_id
  left join providers p on l.billing_provider_id = p.provider_id
  left join providers o on p.organisation_id = o.provider_id
  where l.claim_line_start_date between date '{start}' and date '{end}'
    and not {placeholder_sql("l.payee_account_id")}
    and trim(l.payee_account_id) is distinct from trim(m.bank_account_id)
    and trim(l.payee_account_id) is distinct from trim(p.bank_account_id)
    and trim(l.payee_account_id) is distinct from trim(o.bank_account_id)
  group by all
), readers as (
  select billing_provider_id, trim(terminal_id) as value,
    min(claim_line_start_date) as start_date, max(claim_line_start_date) as end_date
  from claim_lines
  where claim_line_start_date between date '{start}' and date '{end}'
    and not {placeholder_sql("terminal_id")}
  group by all
), borrowed as (
  select l.person_id, trim(l.card_id) as value,
    min(l.claim_line_start_date) as start_date, max(l.claim_line_start_date) as end_date
  from claim_lines l anti join cards c on l.card_id = c.card_id and l.person_id = c.person_id
  where l.claim_line_start_date between date '{start}' and date '{end}'
    and not {placeholder_sql("l.card_id")}
  group by all
), paid as (
  select * from benefits
  union all
  select 'member', person_id, 'account', value, 'payee', min(start_date), max(end_date)
  from payees group by all
  union all
  select 'provider', billing_provider_id, 'account', value, 'payee', min(start_date), max(end_date)
  from payees group by all
  union all select 'provider', billing_provider_id, 'device', value, 'use', start_date, end_date
  from readers
  union all select 'member', person_id, 'card', value, 'use', start_date, end_date from borrowed
)
select paid.subject_type, paid.subject_id, paid.kind, paid.value,
  case when paid.subject_type = 'member' then {_UNITS["members"].replace("person_id", "subject_id")}
    else 'provider:' || coalesce(p.organisation_id, subject_id) end as unit, paid.source,
  paid.start_date, paid.end_date
from paid
left join members m on paid.subject_type = 'member' and paid.subject_id = m.person_id
left join providers p on paid.subject_type = 'provider' and paid.subject_id = p.provider_id
where not {placeholder_sql("paid.subject_id")}
"""


def identity_values(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> DataFrame:
    """Who holds which identifying value, one row a subject, kind, value and source.

    Args:
        start: first day of the payments looked at.
        end: their last day, included.

    Returns:
        ``subject_type`` (``member``, ``provider`` or ``employer``), ``subject_id``, ``kind`` (one
        of ``KINDS``), ``value`` (normalised), ``unit`` (the household or organisation the subject
        is counted with), ``source``: ``on_file``, ``benefit`` (a benefit was paid there), or
        ``payee`` (claim lines were paid there, and neither side has the account on file: such an
        account appears with the line's member and with its provider, see ``owners_of_payees``), or
        ``use`` (a card that is another's, or unknown, was read for the member; the provider's lines
        name the reader); ``start_date`` and ``end_date``: first and last payment or use in the
        period, a card's issue and end, null for other values on file.
    """
    program = BucketProgram(
        tables={
            "members": (
                "person_id",
                "household_id",
                "bank_account_id",
                "phone",
                "email",
                "national_id",
                "address",
                "postal_code",
            ),
            "benefit_payments": (
                "person_id",
                "bank_account_id",
                "benefit_type",
                "employer_id",
                "period_start_date",
            ),
            "claim_lines": (
                "person_id",
                "billing_provider_id",
                "payee_account_id",
                "claim_line_start_date",
                "card_id",
                "terminal_id",
            ),
            "cards": ("card_id", "person_id", "issued_date", "expiry_date", "cancelled_date"),
            "providers": ("provider_id", "organisation_id", "bank_account_id"),
            "employers": ("employer_id", "bank_account_id"),
        },
        evaluate=sql(
            f"create temp table paid_values as {_paid(start, end)}",
            f"select {_COLUMNS} from ({_on_file('members')}) where value is not null"
            f" union all select {_COLUMNS} from paid_values"
            f" union all select {_COLUMNS} from ({_HOLDERS})",
        ),
        schema=VALUE_DDL,
    )
    held = run_in_buckets(spark, snapshot, program)
    for table in ("providers", "employers"):
        if snapshot.has(table):
            rows = rows_of(
                snapshot,
                f"select {_COLUMNS} from ({_on_file(table)}) where value is not null order by all",
                table,
            )
            held = held.unionByName(spark.createDataFrame(rows, VALUE_DDL))
    return held


def rows_of(snapshot: Snapshot, query: str, *tables: str) -> pa.Table:
    """DuckDB's answer over whole tables of the snapshot that have no person; absent ones are empty.

    Meant for dimensions (providers, employers, affiliations), which fit a driver.
    """
    with duckdb.connect() as connection:
        for table in tables:
            if snapshot.has(table):
                snapshot.lake.attach(connection, table, snapshot.versions[table])
            else:
                types = TABLES[table].ddl.replace("timestamp_ntz", "timestamp")
                connection.execute(f"create table {table} ({types})")
        return connection.sql(query).to_arrow_table()
