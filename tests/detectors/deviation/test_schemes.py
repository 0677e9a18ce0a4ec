"""Every comparison names the one who does what it looks for, and not the honest twin."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from deltalake import write_deltalake
from pyspark.sql import SparkSession

from claims.lake import Lake
from detectors.base import Inputs
from detectors.deviation import Deviation
from features.profiles import build_profiles
from tests.detectors.deviation.made_practices import END, START, made
from tests.lakes import make_lake

HONEST = {"HONEST-SICKER", "HONEST-CAMPAIGN", "HONEST-NEWCOMER", "HONEST-SPREAD", "HONEST-INTENSE"}
Found = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def found(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Found:
    lake = Lake(str(tmp_path_factory.mktemp("schemes")))
    snapshot = make_lake(spark, lake, made().tables)
    profiles = {}
    for name, frame in build_profiles(spark, snapshot, START, END).items():
        write_deltalake(lake.path(name), frame.toArrow())
        profiles[name] = lake.read(spark, name)
    result = Deviation(subjects=("provider",)).detect(
        Inputs(spark, snapshot, START, END, profiles=profiles)
    )
    frames = result.findings.toPandas(), result.evidence.toPandas()
    result.release()
    return frames


def one(found: Found, detector: str, subject: str) -> tuple[pd.Series, dict, pd.DataFrame]:
    findings, evidence = found
    row = findings[
        (findings["detector"] == f"deviation.{detector}") & (findings["subject_id"] == subject)
    ].iloc[0]
    return (
        row,
        json.loads(row["details"]),
        evidence[evidence["finding_id"] == row["finding_id"]],
    )


@pytest.mark.parametrize(
    ("detector", "suspect"),
    [
        ("upcoding", "UPCODER"),
        ("hours", "NIGHT"),
        ("burst", "BURST"),
        ("change_point", "RISER"),
        ("just_below_limit", "HUGGER"),
        ("small_amounts", "SKIMMER"),
        ("benford", "INVENTED"),
        ("concentration", "CONCENTRATED"),
        ("same_day_travel", "GHOST"),
        ("visits", "RISER"),
    ],
)
def test_the_scheme_is_named_and_nobody_honest(found: Found, detector: str, suspect: str) -> None:
    findings = found[0]
    named = set(findings[findings["detector"] == f"deviation.{detector}"]["subject_id"])
    assert suspect in named
    assert not {name for name in named if name.startswith(("GP", "SUPPLIER"))}
    assert not named & HONEST


def test_every_finding_says_what_it_rests_on(found: Found) -> None:
    for row in found[0].itertuples():
        details = json.loads(row.details)
        assert {"observed", "expected", "p", "q", "excess", "peers", "test"} <= set(details)
        assert {"group", "size", "level", "quantile"} == set(details["peers"])
        assert details["p"] <= details["q"] <= 0.05
        assert "expected from" in row.reason and "above expectation" in row.reason


def test_upcoding_tells_the_levels_and_their_money(found: Found) -> None:
    row, details, evidence = one(found, "upcoding", "UPCODER")
    levels = {level["code"]: level for level in details["levels"]}
    assert levels["V5"]["lines"] > 3 * levels["V5"]["expected"]
    assert details["excess"] == pytest.approx(
        sum(level["excess"] for level in details["levels"]), abs=0.1
    )
    assert 0 < row["overpayment"] <= evidence["amount"].sum()


def test_a_burst_names_its_window_and_the_rows_in_it(found: Found) -> None:
    row, details, evidence = one(found, "burst", "BURST")
    first, last = details["window"]
    assert "2024-08-01" < first <= "2024-08-23"
    assert "2024-10-01" <= last < "2024-10-25"
    assert details["observed"] == 60
    assert 40 <= len(evidence) <= 60 and row["overpayment"] > 0


def test_a_rise_is_dated(found: Found) -> None:
    _, details, _ = one(found, "change_point", "RISER")
    assert details["since"] in ("2023-12-01", "2024-01-01", "2024-02-01")
    assert details["observed"] > 2.5 * details["expected"]


def test_charges_under_the_limit_are_the_evidence(found: Found) -> None:
    _, details, evidence = one(found, "just_below_limit", "HUGGER")
    assert details["limit"] == 150 and details["above"] == 0
    assert (evidence["provider_id"] == "HUGGER").all()


def test_invented_amounts_are_a_lead_without_money(found: Found) -> None:
    row, details, _ = one(found, "benford", "INVENTED")
    assert details["conformity"] == "none" and row["overpayment"] == 0
