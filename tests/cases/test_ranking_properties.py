"""The whole ranking against a plain reading of the model's text, whatever is found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from cases.policy import Policy
from cases.ranking import Ranked, rank
from tests.cases.findings import Row, evidence, expect, finding, frames, ranked

SUBJECTS = st.sampled_from(
    [("provider", "P1"), ("provider", "P2"), ("member", "P1"), ("group", "é"), ("claim", "|C1")]
)
DETECTORS = st.sampled_from(
    ["rules.a.1", "rules.a.2", "rules.b.1", "rules.c.1", "deviation.x", "deviation.y", "forest.x"]
)
SCORES = st.sampled_from([0.0, 0.01, 0.15, 0.4, 0.4, 0.5, 0.77, 0.9, 1.0])
CENTS = st.one_of(st.none(), st.integers(0, 300), st.integers(0, 10**15))
NAMED = st.tuples(
    st.integers(0, 5), CENTS, st.sampled_from(["flagged", "flagged", "context", None])
)
SCENARIO = st.lists(
    st.tuples(SUBJECTS, DETECTORS, SCORES, CENTS, st.lists(NAMED, max_size=6)),
    min_size=40,
    max_size=80,
)


def _money(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents) / 100


def _scenario(drawn: Sequence[Any]) -> tuple[list[Row], list[Row]]:
    """Ten worlds apart in one frame, so that one Spark job tries many cases."""
    findings, rows = [], []
    for number, ((kind, subject), detector, score, owed, named) in enumerate(drawn):
        world, name = number % 10, f"f{number}"
        findings.append(
            finding(
                name,
                detector,
                score,
                subject_type=kind,
                subject_id=f"{world}{subject}",
                overpayment=_money(owed),
            )
        )
        rows += [
            {**evidence(name, f"|{world}C{key}|1", None), "amount": _money(cents), "role": role}
            for key, cents, role in named
        ]
    return findings, rows


@given(SCENARIO)
@settings(
    max_examples=4,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_ranking_is_what_the_model_says(spark: SparkSession, drawn: Sequence[Any]) -> None:
    findings, rows = _scenario(drawn)
    policy = Policy()
    cases, points = ranked(spark, findings, rows, policy)
    expected = expect(findings, rows, policy)
    found = [
        (
            c.subject_type,
            c.subject_id,
            c.suspicion,
            int(c.exposure * 100),
            int(c.overpayment * 100),
            int(c.expected_recovery * 100),
            c.families,
        )
        for c in cases
    ]
    assert found == [
        (*e.subject, e.suspicion, e.exposure, e.overpayment, e.expected, e.families)
        for e in expected
    ]
    assert [c.rank for c in cases] == list(range(1, len(expected) + 1))
    for case, e in zip(cases, expected, strict=True):
        assert {name: points[name] for name in e.points} == pytest.approx(e.points, abs=1e-9)
        parts = [policy.prior_points, *(points[name] for name in e.points)]
        assert math.fsum(parts) == pytest.approx(case.score, abs=1e-9)
    _no_cent_twice(rows, expected)


def _no_cent_twice(rows: Sequence[Row], expected: Sequence[Any]) -> None:
    most: dict[str, Decimal] = {}
    for row in rows:
        if row["role"] != "context":
            amount = row["amount"] or Decimal(0)
            most[row["row_key"]] = max(most.get(row["row_key"], Decimal(0)), amount)
    assert sum(e.assigned for e in expected) <= sum(most.values()) * 100


def test_order_and_layout_of_rows_change_nothing(spark: SparkSession) -> None:
    findings = [
        finding(
            f"f{n}",
            f"deviation.d{n % 3}",
            0.2 + n % 5 / 10,
            subject_id=f"P{n % 4}",
            overpayment=Decimal(n) / 7 * 7,
        )
        for n in range(24)
    ]
    rows = [evidence(f"f{n}", f"|C{k}|1", f"{k + 1}.37") for n in range(24) for k in range(n % 6)]

    def collected(result: Ranked) -> tuple[list[Any], list[Any]]:
        frames_ = (result.cases, result.contributions)
        one, two = (sorted(map(str, frame.collect())) for frame in frames_)
        result.release()
        return one, two

    plain = collected(rank(*frames(spark, findings, rows)))
    turned_findings, turned_rows = frames(spark, findings[::-1], rows[::-1])
    turned = collected(rank(turned_findings.repartition(5), turned_rows.repartition(3)))
    assert plain == turned
