"""What the profiles of a run cost: growth with the lines, and plain Spark SQL beside one of them.

    .venv/bin/python -m benchmarks.profiles --small 1000000 --large 10000000

Every profile is computed whole and its rows are thrown away. The plain side computes eight columns
of the provider profile, exact distincts among them, and must give the same sums before any time is
printed. Read the ratios, not the seconds.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Annotated

import typer
from pyspark.sql import DataFrame, SparkSession

from benchmarks.member_buckets import made_lake
from claims.runs import Snapshot
from claims.session import spark_session
from features.account_profiles import account_profiles
from features.catalogue import Subject, features_of
from features.employer_profiles import employer_profiles
from features.member_profiles import member_profiles
from features.provider_profiles import provider_profiles

START, END = date(2023, 1, 1), date(2024, 12, 31)

BUILDERS: dict[Subject, Callable[[SparkSession, Snapshot, date, date], DataFrame]] = {
    "provider": provider_profiles,
    "member": member_profiles,
    "employer": employer_profiles,
    "account": account_profiles,
}

# One payment for 25 lines, an employment for every second person, a household account for three.
MORE = {
    "members": """
        select concat('M', id) as person_id, if(id % 2 = 0, 'female', 'male') as sex,
            date_add(date '1940-01-01', cast(pmod(xxhash64(id, 7), 25000) as int)) as birth_date,
            concat('H', id div 3) as household_id, concat('A', id div 3) as bank_account_id,
            lpad(cast(pmod(xxhash64(id, 8), 95) as string), 5, '75') as postal_code
        from range({persons})
    """,
    "providers": """
        select concat('P', id) as provider_id, 'individual' as provider_type,
            concat('S', id % 20) as specialty, concat('AP', id) as bank_account_id,
            lpad(cast(pmod(xxhash64(id, 8), 95) as string), 5, '75') as postal_code
        from range({providers})
    """,
    "benefit_payments": """
        select concat('B', id) as payment_id,
            concat('M', pmod(xxhash64(id, 1), {persons})) as person_id,
            element_at(array('sick_leave', 'housing', 'pension', 'family'),
                1 + cast(id % 4 as int)) as benefit_type,
            concat('A', pmod(xxhash64(id, 1), {persons}) div 3) as bank_account_id,
            concat('P', pmod(xxhash64(id, 2), {providers})) as certifying_provider_id,
            date_add(date '2023-01-01', cast(pmod(xxhash64(id, 4), 730) as int))
                as period_start_date,
            cast(100 + pmod(xxhash64(id, 6), 30000) / 100 as decimal(18,2)) as paid_amount
        from range({lines} div 25)
    """,
    "employers": "select concat('E', id) as employer_id from range({providers})",
    "employments": """
        select concat('M', id * 2) as person_id,
            concat('E', pmod(xxhash64(id, 9), {providers})) as employer_id,
            date '2020-01-01' as start_date
        from range({persons} div 2)
    """,
}

PLAIN = """
with days as (
    select billing_provider_id as k, person_id, claim_line_start_date as day, count(*) as n,
        sum(paid_amount) as paid, count_if(dayofweek(claim_line_start_date) in (1, 7)) as weekend
    from claim_lines group by all
), persons as (
    select k, person_id, count(*) as days, sum(n) as n, sum(paid) as paid, sum(weekend) as weekend
    from days group by all
), totals as (
    select k, count(*) as members, sum(days) as visits, sum(n) as lines, sum(paid) as paid,
        max(paid) / sum(paid) as top_member, sum(weekend) / sum(n) as weekend
    from persons group by k
), active as (select k, count(*) as days from (select distinct k, day from days) group by k
), codes as (
    select k, max(n) / sum(n) as top_code from (
        select billing_provider_id as k, procedure_code, count(*) as n from claim_lines group by all
    ) group by k
)
select sum(members), sum(visits), sum(lines), cast(sum(paid) * 100 as bigint), sum(days),
    cast(round(sum(top_member + weekend + top_code) * 1000) as bigint)
from totals join active using (k) join codes using (k)
"""

OURS = """
select sum(members), sum(visits), sum(lines), cast(sum(paid) * 100 as bigint), sum(active_days),
    cast(round(sum(top_member_share + weekend_share + top_code_share) * 1000) as bigint)
from profiles where lines > 0
"""


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _whole(frame: DataFrame) -> None:
    frame.write.format("noop").mode("overwrite").save()


def _profiles(spark: SparkSession, snapshot: Snapshot, rounds: int) -> dict[str, float]:
    """Best seconds of each profile."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for subject, build in BUILDERS.items():
            taken = _seconds(lambda b=build: _whole(b(spark, snapshot, START, END)))  # type: ignore[misc]
            best[subject] = min(taken, best.get(subject, math.inf))
    return best


def _plain(spark: SparkSession, snapshot: Snapshot, rounds: int) -> float:
    """Best seconds of the plain provider profile; its answers are compared with ours first."""
    ours = provider_profiles(spark, snapshot, START, END)
    ours.createOrReplaceTempView("profiles")
    wanted = spark.sql(OURS).first()
    snapshot.lake.read(spark, "claim_lines").createOrReplaceTempView("claim_lines")
    found = spark.sql(PLAIN).first()
    if found != wanted:
        raise AssertionError(f"the answers differ: {found} and {wanted}")
    return min(_seconds(lambda: spark.sql(PLAIN).first()) for _ in range(rounds))


def main(
    small: Annotated[int, typer.Option(min=100_000)] = 1_000_000,
    large: Annotated[int, typer.Option(min=200_000)] = 10_000_000,
    rounds: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Print the seconds of each profile at both sizes, its growth, and the plain side's ratio."""
    spark = spark_session("vigie-benchmark", master="local[2]")
    found: dict[int, dict[str, float]] = {}
    plain: dict[int, float] = {}
    try:
        for lines in (small, large):
            folder = Path(mkdtemp(prefix="vigie-benchmark-"))
            try:
                snapshot = made_lake(spark, folder, lines, MORE)
                plain[lines] = _plain(spark, snapshot, rounds)
                found[lines] = _profiles(spark, snapshot, rounds)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        spark.stop()
    print(
        f"best of {rounds} rounds; {small:,} and {large:,} lines; growth as lines to the power of"
    )
    for subject in BUILDERS:
        few, many = found[small][subject], found[large][subject]
        power = math.log(many / few) / math.log(large / small)
        features = len(features_of(subject))
        print(
            f"  {subject:<9} {features:3} features {few:7.1f} s {many:7.1f} s   power {power:.2f}"
        )
    for lines, seconds in plain.items():
        ratio = found[lines]["provider"] / seconds
        print(f"  plain Spark SQL, 8 columns, {lines:,} lines {seconds:7.1f} s; ours {ratio:.2f} x")


if __name__ == "__main__":
    typer.run(main)
