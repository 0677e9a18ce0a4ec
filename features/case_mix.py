"""What peers' rates let expect of a provider's own cases: indirect standardisation.

Breslow and Day, Statistical methods in cancer research II (IARC 1987), ch. 2: expected is the sum
over cells of the provider's cases times the standard population's rate, and observed by expected is
the standardised ratio. A case is a person billed for by a provider in the period, or a stay. Cells
are of one kind of provider (the specialty; where it is missing, all providers of the claim type):

1. age band × sex × diagnosis group × procedure group
2. age band × procedure group
3. procedure group
4. the kind alone

and a case takes the rate of the first that holds 30 cases of five providers, of the cases that no
finer one holds. The diagnosis group is the first character of the case's dearest diagnosis (an
ICD-10 chapter, nearly), the procedure group the first two characters of its dearest procedure, one
group for all drugs, the DRG for a stay. The standard population is all providers, the judged one
among them: the few who are alone of their kind are as expected.
"""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.bucket_views import age_band, day

ENOUGH_CASES = 30
ENOUGH_PROVIDERS = 5
MICRO, NANO = 10**6, 10**9

CELL = ("kind", "age_band", "sex", "diagnosis", "procedure")
LEVELS = (
    CELL,
    ("kind", "age_band", "procedure"),
    ("kind", "procedure"),
    ("kind",),
)
SUMS_DDL = (
    "unit string, kind string, age_band string, sex string, diagnosis string,"
    " procedure string, cases bigint, cents bigint, lines bigint, days bigint, seen bigint"
)
CASE_TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (
        "person_id",
        "claim_type",
        "billing_provider_id",
        "claim_line_start_date",
        "claim_line_end_date",
        "admission_date",
        "discharge_date",
        "drg_code",
        "procedure_code",
        "drug_code",
        "diagnosis_code_1",
        "paid_amount",
    ),
    "members": ("person_id", "sex", "birth_date"),
    "providers": ("provider_id", "specialty"),
}

_GROUP = "case when drug_code is null then left(procedure_code, 2) else 'drugs' end"


def cell_counts(start: date) -> str:
    """Statements over ``lines`` (with ``cents``), ``members`` and ``providers`` of a bucket.

    They give table ``cell_counts``: cases, cents, lines and days by provider, unit and cell.
    """
    return f"""
create temp table cases as
select 'person' as unit, billing_provider_id, person_id, null::date as admitted, count(*) as lines,
  sum(cents)::bigint as cents, 0 as days, arg_max(claim_type, (cents, claim_type)) as claim_type,
  arg_max(left(diagnosis_code_1, 1), (cents, diagnosis_code_1)) as diagnosis,
  arg_max({_GROUP}, (cents, {_GROUP})) as procedure
from lines group by billing_provider_id, person_id
union all by name
select 'stay' as unit, billing_provider_id, person_id, admission_date as admitted,
  count(*) as lines, sum(cents)::bigint as cents,
  greatest(1, max(coalesce(discharge_date, claim_line_end_date, claim_line_start_date))
    - admission_date) as days,
  max(claim_type) as claim_type,
  arg_max(left(diagnosis_code_1, 1), (cents, diagnosis_code_1)) as diagnosis,
  arg_max(coalesce(drg_code, {_GROUP}), (cents, coalesce(drg_code, {_GROUP}))) as procedure
from lines where claim_type = 'institutional' and admission_date is not null
group by billing_provider_id, person_id, admission_date;
create temp table cell_counts as
select c.billing_provider_id, c.unit, 'any ' || c.claim_type as trade,
  coalesce(p.specialty, 'any ' || c.claim_type) as kind,
  coalesce({age_band("m.birth_date", start)}, '') as age_band, coalesce(m.sex, '') as sex,
  coalesce(c.diagnosis, '') as diagnosis, coalesce(c.procedure, '') as procedure,
  count(*) as cases, sum(c.cents)::bigint as cents, sum(c.lines)::bigint as lines,
  sum(c.days)::bigint as days
from cases c left join members m on c.person_id = m.person_id
left join providers p on c.billing_provider_id = p.provider_id
group by all;
"""


# Providers are counted by linear counting (Whang et al., ACM TODS 15, 1990) over 60 bits, as bits
# add up over buckets and distinct providers do not; it never counts too many.
CELL_SUMS = f"""
with known as (
  select * exclude (trade) from cell_counts
  union all by name
  select * exclude (trade, kind), trade as kind from cell_counts where trade <> kind
)
select unit, {", ".join(CELL)}, sum(cases)::bigint as cases, sum(cents)::bigint as cents,
  sum(lines)::bigint as lines, sum(days)::bigint as days,
  bit_or(1::bigint << (hash(billing_provider_id) % 60)::int)::bigint as seen
from known group by all
"""
"""The query over ``cell_counts`` that sums a bucket's cases by cell."""

