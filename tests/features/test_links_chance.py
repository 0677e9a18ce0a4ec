"""Expected counts by area, hypergeometric tails and q-values against direct computation."""

from __future__ import annotations

import itertools
import random
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from scipy.stats import false_discovery_control, hypergeom

from features.chance import (
    COUNT_DDL,
    LINK_SCHEMA,
    ChanceTest,
    beyond_chance,
    links_of,
    q_values,
    sharing_enough,
)

KEYS = ["part", "a", "b", "stratum", "parent", "n"]
ALL_PAIRS = ChanceTest(
    least_joint=1, least_ratio=0.0, least_share=0.0, false_discovery=1.1, least_stratum=1
)


def counts_of(visits: dict[str, set[str]], homes: dict[str, tuple[str, str]]) -> pa.Table:
    """Counts as the buckets give them, from who was seen by whom and where all live."""
    rows: list[tuple[str, str | None, str | None, str | None, str | None]] = []
    rows += [("all", None, None, *homes[person]) for person in homes]
    for provider, persons in visits.items():
        rows += [("left", provider, None, *homes[person]) for person in persons]
        rows += [("right", None, provider, *homes[person]) for person in persons]
    for a, b in itertools.combinations(sorted(visits), 2):
        rows += [("joint", a, b, None, None)] * len(visits[a] & visits[b])
    frame = pd.DataFrame(rows, columns=KEYS[:-1]).groupby(KEYS[:-1], dropna=False).size()
    schema = pa.schema([(k, pa.string()) for k in KEYS[:-1]] + [("n", pa.int64())])
    return pa.Table.from_pandas(frame.reset_index(name="n"), schema, preserve_index=False)


def people(code: str, number: int) -> dict[str, tuple[str, str]]:
    return {f"{code}-{n}": (code, code[:2]) for n in range(number)}


def test_one_area_gives_the_plain_hypergeometric_tail() -> None:
    homes = people("75001", 100)
    names = sorted(homes)
    counts = counts_of({"A": set(names[:30]), "B": set(names[20:60])}, homes)

    found = links_of(counts, ALL_PAIRS).iloc[0]

    assert (found.observed, found.a_total, found.b_total) == (10, 30, 40)
    assert found.expected == pytest.approx(30 * 40 / 100)
    assert found.p_value == pytest.approx(hypergeom.sf(9, 100, 30, 40))
    assert LINK_SCHEMA.names[-1] == "q_value"


def test_a_village_explains_what_the_country_would_not() -> None:
    village, town = people("48001", 60), people("75001", 3000)
    seen = {"A": set(sorted(village)[:40]), "B": set(sorted(village)[10:50])}
    homes = {**village, **town}

    with_areas = links_of(counts_of(seen, homes), ALL_PAIRS).iloc[0]
    one_country = dict.fromkeys(homes, ("", ""))
    without = links_of(counts_of(seen, one_country), ALL_PAIRS).iloc[0]

    assert with_areas.expected == pytest.approx(40 * 40 / 60)
    assert with_areas.p_value > 0.01
    assert without.expected == pytest.approx(40 * 40 / 3060)
    assert without.p_value < 1e-30


def test_small_codes_are_taken_with_their_wider_area() -> None:
    homes = {**people("48001", 10), **people("48002", 20), **people("48003", 200)}
    small = [person for person in sorted(homes) if homes[person][0] != "48003"]
    seen = {"A": set(small[:12]), "B": set(small[6:18])}
    merged = ChanceTest(1, 0.0, 0.0, "smaller", 1.1, least_stratum=50)

    assert links_of(counts_of(seen, homes), merged).iloc[0].expected == pytest.approx(12 * 12 / 30)


def test_without_rings_hardly_any_pair_is_kept() -> None:
    draw = random.Random(3)  # noqa: S311
    homes = {**people("75001", 700), **people("13001", 300)}
    names = sorted(homes)
    seen = {f"P{n}": set(draw.sample(names, draw.randint(20, 200))) for n in range(40)}

    kept = links_of(counts_of(seen, homes), ChanceTest(least_joint=1, least_ratio=0, least_share=0))

    assert len(kept) == 0


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    p_values = np.array([0.01, 0.0001, 0.5, 0.03, 0.03, 0.9])

    assert q_values(p_values, 6) == pytest.approx(false_discovery_control(p_values))
    assert (q_values(p_values, 600) >= q_values(p_values, 6)).all()
    assert q_values(np.array([]), 10).size == 0


def _visits_in_towns(seed: int) -> tuple[dict[str, set[str]], dict[str, tuple[str, str]]]:
    draw = random.Random(seed)  # noqa: S311
    homes = people("75001", 120) | people("75002", 30) | people("48001", 60)
    everybody = sorted(homes)
    visits = {f"P{n}": set(draw.sample(everybody, draw.randint(4, 60))) for n in range(12)}
    visits["P90"] = set(everybody[:30])
    visits["P91"] = set(everybody[:24]) | set(draw.sample(everybody, 8))
    return visits, homes


def test_expected_counts_are_sums_over_places() -> None:
    visits, homes = _visits_in_towns(3)
    found = links_of(counts_of(visits, homes), ALL_PAIRS)
    assert len(found) > 20
    living = {code: sum(home[0] == code for home in homes.values()) for code, _ in homes.values()}
    for row in found.itertuples():
        by_place = [
            sum(homes[person][0] == code for person in visits[row.a])
            * sum(homes[person][0] == code for person in visits[row.b])
            / persons
            for code, persons in living.items()
        ]
        assert row.expected == pytest.approx(sum(by_place), abs=1e-8)


@pytest.mark.parametrize("share_of", ["smaller", "left"])
def test_pairs_dropped_where_they_lie_would_not_have_been_kept(
    spark: SparkSession, share_of: Literal["smaller", "left"]
) -> None:
    counts = counts_of(*_visits_in_towns(4))
    test = ChanceTest(4, 1.1, 0.2, share_of, 0.9, 1)
    expected = links_of(counts, test)
    frame = spark.createDataFrame(counts, COUNT_DDL)
    totals = frame.where("part = 'left'").groupBy(F.col("a").alias("subject"))
    joint = sharing_enough(
        frame.where("part = 'joint'"), totals.agg(F.sum("n").alias("total")), test
    )
    assert joint.count() < frame.where("part = 'joint'").count()
    found = beyond_chance(frame.where("part <> 'joint'").unionByName(joint), test).toPandas()
    assert 0 < len(expected) < len(links_of(counts, ALL_PAIRS))
    pd.testing.assert_frame_equal(
        found.sort_values(["a", "b"]).reset_index(drop=True)[["a", "b", "observed", "q_value"]],
        expected[["a", "b", "observed", "q_value"]].reset_index(drop=True),
        check_dtype=False,
    )
