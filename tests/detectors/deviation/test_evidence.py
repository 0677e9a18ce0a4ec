"""Each kind of rows is found, over all buckets, and no more of them than the excess needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from claims.lake import Lake
from detectors.base import Inputs
from detectors.deviation.evidence import subject_evidence
from detectors.deviation.evidence_rows import WANTED
from tests.lakes import make_lake

Evidence = dict[str, dict[str, Decimal]]

ASKED = [
    # finding, subject type, subject, rows, cents, cells
    ("all", "provider", "P1", "all", 25000),
    ("lead", "provider", "P1", "all", 0),
    ("weekend", "provider", "P1", "weekend", 99999),
    ("long", "provider", "W", "long_days", 99999),
    ("peak", "provider", "P1", "peak_month", 99999),
    ("member", "member", "M1", "all", 99999),
    ("benefits", "member", "M1", "benefits", 99999),
    ("leave", "employer", "E1", "leave", 99999),
    ("missing", "employer", "E1", "contributions", 30000),
    ("codes", "provider", "P1", "codes", 99999, ["X"]),
    ("hours", "provider", "P1", "hours", 99999, ["23"]),
    ("weekdays", "provider", "P1", "weekdays", 99999, ["1"]),
    ("amounts", "provider", "P1", "amounts", 99999, ["9000", "9999"]),
    ("window", "provider", "P1", "window", 99999, ["2024-01-07", "2024-01-31"]),
    ("round", "provider", "P1", "round", 99999),
    ("far", "provider", "P1", "far", 99999),
    ("account", "account", "A", "all", 99999),
    ("account benefits", "account", "A", "benefits", 99999),
    ("account small", "account", "A", "small", 99999),
    ("account off file", "account", "A", "off_file", 99999),
    ("account window", "account", "A", "window", 99999, ["2024-03-01", "2024-03-31"]),
    ("stays", "provider", "P2", "stays", 99999),
]


def line(claim: str, person: str, day: str, paid: int, **more: Any) -> dict[str, Any]:
    return {
        "claim_id": claim,
        "person_id": person,
        "claim_line_start_date": day,
        "paid_amount": paid,
        **more,
    }


@pytest.fixture(scope="module")
def evidence(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    work: dict[str, Any] = {
        "billing_provider_id": "ORG",
        "rendering_provider_id": "W",
        "procedure_code": "V",
    }
    snapshot = make_lake(
        spark,
        Lake(str(tmp_path_factory.mktemp("evidence"))),
        {
            "claim_lines": [
                line("A", "M1", "2024-01-06", 100, procedure_code="X",
                     service_start_time="2024-01-06T23:05:00"),
                line("B", "M2", "2024-01-08", 200),
                line("C", "M3", "2024-02-05", 90, charge_amount=95),
                line("FAR", "M3", "2024-02-05", 20, billing_provider_id="P2"),
                line("D", "M3", "2023-02-05", 900),
                # Nine hours for each of two persons in two buckets: long together only.
                line("J", "M1", "2024-05-02", 50, service_unit_quantity=9, **work),
                line("K", "M2", "2024-05-02", 60, service_unit_quantity=9, **work),
                line("L", "M2", "2024-05-03", 70, service_unit_quantity=9,
                     payee_account_id="A", **work),
                line("S", "M2", "2024-06-01", 500, billing_provider_id="P2",
                     claim_type="institutional", admission_date="2024-06-01"),
            ],
            "providers": [
                {"provider_id": "W"},
                {"provider_id": "ORG", "bank_account_id": "AORG"},
                {"provider_id": "P1", "latitude": 48.0, "longitude": 2.0,
                 "provider_type": "individual"},
                {"provider_id": "P2", "latitude": 44.0, "longitude": 2.0,
                 "bank_account_id": "A", "provider_type": "individual"},
            ],
            "members": [
                {"person_id": f"M{n}", "bank_account_id": account}
                for n, account in ((1, "A1"), (2, "A"), (3, "A"))
            ],
            "procedures": [{"procedure_code": "V", "typical_minutes": 60}],
            "employments": [
                {"person_id": "M2", "employer_id": "E1", "start_date": "2023-01-01"}
            ],
            "benefit_payments": [
                {"payment_id": "B1", "person_id": "M1", "benefit_type": "housing",
                 "period_start_date": "2024-03-01", "paid_amount": 40, "bank_account_id": "A"},
                {"payment_id": "B2", "person_id": "M2", "benefit_type": "sick_leave",
                 "period_start_date": "2024-03-01", "paid_amount": 80},
                {"payment_id": "B3", "person_id": "M2", "benefit_type": "housing",
                 "period_start_date": "2024-03-01", "paid_amount": 30, "bank_account_id": "A"},
                {"payment_id": "B4", "person_id": "M3", "benefit_type": "housing",
                 "period_start_date": "2024-04-01", "paid_amount": 10, "bank_account_id": "A"},
            ],
            "contributions": [
                {"employer_id": "E1", "period_start_date": "2024-01-01",
                 "contributions_due": 100},
                {"employer_id": "E1", "period_start_date": "2024-02-01",
                 "contributions_due": 200},
            ],
        },
    )  # fmt: skip
    inputs = Inputs(spark, snapshot, date(2024, 1, 1), date(2024, 12, 31))
    rows = [dict(zip(WANTED.names, (*asked, []), strict=False)) for asked in ASKED]
    wanted = pa.Table.from_pylist(rows, schema=WANTED)
    found: Evidence = {}
    for row in subject_evidence(inputs, wanted).collect():
        found.setdefault(row.finding_id, {})[row.row_key] = row.amount
    return found


@pytest.mark.parametrize(
    ("finding", "rows"),
    [
        ("all", {"|B|1": 200, "|A|1": 100}),
        ("lead", {"|B|1": 200}),
        ("weekend", {"|A|1": 100}),
        ("long", {"|J|1": 50, "|K|1": 60}),
        ("peak", {"|A|1": 100, "|B|1": 200}),
        ("member", {"|A|1": 100, "|J|1": 50}),
        ("benefits", {"B1": 40}),
        ("leave", {"B2": 80}),
        ("codes", {"|A|1": 100}),
        ("hours", {"|A|1": 100}),
        ("weekdays", {"|B|1": 200, "|C|1": 90}),
        ("amounts", {"|C|1": 90}),
        ("window", {"|B|1": 200}),
        ("round", {"|A|1": 100, "|B|1": 200}),
        ("far", {"|C|1": 90}),
        ("account", {"|S|1": 500, "|L|1": 70, "B1": 40, "B3": 30, "|FAR|1": 20, "B4": 10}),
        ("account benefits", {"B1": 40, "B3": 30, "B4": 10}),
        ("account small", {"B4": 10}),
        ("account off file", {"|L|1": 70, "B1": 40}),
        ("account window", {"B1": 40, "B3": 30}),
        ("stays", {"|S|1": 500}),
        ("missing", {"E1|2024-01-01": 100, "E1|2024-02-01": 200}),
    ],
)
def test_rows_of_each_kind(evidence: Evidence, finding: str, rows: dict[str, int]) -> None:
    assert evidence[finding] == {key: Decimal(paid) for key, paid in rows.items()}
