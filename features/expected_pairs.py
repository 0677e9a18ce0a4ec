"""How many persons two subjects share by chance: sums over places, as products of matrices."""

from __future__ import annotations

from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy import sparse

Numbers = npt.NDArray[np.float64]

# Subjects and places are numbered in their order, so that sums run the same way each time.
_COUNTED = (
    """
create temp table named as
with living as (
  select stratum, parent, sum(n) as n from counts where part = 'all' group by all
)
select stratum, parent, case when n >= {least_stratum} then 'code ' || stratum
  else 'area ' || parent end as place, n
from living
""",
    """
create temp table places as
select place, sum(n)::double as persons, row_number() over (order by place) - 1 as number
from named group by place
""",
    """
create temp table sides as
select part, coalesce(a, b) as subject, place, sum(counts.n) as n
from counts join named using (stratum, parent)
where part in ('left', 'right') group by all
""",
    """
create temp table totals as
select part, subject, sum(n)::bigint as total,
  row_number() over (partition by part order by subject) - 1 as number
from sides group by part, subject
""",
)
_JOINT = """
select j.a, j.b, j.n as observed, l.total as a_total, r.total as b_total,
  l.number as a_number, r.number as b_number, base.a_base
from counts j
join totals l on l.part = 'left' and l.subject = j.a
join totals r on r.part = 'right' and r.subject = j.b
left join (
  select a, sum(n)::bigint as a_base from counts where part = 'base' group by a
) base on base.a = j.a
where j.part = 'joint' and j.n >= {least_joint} and j.n >= {least_share} * {denominator}
order by j.a, j.b
"""
_SIDE = """
select t.number as subject, p.number as place, s.n::double as n, p.persons
from sides s join totals t using (part, subject) join places p using (place)
where part = $part order by all
"""
PAIRS_AT_ONCE = 50_000


def expected_pairs(
    counts: pa.Table, least_stratum: int, least_joint: int, least_share: float, of_smaller: bool
) -> tuple[pd.DataFrame, int]:
    """Pairs that share enough persons, with the number expected at both.

    Args:
        counts: as ``features.chance.beyond_chance`` takes them.
        least_stratum: postal codes with fewer persons are taken with their wider area.
        least_joint: persons shared, at least.
        least_share: shared persons over those of the smaller subject, or of ``a``, at least.
        of_smaller: which of the two.

    Returns:
        ``a``, ``b``, ``observed``, ``a_total``, ``b_total``, ``a_base`` and ``expected`` (the sum
        over places of ``n_a * n_b / N``), in order of a and b; and how many pairs there could be.
    """
    asked = _JOINT.format(
        least_joint=least_joint,
        least_share=least_share,
        denominator="least(l.total, r.total)" if of_smaller else "l.total",
    )
    # What goes beyond memory is spilled beside other temporary files, not where the task stands.
    with (
        TemporaryDirectory(prefix="vigie-pairs-") as spill,
        duckdb.connect(
            config={"threads": 1, "memory_limit": "2GB", "temp_directory": spill}
        ) as connection,
    ):
        connection.register("counts", counts)
        for statement in _COUNTED:
            connection.execute(statement.format(least_stratum=least_stratum))
        pairs = connection.sql(asked).df()
        expected = _expected(connection, pairs)
        tests = connection.sql(
            "select count_if(part = 'left') * count_if(part = 'right') from totals"
        ).fetchall()
    found = pairs.drop(columns=["a_number", "b_number"]).assign(expected=expected)
    return found, int(tests[0][0])


def _expected(connection: duckdb.DuckDBPyConnection, pairs: pd.DataFrame) -> Numbers:
    """Persons expected at both: the sum over places of ``n_a * n_b / N``, as rows of matrices."""
    left, right = (_side(connection, part) for part in ("left", "right"))
    a, b = (pairs[f"{end}_number"].to_numpy(np.int64) for end in ("a", "b"))
    parts = []
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = slice(start, start + PAIRS_AT_ONCE)
        parts.append(np.asarray(left[a[some]].multiply(right[b[some]]).sum(axis=1)))
    return np.concatenate([part.ravel() for part in parts]) if parts else np.zeros(0)


def _side(connection: duckdb.DuckDBPyConnection, part: str) -> sparse.csr_matrix:
    """Persons by subject and place; on the right as shares of who lives there."""
    found = connection.execute(_SIDE, {"part": part}).fetchnumpy()
    size = connection.execute(
        "select (select count(*) from totals where part = $part), (select count(*) from places)",
        {"part": part},
    ).fetchall()[0]
    values = np.asarray(found["n"], np.float64)
    if part == "right":
        values = values / np.asarray(found["persons"], np.float64)
    return sparse.csr_matrix((values, (found["subject"], found["place"])), shape=size)
