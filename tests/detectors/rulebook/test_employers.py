"""Views of employers and their people, and rules whose evidence is an employer's own rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from claims.model import INPUT_TABLES
from detectors.rulebook import crossing
from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.code_sets import at_hand
from detectors.rulebook.evaluate import PARTIAL_SCHEMA, evaluate_rows, evaluate_whole, prepare
from detectors.rulebook.evaluate import Outcome as Answers
from detectors.rulebook.examples import load_tables
from detectors.rulebook.plan import Plan, plan
from detectors.rulebook.problems import ExpressionError
from detectors.rulebook.shared_views import VIEWS
from tests.detectors.rulebook.test_evaluation import flagged, outcome

OLD, NEW = {"employer_id": "OLD"}, {"employer_id": "NEW"}


def rows_of(view: str, columns: str, **tables: Any) -> list[tuple[Any, ...]]:
    """Columns of a view over given rows, in order."""
    with duckdb.connect(config={"threads": 1}) as connection:
        load_tables(connection, tables, VIEWS[view].tables)
        return connection.sql(f"select {columns} from ({VIEWS[view].sql}) order by all").fetchall()


def test_a_company_stands_beside_what_it_filed_and_owes() -> None:
    filed = [
        {"period_start_date": "2025-01-01", "contributions_due": 100, "contributions_paid": 40},
        {"period_start_date": "2025-02-01", "contributions_due": 100, "contributions_paid": 10},
        {"period_start_date": "2025-03-01", "contributions_due": 900, "status": "none"},
    ]
    firm = {"employer_id": "E1", "phone": "0000000000", "tax_id": "T7", "address": "3, RUE Haute",
            "postal_code": "75001"}  # fmt: skip
    columns = "paid_share, unpaid, filed_until, periods, phone, tax_id, place"
    assert rows_of("companies", columns, employers=[firm], contributions=filed) == [
        (0.25, 150, date(2025, 2, 28), 2, None, "T7", "3 rue haute 75001")
    ]


def test_a_gap_reaches_from_creation_or_the_last_filing_to_closing_or_what_is_known() -> None:
    firms = [
        {"employer_id": "E1", "created_date": "2024-12-01"},
        {"employer_id": "E2", "closed_date": "2025-02-28"},
        {"employer_id": "E3", "created_date": "2025-05-01"},
    ]
    filed = [
        *({"employer_id": "E1", "period_start_date": f"2025-0{n}-01"} for n in (1, 2, 5, 6)),
        {"employer_id": "E2", "period_start_date": "2025-01-01"},
    ]
    columns = "employer_id, gap_start, gap_end, months, periods"
    assert rows_of("filing_gaps", columns, employers=firms, contributions=filed) == [
        ("E1", date(2025, 3, 1), date(2025, 4, 30), 2, 2),
        ("E2", date(2025, 2, 1), date(2025, 2, 28), 1, 1),
        ("E3", date(2025, 5, 1), date(2025, 6, 30), 2, 2),
    ]


def test_a_payment_is_tied_to_the_job_it_names_overlaps_or_follows() -> None:
    jobs = [
        {"employer_id": "A", "start_date": "2020-01-01", "end_date": "2023-12-31"},
        {"employer_id": "B", "start_date": "2024-01-01", "end_date": "2025-01-10"},
        {"employer_id": "C", "start_date": "2025-01-08"},
    ]
    paid = [
        {"payment_id": "names", "benefit_type": "sick_leave", "employer_id": "A",
         "period_start_date": "2025-01-09", "period_end_date": "2025-01-12"},
        {"payment_id": "follows", "benefit_type": "unemployment",
         "period_start_date": "2024-01-01", "person_id": "M2"},
        {"payment_id": "late", "benefit_type": "unemployment",
         "period_start_date": "2024-12-30", "person_id": "M2"},
        {"payment_id": "too late", "benefit_type": "unemployment",
         "period_start_date": "2025-01-01", "person_id": "M2"},
        {"payment_id": "early", "benefit_type": "sick_leave", "period_start_date": "2019-01-01"},
    ]  # fmt: skip
    jobs += [{"person_id": "M2", **jobs[0]}]
    columns = "row_key, employer_id, worked_days, days, names_employer"
    found = rows_of("workforce", f"kind, {columns}", employments=jobs, benefit_payments=paid)
    assert [row[1:] for row in found if row[0] == "benefit"] == [
        ("follows", "A", 0, 1, False),
        ("late", "A", 0, 1, False),
        ("names", "A", 0, 4, True),
        ("names", "B", 2, 4, False),
        ("names", "C", 4, 4, False),
    ]


def test_claims_of_one_spell_share_their_first_day_and_the_wage_of_that_day() -> None:
    jobs = [
        {"start_date": "2024-01-01", "monthly_wage": 1000},
        {"start_date": "2025-02-01", "monthly_wage": 2000},
        {"start_date": "2025-03-10", "monthly_wage": 9000},
    ]
    paid = [
        {"payment_id": "Y1", "benefit_type": "sick_leave", "period_start_date": "2025-03-01",
         "period_end_date": "2025-03-14"},
        {"payment_id": "Y2", "benefit_type": "sick_leave", "period_start_date": "2025-03-15"},
        {"payment_id": "Y3", "benefit_type": "sick_leave", "period_start_date": "2025-03-17"},
    ]  # fmt: skip
    columns = "row_key, claim_date, monthly_wage, former_wage"
    found = rows_of("workforce", f"kind, {columns}", employments=jobs, benefit_payments=paid)
    assert [row[1:] for row in found if row[0] == "benefit"] == [
        ("Y1", date(2025, 3, 1), 2000, 1000),
        ("Y2", date(2025, 3, 1), 2000, 1000),
        ("Y3", date(2025, 3, 17), 9000, 2000),
    ]


def test_a_mover_comes_from_the_firm_that_is_tied_to_the_new_one() -> None:
    firms = [{**OLD, "phone": "0211"}, {**NEW, "phone": "0211"}, {"employer_id": "LAST"}]
    jobs = [
        {**OLD, "start_date": "2020-01-01", "end_date": "2024-06-30"},
        {"employer_id": "LAST", "start_date": "2020-01-01", "end_date": "2025-06-30"},
        {**NEW, "start_date": "2025-07-01"},
        {**NEW, "start_date": "2025-09-01"},
    ]
    found = rows_of("movers", "employer_id, former_employer_id, tie",
                    employments=jobs, employers=firms)  # fmt: skip
    assert found == [("LAST", None, None), ("NEW", "OLD", "phone"), ("OLD", None, None)]


def test_hours_of_jobs_held_together_are_added_day_by_day() -> None:
    jobs = [
        {"employer_id": "A", "start_date": "2025-01-01", "end_date": "2025-01-31",
         "weekly_hours": 30, "monthly_wage": 900},
        {"employer_id": "A", "start_date": "2025-01-10", "end_date": "2025-01-31",
         "weekly_hours": 20},
        {"employer_id": "B", "start_date": "2025-01-10", "end_date": "2025-02-05",
         "weekly_hours": 25, "monthly_wage": 800},
        {"employer_id": "C", "start_date": "2025-01-20", "end_date": "2025-01-20"},
    ]  # fmt: skip
    columns = "start_date, end_date, weekly_hours, employers"
    found = rows_of("job_overlaps", columns, employments=jobs)
    days = [(row[0].isoformat(), row[1].isoformat(), *row[2:]) for row in found]
    assert days == [
        ("2025-01-01", "2025-01-09", 30, 1),
        ("2025-01-10", "2025-01-19", 55, 2),
        ("2025-01-20", "2025-01-20", 55, 2),
        ("2025-01-21", "2025-01-31", 55, 2),
        ("2025-02-01", "2025-02-05", 25, 1),
    ]


def test_newcomers_to_short_time_work_are_undue_in_full() -> None:
    rule = rule_show("short_time_work_over_headcount")
    rule = rule.with_params({"opening_date": date(2025, 2, 1)})
    jobs = [
        {"person_id": "M1", "start_date": "2025-02-02"},
        {"person_id": "M2", "start_date": "2025-02-01"},
    ]
    paid = [
        {"payment_id": f"Y{n}", "person_id": f"M{n}", "benefit_type": "short_time_work",
         "employer_id": "E1"}
        for n in (1, 2)
    ]  # fmt: skip
    filed = [{"period_start_date": "2025-02-01", "declared_headcount": 8}]
    found = outcome([rule], employments=jobs, benefit_payments=paid, contributions=filed)
    assert flagged(found) == [("short_time_work_over_headcount", "Y1")]
    assert found.hits.column("overpayment").to_pylist() == [100]


GAP = {
    "employments": ({"person_id": "M1", "start_date": "2024-01-01"},
                    {"person_id": "M2", "start_date": "2024-01-01"}),
    "employers": ({"employer_id": "E1"}, {"employer_id": "E2"}),
    "contributions": (
        {"period_start_date": "2025-01-01"},
        *({"employer_id": "E2", "period_start_date": f"2025-0{n}-01"} for n in range(1, 7)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "hits"),
    [("2025-03-01", "2025-03-31", 1), ("2025-07-01", "2025-07-31", 0),
     ("2025-01-01", "2025-01-31", 0)],
)  # fmt: skip
def test_a_row_that_lasts_counts_in_every_period_it_touches(
    start: str, end: str, hits: int
) -> None:
    rule = rule_show("active_without_filing")
    planned = plan(rule, date.fromisoformat(start), date.fromisoformat(end))
    with duckdb.connect(config={"threads": 1}) as connection:
        load_tables(connection, GAP, planned.tables)
        found = evaluate_whole(connection, [planned], at_hand([]))
    assert len(flagged(found)) == hits


def test_evidence_must_be_rows_of_the_employer() -> None:
    for view in ("lines", "accounts", "nowhere"):
        with pytest.raises(ExpressionError, match="evidence in"):
            plan(replace(rule_show("active_without_filing"), evidence=view))


def _sums(planned: Plan, sets: pa.Table) -> pa.Table:
    """What the buckets hand on: the partial sums of a rule, or the empty row that calls it."""
    found = Answers()
    with duckdb.connect(config={"threads": 1}) as connection:
        load_tables(connection, GAP, planned.tables)
        prepare(connection, [planned], sets)
        evaluate_rows(connection, [planned], found)
    empty = {"rule": planned.rule.name, "subject_id": None, "key": None}
    return pa.concat_tables([found.partials, pa.Table.from_pylist([empty], PARTIAL_SCHEMA)])


def test_subjects_are_decided_beside_their_own_rows_away_from_the_buckets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sets = at_hand([])
    planned = plan(rule_show("active_without_filing"))

    def load(connection: duckdb.DuckDBPyConnection, _lake: Any, table: str, *_: Any) -> None:
        load_tables(connection, GAP, {table: INPUT_TABLES[table].names})

    monkeypatch.setattr(crossing, "_load", load)
    outside: Any = {table: (None, 1, []) for table in ("employers", "contributions")}
    found = crossing.subjects_of([planned], outside, sets)(_sums(planned, sets))
    hits = [row for row in found.to_pylist() if row["kind"] == "hit"]
    assert [(row["subject_id"], row["row_key"]) for row in hits] == [("E1", "E1")]
    assert hits[0]["overpayment"] > 0
    assert not [row for row in found.to_pylist() if row["kind"] == "failure"]
