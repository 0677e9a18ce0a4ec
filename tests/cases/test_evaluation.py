"""Precision and money shares by hand, and both rankings read from a lake."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from cases.evaluation import Evaluation, evaluate, evaluate_run, read_truth
from cases.queues import ranked_subjects, subjects_by_total_paid
from cases.scoreboard import schemes_table, shares_table
from claims.errors import SourceError
from claims.runs import Snapshot
from tests.cases.lakes import case_row, write_run

Place = tuple[int, str, str]
SCHEMA = pa.schema(
    [(n, pa.string()) for n in ("scheme", "kind", "difficulty", "subject_type", "subject_id")]
    + [("table_name", pa.string()), ("row_key", pa.string()), ("amount", pa.decimal128(18, 2))]
)


def places(*rows: Place) -> pa.Table:
    columns = ("place", "subject_type", "subject_id")
    types = (pa.int32(), pa.string(), pa.string())
    return pa.Table.from_pylist(
        [dict(zip(columns, row, strict=True)) for row in rows],
        schema=pa.schema(list(zip(columns, types, strict=True))),
    )


def planted(subject: str, key: str, amount: str, **more: str) -> dict[str, object]:
    return {
        "scheme": "upcoding",
        "kind": "planted",
        "difficulty": "easy",
        "subject_type": "provider",
        "subject_id": subject,
        "table_name": "claim_lines",
        "row_key": key,
        **more,
        "amount": Decimal(amount),
    }


TRUTH = pa.Table.from_pylist(
    [
        planted("P1", "|C1|1", "30"),
        planted("P1", "|C2|1", "20", scheme="phantom", difficulty="hard"),
        # One row, two responsible: its money counts once.
        planted("P2", "|C2|1", "20", scheme="phantom", difficulty="hard"),
        planted("P3", "|C3|1", "50", scheme="ring", difficulty="hard"),
        planted("P9", "|C9|1", "70", kind="look_alike", scheme="busy_laboratory"),
    ],
    schema=SCHEMA,
)


def test_shares_of_what_was_planted() -> None:
    cases = places(
        (1, "provider", "P2"),
        (2, "provider", "P9"),
        (3, "provider", "P8"),
        (4, "group", "G"),
        (4, "provider", "P3"),
        (4, "provider", "P7"),
    )
    plain = places((1, "provider", "P9"), (2, "provider", "P1"))
    named = pa.table({"place": [4], "table_name": ["claim_lines"], "row_key": ["|C1|1"]})
    found = evaluate(cases, TRUTH, plain, ks=(1, 4), evidence=named)
    assert [(a.precision, a.money_share, a.row_share) for a in found.cases.at] == [
        (1.0, 0.2, 0.0),
        (0.5, 0.7, 0.3),
    ]
    assert [(a.precision, a.money_share, a.row_share) for a in found.total_paid.at] == [
        (0.0, 0.0, None),
        (0.25, 0.5, None),
    ]
    assert (found.cases.look_alikes, found.total_paid.look_alikes) == (1, 1)
    first = {(s.scheme, s.difficulty): (s.subjects, s.first_place) for s in found.cases.schemes}
    assert first == {
        ("upcoding", "easy"): (1, None),
        ("phantom", "hard"): (2, 1),
        ("ring", "hard"): (1, 4),
        ("busy_laboratory", "easy"): (1, 2),
    }


def test_a_case_about_a_claim_answers_for_its_lines() -> None:
    found = evaluate(places((1, "claim", "|C1")), TRUTH, places(), ks=(1,))
    assert (found.cases.at[0].precision, found.cases.at[0].money_share) == (1.0, 0.3)


def test_nothing_ranked_and_nothing_planted_is_no_division() -> None:
    empty = evaluate(places(), SCHEMA.empty_table(), places(), ks=(50,), evidence=None)
    assert (empty.cases.at[0].precision, empty.cases.at[0].money_share) == (0.0, 0.0)


@given(st.lists(st.sampled_from(["P1", "P2", "P3", "P4", "P9"]), unique=True))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_shares_grow_with_k_and_do_not_know_row_order(order: list[str]) -> None:
    rows: list[Place] = [(n, "provider", name) for n, name in enumerate(order, start=1)]
    forth = evaluate(places(*rows), TRUTH, places(), ks=(1, 2, 3, 4, 5))
    assert forth == evaluate(places(*rows[::-1]), TRUTH[::-1], places(), ks=(1, 2, 3, 4, 5))
    shares = [a.money_share for a in forth.cases.at]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


DAY = "2024-03-01"


@pytest.fixture
def snapshot(lake_of: Callable[..., Snapshot]) -> Snapshot:
    def line(claim: str, provider: str, paid: str, **more: str) -> dict[str, str]:
        return {
            "claim_id": claim,
            "billing_provider_id": provider,
            "paid_amount": paid,
            "claim_line_start_date": DAY,
            **more,
        }

    found = lake_of(
        claim_lines=[
            line("C1", "P1", "30"),
            line("C2", "P2", "90"),
            line("V", "P2", "-90", adjustment_type="void", original_claim_id="C2"),
            line("C3", "P2", "20"),
            line("C4", "P1", "500", claim_line_start_date="2019-01-01"),
            line("C5", "P1", "0", claim_status="denied"),
        ],
        benefit_payments=[
            {
                "payment_id": "B1",
                "benefit_type": "sick_leave",
                "period_start_date": DAY,
                "paid_amount": "25",
                "employer_id": "E1",
            }
        ],
    )
    write_run(
        found,
        "r1",
        cases=[case_row(1, "group", "G1"), case_row(2, "provider", "P2")],
        case_contributions=[
            {"case_id": "case-G1", "detector": "collusion.shared", "finding_id": "f1", "points": 1}
        ],
        findings=[
            {
                "finding_id": "f1",
                "detector": "collusion.shared",
                "detector_version": "1",
                "subject_type": "group",
                "subject_id": "G1",
                "score": 0.5,
                "reason": "Shared",
                "details": '{"subjects": [{"subject_type": "provider", "subject_id": "P1", '
                '"role": "biller"}]}',
            }
        ],
        evidence=[
            {
                "finding_id": "f1",
                "table_name": "claim_lines",
                "row_key": "|C1|1",
                "amount": "30",
                "role": "flagged",
            }
        ],
    )
    return found


def test_rankings_are_read_from_the_lake(snapshot: Snapshot) -> None:
    listed = [tuple(row.values()) for row in ranked_subjects(snapshot.lake).to_pylist()]
    assert listed == [(1, "group", "G1"), (1, "provider", "P1"), (2, "provider", "P2")]
    plain = [tuple(row.values()) for row in subjects_by_total_paid(snapshot.lake).to_pylist()]
    assert plain == [
        (1, "provider", "P1"),
        (2, "employer", "E1"),
        (3, "member", "M1"),
        (4, "provider", "P2"),
    ]


def test_a_run_is_measured_and_shown(snapshot: Snapshot, tmp_path: Path) -> None:
    pq.write_table(TRUTH, tmp_path / "truth.parquet")
    found = evaluate_run(snapshot.lake, tmp_path / "truth.parquet", ks=(1, 50))
    assert found.cases.at[0].precision == 1.0
    assert found.cases.at[0].row_share == pytest.approx(0.3)
    shown = printed(found)
    for text in ("look-alikes among the first 100: 0", "30%", "phantom", "first 50"):
        assert text in shown
    assert "busy_laboratory" not in shown


def printed(found: Evaluation) -> str:
    console = Console(width=200, record=True, quiet=False)
    with console.capture() as captured:
        console.print(shares_table(found))
        console.print(schemes_table(found))
    return captured.get()


def test_a_file_that_is_not_the_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a readable"):
        read_truth(tmp_path / "absent.parquet")
    pq.write_table(TRUTH.drop_columns(["scheme"]), tmp_path / "half.parquet")
    with pytest.raises(SourceError, match="lacks the column scheme"):
        read_truth(tmp_path / "half.parquet")
