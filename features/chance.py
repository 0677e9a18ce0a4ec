"""How often two subjects would share persons by chance, given both volumes and where persons live.

Persons are drawn, within each area, as a hypergeometric draw would: of the ``N`` persons of an
area, ``n_a`` go to A and ``n_b`` to B, so ``n_a * n_b / N`` are expected at both, and the sum over
areas is the expected count. Two country doctors share their village by geography, and their
expected count says so. The tail is the hypergeometric one of a population that gives this very
expectation; q-values are those of Benjamini and Hochberg (1995).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy.stats import hypergeom

from features.expected_pairs import expected_pairs

COUNT_DDL = "part string, a string, b string, stratum string, parent string, n bigint"
LINK_DDL = (
    "a string, b string, observed bigint, expected double, ratio double, a_total bigint, "
    "b_total bigint, a_base bigint, p_value double, q_value double"
)
LINK_SCHEMA = pa.schema(
    [
        ("a", pa.string()),
        ("b", pa.string()),
        ("observed", pa.int64()),
        ("expected", pa.float64()),
        ("ratio", pa.float64()),
        ("a_total", pa.int64()),
        ("b_total", pa.int64()),
        ("a_base", pa.int64()),
        ("p_value", pa.float64()),
        ("q_value", pa.float64()),
    ]
)

# Persons by home: postal code, and the wider area for codes in which few live.
HOMES = """
create temp table homes as
select m.person_id, coalesce(nullif(trim(m.postal_code), ''), '') as stratum,
  coalesce(a.area, left(trim(m.postal_code), 2), '') as parent
from members m left join (
  select postal_code, min(area) as area from areas group by postal_code
) a on trim(m.postal_code) = a.postal_code
"""
HOME_TABLES: dict[str, tuple[str, ...]] = {
    "members": ("person_id", "postal_code"),
    "areas": ("postal_code", "area"),
}


@dataclass(frozen=True)
class ChanceTest:
    """From where on sharing persons is more than chance.

    Args:
        least_joint: persons shared, at least.
        least_ratio: observed over expected, at least.
        least_share: shared persons over those of ``share_of``, at least (0 to 1).
        share_of: the subject with fewer persons, or the left one.
        false_discovery: share of false links admitted among those kept.
        least_stratum: postal codes with fewer persons are taken with their wider area.
    """

    least_joint: int = 8
    least_ratio: float = 5.0
    least_share: float = 0.1
    share_of: Literal["smaller", "left"] = "smaller"
    false_discovery: float = 0.001
    least_stratum: int = 50


def summed(counts: DataFrame, least_joint: int) -> DataFrame:
    """Counts of buckets added up; joint counts below the least are dropped at once."""
    keys = ["part", "a", "b", "stratum", "parent"]
    added = counts.groupBy(*keys).agg(F.sum("n").alias("n"))
    return added.where((F.col("part") != "joint") | (F.col("n") >= least_joint))


def sharing_enough(joint: DataFrame, totals: DataFrame, test: ChanceTest) -> DataFrame:
    """Joint counts without the pairs that share too few persons to be looked at.

    Where a person makes at most ``k`` pairs with a subject, at most ``k / least_share`` pairs of
    the smaller subject are left: what :func:`beyond_chance` judges in one task then grows with the
    subjects, not with their square.

    Args:
        joint: ``COUNT_DDL``, of part ``joint``.
        totals: ``subject`` and ``total``, its persons, whichever side it stands on.
    """
    left, right = (
        totals.select(F.col("subject").alias(end), F.col("total").alias(f"{end}_total"))
        for end in ("a", "b")
    )
    of = F.least("a_total", "b_total") if test.share_of == "smaller" else F.col("a_total")
    return (
        joint.join(left, "a", how="inner")
        .join(right, "b", how="inner")
        .where((F.col("n") >= test.least_joint) & (F.col("n") >= test.least_share * of))
        .select(*joint.columns)
    )


def beyond_chance(counts: DataFrame, test: ChanceTest) -> DataFrame:
    """Pairs that share more persons than volumes and geography explain.

    Args:
        counts: ``COUNT_DDL``, one row a key: ``part`` is ``all`` (persons by home), ``left`` (of
            ``a`` by home), ``right`` (of ``b`` by home), ``joint`` (of ``a`` and ``b``) or ``base``
            (persons of ``a`` whether or not they took part).

    Returns:
        ``LINK_DDL``, one row a pair kept; lazy, computed in one task.
    """

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = list(batches)
        if rows:
            kept = links_of(pa.Table.from_batches(rows), test)
            yield from pa.Table.from_pandas(kept, LINK_SCHEMA, preserve_index=False).to_batches()

    return counts.repartition(1).mapInArrow(work, LINK_DDL)


def links_of(counts: pa.Table, test: ChanceTest) -> pd.DataFrame:
    """What :func:`beyond_chance` keeps, of counts at hand."""
    pairs, tests = expected_pairs(
        counts, test.least_stratum, test.least_joint, test.least_share, test.share_of == "smaller"
    )
    pairs = pairs[pairs["expected"] > 0]
    pairs = pairs.assign(ratio=pairs["observed"] / pairs["expected"], tests=tests)
    kept = pairs[pairs["ratio"] >= test.least_ratio].reset_index(drop=True)
    return judged(kept, test.false_discovery)


def judged(pairs: pd.DataFrame, false_discovery: float) -> pd.DataFrame:
    """Pairs with their p- and q-values, kept up to the false discovery rate.

    Args:
        pairs: ``observed``, ``expected``, ``a_total``, ``b_total`` and ``tests``, the number of
            pairs that could have been formed; pairs not listed only make the q-values larger.
    """
    a, b = pairs["a_total"].to_numpy(np.int64), pairs["b_total"].to_numpy(np.int64)
    expected = pairs["expected"].to_numpy(np.float64)
    population = np.maximum(np.floor(a * b / expected), np.maximum(a, b)).astype(np.int64)
    p_value = hypergeom.sf(pairs["observed"].to_numpy(np.int64) - 1, population, a, b)
    tests = int(pairs["tests"].iloc[0]) if len(pairs) else 0
    judged = pairs.assign(p_value=p_value, q_value=q_values(p_value, tests))
    for name in ("expected", "ratio"):
        judged[name] = judged[name].round(9)
    return judged[judged.q_value < false_discovery].drop(columns="tests")


def q_values(p_values: npt.NDArray[np.float64], tests: int) -> npt.NDArray[np.float64]:
    """Benjamini and Hochberg's q-values of the smallest p-values among a number of tests."""
    order = np.argsort(p_values, kind="stable")
    raw = p_values[order] * tests / np.arange(1, len(order) + 1)
    falling = np.minimum.accumulate(raw[::-1])[::-1]
    found = np.empty_like(falling)
    found[order] = np.minimum(falling, 1.0)
    return found
