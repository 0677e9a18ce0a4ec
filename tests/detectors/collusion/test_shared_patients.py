"""A closed ring is found; a hub, a village, a group practice and plain chance are not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from detectors.base import Inputs
from detectors.collusion.communities import Communities
from detectors.collusion.shared_patients import SharedPatients
from features.patient_links import PatientSharing, patient_links
from tests.detectors.collusion.conftest import detected

Visits = list[tuple[str, str]]
RING = [f"R{n}" for n in range(1, 5)]


def region() -> tuple[Visits, dict[str, str]]:
    """Who sees whom, and where members live: a town of 900, a village of 80."""
    draw = random.Random(1)  # noqa: S311
    homes = {f"M{n}": f"7500{n % 3}" for n in range(900)}
    homes |= {f"V{n}": "48001" for n in range(80)}
    town = [member for member in homes if member.startswith("M")]
    village = [member for member in homes if member.startswith("V")]
    visits: Visits = []
    for doctor in range(25):
        visits += [(f"D{doctor}", member) for member in draw.sample(town, 60)]
    visits += [("HUB", member) for member in draw.sample(town, 500)]
    patients = draw.sample(town, 45)
    for provider in RING:
        visits += [(provider, member) for member in draw.sample(patients, 36)]
        visits += [(provider, member) for member in draw.sample(town, 6)]
    for provider in ("VILLAGE1", "VILLAGE2", "VILLAGE3"):
        visits += [(provider, member) for member in draw.sample(village, 60)]
    practice = draw.sample(town, 45)
    for provider in ("PRACTICE1", "PRACTICE2", "PRACTICE3"):
        visits += [(provider, member) for member in draw.sample(practice, 40)]
    return visits, homes


@pytest.fixture
def country(inputs_of: Callable[..., Inputs]) -> Inputs:
    visits, homes = region()
    providers = sorted({provider for provider, _ in visits})
    return inputs_of(
        members=[{"person_id": m, "postal_code": code} for m, code in homes.items()],
        providers=[
            {"provider_id": p, "organisation_id": "O1" if p.startswith("PRACTICE") else None}
            for p in providers
        ],
        claim_lines=[
            {
                "claim_id": f"{provider}-{member}",
                "person_id": member,
                "billing_provider_id": provider,
                "claim_line_start_date": "2024-06-01",
                "paid_amount": 10,
            }
            for provider, member in sorted(set(visits))
        ],
    )


def test_only_the_ring_is_found(country: Inputs) -> None:
    findings, evidence = detected(SharedPatients(), country)

    assert len(findings) == 1
    found = findings[0]
    details = json.loads(found["details"])
    assert [s["subject_id"] for s in details["subjects"]] == RING
    assert 0.5 < found["score"] <= 0.8
    assert details["observed"] > 3 * details["expected"]
    visits = sorted({pair for pair in region()[0] if pair[0] in RING})
    seen = {m: sum(member == m for _, member in visits) for _, m in visits}
    shared = {f"|{p}-{m}|1" for p, m in visits if seen[m] >= 2}
    assert {row["row_key"] for row in evidence} == shared
    assert found["overpayment"] == Decimal(10 * len(shared)) * Decimal("0.3")


def test_the_hub_is_cut_before_pairs_are_made(country: Inputs) -> None:
    start, end = country.start, country.end
    links = patient_links(country.spark, country.snapshot, start, end, PatientSharing())

    pairs = {(row.a, row.b) for row in links.collect()}
    links.unpersist()

    assert pairs == {(a, b) for a in RING for b in RING if a < b}
    assert PatientSharing().most_persons(1_000_000) == 20_000
    assert PatientSharing().most_persons(900) == 300


def test_persons_with_very_many_providers_make_no_pairs(country: Inputs) -> None:
    start, end = country.start, country.end
    bound = PatientSharing(most_providers=2)
    links = patient_links(country.spark, country.snapshot, start, end, bound)

    assert links.count() == 0
    links.unpersist()


def test_communities_are_told_apart_inside_one_part() -> None:
    import pandas as pd

    def clique(names: list[str]) -> list[tuple[str, str]]:
        return [(a, b) for a in names for b in names if a < b]

    pairs = [*clique(["a", "b", "c", "d"]), *clique(["w", "x", "y", "z"]), ("d", "w"), ("z", "zz")]
    frame = pd.DataFrame(pairs, columns=["a", "b"]).assign(ratio=10.0)

    found = Communities().within(frame)

    assert found == [["a", "b", "c", "d"], ["w", "x", "y", "z"]]
    assert Communities().within(frame.iloc[::-1]) == found
    assert Communities().within(frame.iloc[-1:]) == []
