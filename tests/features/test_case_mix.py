"""Expected values by indirect standardisation, against a published example and by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from features.case_mix import CELL_SUMS, MICRO, NANO, cell_counts, expected_values, rates_of

START = date(2024, 1, 1)
CELL = {"unit": "person", "kind": "all", "sex": "male", "diagnosis": "", "procedure": ""}
FIVE = 0b11111


def rates(rows: list[dict[str, Any]]) -> pa.Table:
    blank = {**CELL, "cents": 0, "lines": 0, "days": 0, "seen": FIVE}
    return rates_of(pa.Table.from_pylist([{**blank, **row} for row in rows]))


def expected(known: pa.Table, counts: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    blank = {**CELL, "trade": "any", "cents": 0, "lines": 0, "days": 0}
    with duckdb.connect() as connection:
        connection.register("case_rates", known)
        connection.register("cell_counts", pa.Table.from_pylist([{**blank, **c} for c in counts]))
        connection.execute(expected_values())
        rows = connection.execute(
            "select billing_provider_id, expected_cents, expected_lines, expected_days, stays,"
            " stay_days from expected"
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_cirrhosis_among_doctors_as_published() -> None:
    """Bland, An introduction to medical statistics: 4.4965 expected, SMR 311 from 14 deaths.

    Deaths a year per million men of England and Wales 1970-72, and male doctors by age.
    """
    ages = ("15", "25", "35", "45", "55")
    deaths = (5.859, 13.050, 46.937, 161.503, 271.358)
    doctors = (1080, 12860, 11510, 10330, 7790)
    known = rates(
        [
            {"age_band": age, "cases": 1000, "cents": round(rate * 1000)}
            for age, rate in zip(ages, deaths, strict=True)
        ]
    )
    found = expected(
        known,
        [
            {"billing_provider_id": "doctors", "age_band": age, "cases": number}
            for age, number in zip(ages, doctors, strict=True)
        ],
    )
    deaths_expected = found["doctors"][0] / MICRO / 1e6
    # Printed is the sum of five terms that were rounded to four decimals.
    assert deaths_expected == pytest.approx(4.4965, abs=2.5e-4)
    assert round(100 * 14 / deaths_expected) == 311


def test_a_small_cell_takes_the_rate_of_what_is_left_over() -> None:
    known = rates(
        [
            {"age_band": "40", "procedure": "GV", "cases": 40, "cents": 4000},
            {"age_band": "50", "procedure": "GV", "cases": 20, "cents": 200, "lines": 40},
            {"age_band": "60", "procedure": "GV", "cases": 10, "cents": 400, "lines": 20},
        ]
    )
    found = expected(
        known,
        [
            {"billing_provider_id": "A", "age_band": "40", "procedure": "GV", "cases": 40},
            {"billing_provider_id": "B", "age_band": "50", "procedure": "GV", "cases": 20},
            {"billing_provider_id": "B", "age_band": "60", "procedure": "GV", "cases": 10},
        ],
    )
    # 30 cases are left over for 600 cents and 60 lines; all of them together are as expected.
    assert found["A"][0] == 4000 * MICRO
    assert found["B"][:2] == (600 * MICRO, 60 * NANO)


def test_a_cell_of_few_providers_is_no_standard() -> None:
    rows = [
        {"age_band": "40", "procedure": "XX", "cases": 90, "cents": 9000, "seen": 0b1},
        {"age_band": "40", "procedure": "GV", "cases": 10, "cents": 0},
    ]
    found = expected(
        rates(rows),
        [{"billing_provider_id": "A", "age_band": "40", "procedure": "XX", "cases": 90}],
    )
    assert found["A"][0] == 90 * 90 * MICRO


def bucket(lines: list[tuple[Any, ...]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        "create table lines (billing_provider_id text, person_id text, claim_type text,"
        " claim_line_start_date date, claim_line_end_date date, admission_date date,"
        " discharge_date date, drg_code text, procedure_code text, drug_code text,"
        " diagnosis_code_1 text, cents bigint)"
    )
    if lines:
        connection.executemany(f"insert into lines values ({', '.join('?' * 12)})", lines)
    connection.execute(
        "create table members as from (values ('M1', 'male', date '1980-06-01'),"
        " ('M2', 'female', date '2030-01-01')) t(person_id, sex, birth_date)"
    )
    connection.execute(
        "create table providers as from (values ('P1', 'gp'), ('H', null))"
        " t(provider_id, specialty)"
    )
    connection.execute(cell_counts(START))
    return connection


def test_cases_take_the_groups_of_their_dearest_lines() -> None:
    day = "2024-02-01"
    lines = [
        ("P1", "M1", "professional", day, None, None, None, None, "GV1", None, "J18", 100),
        ("P1", "M1", "professional", day, None, None, None, None, "LB1", None, "E11", 300),
        ("P1", "M2", "pharmacy", day, None, None, None, None, None, "RX1", None, 50),
        # One stay of two lines, billed by nobody of a known specialty.
        ("H", "M1", "institutional", day, "2024-02-08", "2024-02-01", "2024-02-08", "D1", None,
         None, "S72", 900),
        ("H", "M1", "institutional", day, None, "2024-02-01", None, None, "ZZ9", None, None, 10),
        # In and out on one day is a day.
        ("H", "M9", "institutional", day, None, "2024-02-01", "2024-02-01", "D2", None, None,
         None, 5),
    ]  # fmt: skip
    with bucket(lines) as connection:
        found = connection.execute(
            "select billing_provider_id, unit, kind, age_band, sex, diagnosis, procedure, cases,"
            " cents, lines, days from cell_counts order by all"
        ).fetchall()
        sums = connection.execute(f"select sum(cases) from ({CELL_SUMS})").fetchall()
    trade = "any institutional"
    assert found == [
        ("H", "person", trade, "", "", "", "", 1, 5, 1, 0),
        ("H", "person", trade, "40", "male", "S", "ZZ", 1, 910, 2, 0),
        ("H", "stay", trade, "", "", "", "D2", 1, 5, 1, 1),
        ("H", "stay", trade, "40", "male", "S", "D1", 1, 910, 2, 7),
        ("P1", "person", "gp", "", "female", "", "drugs", 1, 50, 1, 0),
        ("P1", "person", "gp", "40", "male", "E", "LB", 1, 400, 2, 0),
    ]
    # Cases of a known specialty also stand among all of their claim type.
    assert sums == [(8,)]


def test_no_lines_give_no_rates_and_nothing_expected() -> None:
    with bucket([]) as connection:
        nothing = connection.sql(CELL_SUMS).to_arrow_table()
    assert rates_of(nothing).num_rows == 0