# Rates are whole, in millionths of a cent and billionths of a line or day a case, so that expected
# values sum alike in any order and over any buckets.
_RATES = f"""
  ((cents::hugeint * {MICRO} + cases // 2) // cases)::bigint as cents,
  ((lines::hugeint * {NANO} + cases // 2) // cases)::bigint as lines,
  ((days::hugeint * {NANO} + cases // 2) // cases)::bigint as days
"""


def expected_values() -> str:
    """Statements over ``cell_counts`` and ``case_rates`` that give table ``expected``.

    One row a provider: ``expected_cents`` (millionths) and ``expected_lines`` (billionths) of its
    persons, ``expected_days`` (billionths) of its stays; ``stays``, ``stay_days``
    and ``stay_cents`` as observed.
    """
    joins = " ".join(
        f"left join case_rates r{level} on r{level}.level = {level} and r{level}.unit = c.unit and "
        + " and ".join(f"r{level}.{name} = c.{name}" for name in kept)
        for level, kept in enumerate(LEVELS, start=1)
    )

    def rate(name: str) -> str:
        found = ", ".join(f"r{level}.{name}" for level in range(1, len(LEVELS) + 1))
        return f"coalesce({found}) as {name}"

    return f"""
create temp table cell_rates as
select c.*, {rate("cents")}, {rate("lines")}, {rate("days")}
from (select distinct unit, {", ".join(CELL)} from cell_counts) c {joins};
create temp table expected as
select c.billing_provider_id,
  sum(c.cases * r.cents) filter (c.unit = 'person')::bigint as expected_cents,
  sum(c.cases * r.lines) filter (c.unit = 'person')::bigint as expected_lines,
  sum(c.cases * r.days) filter (c.unit = 'stay')::bigint as expected_days,
  sum(c.cases) filter (c.unit = 'stay')::bigint as stays,
  sum(c.days) filter (c.unit = 'stay')::bigint as stay_days,
  sum(c.cents) filter (c.unit = 'stay')::bigint as stay_cents
from cell_counts c join cell_rates r
  using (unit, {", ".join(CELL)})
group by c.billing_provider_id;
"""


def case_rates(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> pa.Table:
    """The standard population's rates by cell: one pass over the buckets, collected.

    Returns:
        ``unit`` (person or stay), ``level``, the cell, and by case cents in millionths, lines and
        days in billionths.
    """
    lines = (
        "create temp table lines as select *, (paid_amount * 100)::bigint as cents"
        f" from claim_lines where claim_line_start_date between {day(start)} and {day(end)}"
    )
    program = BucketProgram(CASE_TABLES, sql(lines, cell_counts(start), CELL_SUMS), SUMS_DDL)
    sums = run_in_buckets(spark, snapshot, program).groupBy("unit", *CELL)
    added = [F.sum(name).alias(name) for name in ("cases", "cents", "lines", "days")]
    return rates_of(sums.agg(*added, F.bit_or("seen").alias("seen")).toArrow())


def rates_of(sums: pa.Table) -> pa.Table:
    """Rates from the sums by cell over all buckets.

    A coarser level pools only what the finer ones left over, so that the standard population as a
    whole is exactly as expected.
    """
    with duckdb.connect() as connection:
        connection.register("_sums", sums)
        connection.execute("create temp table left_over as select * from _sums")
        found = []
        for level, kept in enumerate(LEVELS, start=1):
            by = ("unit", *kept)
            enough = (
                f"sum(cases) >= {ENOUGH_CASES} and bit_count(bit_or(seen)) >= {ENOUGH_PROVIDERS}"
            )
            connection.execute(
                f"""create temp table level_{level} as
                select {", ".join(by)}, sum(cases) as cases, sum(cents) as cents,
                  sum(lines) as lines, sum(days) as days
                from left_over group by {", ".join(by)}
                having {enough if level < len(LEVELS) else "true"};
                delete from left_over as l where exists (select 1 from level_{level} as f
                  where {" and ".join(f"l.{name} = f.{name}" for name in by)})"""
            )
            cell = ", ".join(name if name in kept else f"'' as {name}" for name in CELL)
            found.append(f"select unit, {level} as level, {cell}, {_RATES} from level_{level}")
        return connection.sql(" union all ".join(found)).to_arrow_table()
