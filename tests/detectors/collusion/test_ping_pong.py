"""Persons sent back within days make a ring; one way, too late or one practice do not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from detectors.base import Inputs
from detectors.collusion import PingPong
from tests.detectors.collusion.conftest import detected

Order = tuple[str, str, str, date]


def orders() -> list[Order]:
    """Orderer, renderer, person and day."""
    draw = random.Random(2)  # noqa: S311
    day = date(2024, 3, 4)
    made: list[Order] = [
        (f"D{draw.randrange(20)}", f"S{draw.randrange(10)}", f"M{n}", day) for n in range(600)
    ]
    for a, b, back, first in (("P1", "P2", 7, 0), ("LATE1", "LATE2", 90, 40), ("G1", "G2", 7, 80)):
        for n in range(first, first + 20):
            made += [(a, b, f"M{n}", day), (b, a, f"M{n}", day + timedelta(days=back))]
    made += [("ONE", "WAY", f"M{n}", day) for n in range(120, 150)]
    return made


def test_only_who_sends_back_within_days_is_found(inputs_of: Callable[..., Inputs]) -> None:
    made = orders()
    lines: list[dict[str, Any]] = [
        {
            "claim_id": f"C{number}",
            "person_id": person,
            "ordering_provider_id": a,
            "billing_provider_id": b,
            "claim_line_start_date": day,
            "paid_amount": 10,
        }
        for number, (a, b, person, day) in enumerate(made)
    ]
    names = sorted({name for a, b, _, _ in made for name in (a, b)})
    inputs = inputs_of(
        members=[{"person_id": f"M{n}", "postal_code": "75001"} for n in range(600)],
        providers=[
            {"provider_id": one, "organisation_id": "HOUSE" if one[0] == "G" else None}
            for one in names
        ],
        claim_lines=lines,
    )

    (found,), evidence = detected(PingPong(), inputs)

    details = json.loads(found["details"])
    assert {one["subject_id"] for one in details["subjects"]} == {"P1", "P2"}
    assert details["observed"] == 20
    wanted = {f"|C{n}|1" for n, (a, b, _, _) in enumerate(made) if {a, b} == {"P1", "P2"}}
    assert {row["row_key"] for row in evidence} == wanted
    assert float(found["overpayment"]) == 0.3 * 10 * len(wanted)
