"""How much of what was planted stands at the head of a ranking, beside the ranking by money paid.

Precision at k is the share of the first k places that hold a planted subject; money share at k is
the share of all planted money (each planted row once) whose responsible subject stands there. A
group counts when any of its members is planted, which flatters large groups; the share of money
whose very rows are named as evidence does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from cases.queues import ranked_rows, ranked_subjects, subjects_by_total_paid
from claims.errors import SourceError
from claims.lake import Lake

KS = (50, 100, 250)
LOOK_ALIKE_PLACES = 100

TRUTH_COLUMNS = {
    "scheme", "kind", "difficulty", "subject_type", "subject_id", "table_name", "row_key", "amount"
}  # fmt: skip

# A case about a claim answers for the planted lines of that claim.
RESPONSIBLE = """
create table responsible as
select kind, scheme, difficulty, subject_type, subject_id, table_name, row_key, amount from truth
union all
select distinct kind, scheme, difficulty, 'claim', regexp_replace(row_key, '\\|[^|]*$', ''),
    table_name, row_key, amount
from truth where table_name = 'claim_lines'
"""
FIRST = """
create or replace table first as
select subject_type, subject_id, min(place) as place from ranking group by all
"""
MEASURE = """
with held as (
    select distinct r.place from ranking r semi join responsible t
        on t.kind = 'planted' and t.subject_type = r.subject_type and t.subject_id = r.subject_id
), money as (
    select max(t.amount) as amount, min(f.place) as place
    from responsible t left join first f using (subject_type, subject_id)
    where t.kind = 'planted' group by t.table_name, t.row_key
)
select
    (select count(*) from held where place <= $k) / $k as precision,
    coalesce((select sum(amount) filter (where place <= $k) / nullif(sum(amount), 0)
        from money), 0) as money_share
"""
ROW_SHARE = """
with money as (
    select max(t.amount) as amount, min(n.place) as place
    from truth t left join named n using (table_name, row_key)
    where t.kind = 'planted' group by table_name, row_key
)
select coalesce(sum(amount) filter (where place <= $k) / nullif(sum(amount), 0), 0) from money
"""
SCHEMES = """
select t.scheme, t.difficulty, t.kind, count(distinct (t.subject_type, t.subject_id)) as subjects,
    count(distinct (t.subject_type, t.subject_id)) filter (where f.place <= 50) as within_50,
    count(distinct (t.subject_type, t.subject_id)) filter (where f.place <= 100) as within_100,
    min(f.place) as first_place
from truth t left join first f using (subject_type, subject_id)
group by all order by kind desc, scheme, difficulty
"""
LOOK_ALIKES = """
select count(distinct r.place) from ranking r
where r.place <= $k
    and exists (from responsible t where t.kind = 'look_alike'
        and t.subject_type = r.subject_type and t.subject_id = r.subject_id)
    and not exists (from ranking o join responsible t using (subject_type, subject_id)
        where o.place = r.place and t.kind = 'planted')
"""


@dataclass(frozen=True)
class AtK:
    """One ranking's figures over its first ``k`` places, all shares in [0, 1].

    Args:
        row_share: share of planted money whose rows are named as evidence; ``None`` where the
            ranking names no rows.
    """

    k: int
    precision: float
    money_share: float
    row_share: float | None = None


@dataclass(frozen=True)
class Scheme:
    """Where the subjects of one scheme and difficulty stand; ``kind`` tells planted from honest."""

    scheme: str
    difficulty: str
    kind: str
    subjects: int
    within_50: int
    within_100: int
    first_place: int | None


@dataclass(frozen=True)
class Ranking:
    """Figures of one ranking: at each k, by scheme, and look-alikes among the first 100."""

    at: tuple[AtK, ...]
    schemes: tuple[Scheme, ...]
    look_alikes: int


@dataclass(frozen=True)
class Evaluation:
    """The ranked cases beside the plain ranking by total paid."""

    cases: Ranking
    total_paid: Ranking


def evaluate_run(
    lake: Lake, truth: str | Path, run_id: str | None = None, ks: Sequence[int] = KS
) -> Evaluation:
    """Measure a run (the latest succeeded one by default) against a Parquet file of the truth.

    Raises:
        LakeError: no run has succeeded.
        SourceError: the truth cannot be read, or lacks a column.
    """
    subjects, named = ranked_subjects(lake, run_id), ranked_rows(lake, run_id)
    return evaluate(subjects, read_truth(truth), subjects_by_total_paid(lake, run_id), ks, named)


def read_truth(path: str | Path) -> pa.Table:
    """The truth of a population: one row a detail row and subject responsible for it.

    Raises:
        SourceError: it is no Parquet file, or lacks a column.
    """
    try:
        with duckdb.connect() as connection:
            found = connection.sql("from read_parquet($path)", params={"path": str(path)})
            table = found.to_arrow_table()
    except duckdb.Error as error:
        raise SourceError(f"{path}: not a readable Parquet file of planted schemes") from error
    missing = TRUTH_COLUMNS - set(table.column_names)
    if missing:
        raise SourceError(f"{path}: the truth lacks the column {', '.join(sorted(missing))}")
    return table


def evaluate(
    cases: pa.Table,
    truth: pa.Table,
    total_paid: pa.Table,
    ks: Sequence[int] = KS,
    evidence: pa.Table | None = None,
) -> Evaluation:
    """Measure a ranking of cases and the plain one against the truth.

    Args:
        cases, total_paid: columns place (1 is first), subject_type, subject_id.
        truth: columns scheme, kind (``planted`` or ``look_alike``), difficulty, subject_type,
            subject_id, table_name, row_key, amount.
        evidence: detail rows that the cases name: place, table_name, row_key.
    """
    return Evaluation(_measure(cases, truth, ks, evidence), _measure(total_paid, truth, ks, None))


def _measure(
    ranking: pa.Table, truth: pa.Table, ks: Sequence[int], evidence: pa.Table | None
) -> Ranking:
    with duckdb.connect() as connection:
        connection.register("ranking", ranking)
        connection.register("truth", truth)
        connection.execute(RESPONSIBLE)
        connection.execute(FIRST)
        if evidence is not None:
            connection.register("named", evidence)

        def shares(k: int) -> AtK:
            precision, money = connection.execute(MEASURE, {"k": k}).fetchall()[0]
            named = evidence is not None
            rows = connection.execute(ROW_SHARE, {"k": k}).fetchall()[0][0] if named else None
            return AtK(k, float(precision), float(money), None if rows is None else float(rows))

        schemes = tuple(Scheme(*row) for row in connection.execute(SCHEMES).fetchall())
        look_alikes = connection.execute(LOOK_ALIKES, {"k": LOOK_ALIKE_PLACES}).fetchall()[0][0]
        return Ranking(tuple(shares(k) for k in ks), schemes, int(look_alikes))
