"""A lake as a detection run leaves it, written without Spark: detail, findings, cases, two runs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from claims.lake import Lake
from claims.runs import Run, recorded
from claims.storage import Layout
from tests.lakes import Rows, write_table

BUCKETS = 2
PROVIDERS = 24
CAPACITY = 9
HOSTILE_NAME = "<script>window.hostile = 1</script>"
HOSTILE_MEMBER = "M-<img src=x onerror=alert(1)>"
SURNAME = "Lindqvist"
# Providers 0 to 2 share an account, the first two a phone; the second is excluded.
ACCOUNT, PHONE, EXCLUDED = "A-7", "0612987654", 1

REASONS = {
    "rules.limits.impossible_units": "Billed {n} fifteen-minute units on each of {days} days",
    "rules.duplicates.same_service_twice": "{days} services were paid twice to the same member",
    "deviation.paid_per_member": "Paid {n} a member, {ratio} times its 212 peers' median",
    "forest.profile": "Unlike its peers in units a line, share of weekends and members a day",
    "collusion.shared_account": "Shares bank account A-7 with {days} other providers",
}
EXPLANATIONS = {
    "rules.limits.impossible_units": ["several therapists billing under one number"],
    "rules.duplicates.same_service_twice": ["a correction that was not marked as a replacement"],
    "deviation.paid_per_member": ["a referral centre for severe cases", "a practice just opened"],
    "collusion.shared_account": ["a group practice paid through one account"],
}


def result_lake(lake: Lake) -> str:
    """Write the lake; returns the run_id that readers must take (an earlier and a failed run lie
    beside it).
    """
    lines, members, providers = _detail()
    excluded = [{"provider_id": _provider(EXCLUDED), "exclusion_date": date(2023, 5, 1)}]
    with recorded(Run(lake, "load")) as load:
        load.parameters["layout"] = asdict(Layout(BUCKETS))
        for name, rows in (
            ("claim_lines", lines),
            ("members", members),
            ("providers", providers),
            ("exclusions", excluded),
        ):
            count = len(rows)
            load.rows[name] = {
                "in": count,
                "loaded": count,
                "quarantined": 0,
                "version": write_table(lake, name, rows),
                "sha256": "",
            }
    stale, kept, failed = (Run(lake, "run") for _ in range(3))
    for run in (stale, kept, failed):
        run.period = (date(2024, 1, 1), date(2024, 12, 31))
        run.rows = load.rows
        run.parameters = {**load.parameters, "capacity_hours": CAPACITY * 8.0}
        run.parameters["profiles"] = ["provider_profiles"]
    results: dict[str, list[dict[str, Any]]] = {}
    for run, suspects in ((stale, 1), (kept, PROVIDERS), (failed, 2)):
        for name, rows in _results(lines, suspects).items():
            results.setdefault(name, []).extend({**row, "run_id": run.run_id} for row in rows)
    for name, rows in results.items():
        write_table(lake, name, rows)
    profiles = pa.Table.from_pylist([{**row, "run_id": kept.run_id} for row in _profiles(lines)])
    write_deltalake(lake.path("provider_profiles"), profiles, partition_by=["run_id"])
    for run in (stale, kept):
        with recorded(run):
            pass
    failed.record("failed")
    return kept.run_id


def _detail() -> tuple[Rows, Rows, Rows]:
    lines = []
    for provider in range(PROVIDERS):
        for n in range(40):
            day = date(2024, 1, 8) + timedelta(days=(n * 9 + provider * 5) % 350)
            heavy = n % 4 == 0
            paid = Decimal(30 + (n * 7 + provider * 3) % 45)
            units = 4
            if heavy:
                paid *= 2 + (PROVIDERS - provider) // 6
                units = 100 + provider
            lines.append(
                {
                    "claim_id": f"C{provider:02d}{n:03d}",
                    "claim_line_number": 1,
                    "claim_type": "professional",
                    "person_id": HOSTILE_MEMBER if n == 3 else _person(n, provider),
                    "billing_provider_id": _provider(provider),
                    "rendering_provider_id": _provider(provider),
                    "claim_line_start_date": day,
                    "procedure_code": "97110",
                    "service_unit_quantity": units,
                    "paid_amount": paid,
                    "source_note": SURNAME,
                }
            )
    members = [
        {
            "person_id": person,
            "sex": "female",
            "birth_date": date(1950, 5, 4),
            "first_name": "Alva",
            "last_name": SURNAME,
            "postal_code": "90210",
            "latitude": 48.2345,
            "longitude": 2.3456,
        }
        for person in (*(f"M{n:03d}" for n in range(60)), HOSTILE_MEMBER)
    ]
    providers = [
        {
            "provider_id": _provider(n),
            "provider_type": "individual",
            "name": HOSTILE_NAME if n == 0 else f"Dr {SURNAME} {n}",
            "specialty": "physical therapy" if n % 2 else "clinical laboratory",
            "enrolment_date": date(2015, 3, 1),
            "bank_account_id": ACCOUNT if n < 3 else f"A-{100 + n}",
            "phone": PHONE if n < 2 else None,
            "latitude": 48.8765 if n == 0 else None,
            "longitude": 2.1234 if n == 0 else None,
        }
        for n in range(PROVIDERS)
    ]
    return lines, members, providers


def _profiles(lines: Rows) -> Iterator[dict[str, Any]]:
    """A row a provider, and 60 peers of the first who bill nothing here."""
    for n in range(PROVIDERS):
        own = [line for line in lines if line["billing_provider_id"] == _provider(n)]
        paid = sum(float(line["paid_amount"]) for line in own)
        persons = len({line["person_id"] for line in own})
        units = sum(line["service_unit_quantity"] for line in own)
        yield _profile(_provider(n), persons, paid / persons, units / len(own), n % 2)
    for n in range(60):
        yield _profile(f"Q{n:03d}", 20, 50.0 + n, 2.0 + n / 20, 0)


def _profile(provider: str, persons: int, paid: float, units: float, kind: int) -> dict[str, Any]:
    return {
        "provider_id": provider,
        "specialty": "physical therapy" if kind else "clinical laboratory",
        "provider_type": "individual",
        "region": f"region {kind + 1}",
        "main_claim_type": "professional",
        "members": persons,
        "paid_per_member": paid,
        "units_per_line": units,
        "lines_per_member": 40 / persons,
        "mix_specialty": None,
        "specialty_disagrees": False,
    }


def _provider(n: int) -> str:
    return f"P{(n * 37 + 11) % 97:03d}"


def _person(n: int, provider: int) -> str:
    return f"M{(n // 4 * 5 + provider) % 60:03d}"


def _results(lines: Rows, suspects: int) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {
        "findings": [],
        "evidence": [],
        "cases": [],
        "case_contributions": [],
    }
    for n in range(suspects):
        subject = _provider(n)
        own = [line for line in lines if line["billing_provider_id"] == subject]
        flagged = [line for line in own if line["service_unit_quantity"] > 96]
        detectors = [d for k, d in enumerate(REASONS) if (n + k) % 3 == 0 or n == 0 or k == n % 5]
        points = {d: round(2.6 / (1 + k) - n * 0.06, 9) for k, d in enumerate(detectors)}
        if n == 0:
            points[detectors[-2]] = 0.0
        score = round(-3.0 + sum(points.values()), 9)
        case_id = f"case{n:02d}"
        exposure = sum((line["paid_amount"] for line in flagged), Decimal(0))
        overpayment = (exposure * Decimal("0.8")).quantize(Decimal("0.01"))
        suspicion = 1 / (1 + math.exp(-score))
        reasons = [reason for _, reason in zip(detectors, _reasons(detectors, n), strict=True)]
        found["cases"].append(
            {
                "case_id": case_id,
                "subject_type": "provider",
                "subject_id": subject,
                "score": score,
                "suspicion": round(suspicion, 9),
                "exposure": exposure,
                "overpayment": overpayment,
                "expected_recovery": round(float(overpayment) * suspicion, 2),
                "families": len({d.split(".")[0] for d in detectors}),
                "selection": "ranked",
                "summary": reasons[0],
            }
        )
        found["case_contributions"].append(
            {"case_id": case_id, "detector": "prior", "finding_id": None, "points": -3.0}
        )
        for detector, reason in zip(detectors, reasons, strict=True):
            finding = f"{case_id}-{detector}"
            found["case_contributions"].append(
                {
                    "case_id": case_id,
                    "detector": detector,
                    "finding_id": finding,
                    "points": points[detector],
                }
            )
            found["findings"].append(_finding(finding, detector, subject, reason, overpayment))
            found["evidence"].extend(_evidence(finding, flagged, own))
    found["cases"].sort(key=lambda case: (-case["expected_recovery"], case["case_id"]))
    for place, case in enumerate(found["cases"], start=1):
        case.update(rank=place, within_capacity=place <= CAPACITY)
    return found


def _reasons(detectors: Sequence[str], n: int) -> Iterator[str]:
    for detector in detectors:
        yield REASONS[detector].format(n=100 + n, days=10 - n % 4, ratio=round(4.2 - n * 0.1, 1))


def _finding(
    finding_id: str, detector: str, subject: str, reason: str, overpayment: Decimal
) -> dict[str, Any]:
    details: dict[str, Any] = {"false_positives": EXPLANATIONS.get(detector, [])}
    if detector.startswith("rules."):
        details.update(rule=detector, basis="CMS Claims Processing Manual, ch. 5")
    if detector == "deviation.paid_per_member":
        details.update(
            measure="paid_per_member",
            observed=412.5,
            expected=98.2,
            threshold=230.0,
            peers={"group": "clinical laboratory", "size": 212},
        )
    if detector == "forest.profile":
        details["drivers"] = [
            {"feature": "units_per_line", "observed": 9.5, "expected": 3.2},
            {"feature": "weekend_share", "observed": 0.4, "expected": 0.0},
        ]
    return {
        "finding_id": finding_id,
        "detector": detector,
        "detector_version": "1",
        "subject_type": "provider",
        "subject_id": subject,
        "period_start_date": date(2024, 1, 1),
        "period_end_date": date(2024, 12, 31),
        "score": 0.7,
        "overpayment": overpayment,
        "reason": reason,
        "details": json.dumps(details),
    }


def _evidence(finding_id: str, flagged: Rows, own: Rows) -> Iterator[dict[str, Any]]:
    context = [line for line in own if line["person_id"] == HOSTILE_MEMBER]
    for role, rows in (("flagged", flagged), ("context", context)):
        for line in rows:
            yield {
                "finding_id": finding_id,
                "table_name": "claim_lines",
                "row_key": f"|{line['claim_id']}|1",
                "amount": line["paid_amount"],
                "person_id": line["person_id"],
                "provider_id": line["billing_provider_id"],
                "role": role,
            }
