"""Scheme by scheme: the rule meant for it names the planted rows and their money, and no twin."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.rule_detection import EXPECTED, Detection, detection
from claims.lake import Lake
from claims.runs import runs
from claims.synthetic.schemes.registry import SCHEMES

# What honest life looks like a defect, and the scheme whose look-alike it is.
HONEST = {
    "voided duplicates": "duplicate_billing",
    "group practices": "impossible_day",
    "twins": "second_identity",
    "one-day transfers between hospitals": "two_hospitals",
    "authorised exceptions": "missing_approval",
    "sites told by a modifier": "unbundled_pairs",
}


@pytest.fixture(scope="module")
def found(population: Lake, truth: Path) -> Detection:
    """The population's own night, whatever runs other tests have added."""
    done = [run for run in runs(population) if run["status"] == "succeeded"]
    night = next(run for run in done if run["kind"] == "run")
    return detection(population, truth, str(night["run_id"]))


def test_every_scheme_is_accounted_for() -> None:
    assert set(EXPECTED) == {scheme.name for scheme in SCHEMES}


@pytest.mark.parametrize("scheme", sorted(EXPECTED))
def test_scheme_is_found_by_its_rule_to_the_row_and_cent(found: Detection, scheme: str) -> None:
    row, expected = found.scheme(scheme), EXPECTED[scheme]
    assert row["planted"] > 0
    assert row["look_alikes"] == 0
    if expected.judged:
        return  # this population is too small for the rule to judge: the benchmark measures it
    assert row["named"] >= expected.at_least * row["planted"]
    if expected.lead:
        assert not row["undue"]
    else:
        assert float(row["claimed"]) == pytest.approx(float(row["undue"]), rel=0.01)


@pytest.mark.parametrize("kind", sorted(HONEST))
def test_honest_life_is_left_alone_by_every_active_rule(found: Detection, kind: str) -> None:
    ((told,),) = found.connection.execute(
        "select count(*) from told where scheme = ? and kind = 'look_alike'", [HONEST[kind]]
    ).fetchall()
    assert told > 0, "it must be planted to be left alone"
    named = [row for row in found.look_alikes() if row["scheme"] == HONEST[kind]]
    assert [row["rule"] for row in named if not row["shadow"]] == []
