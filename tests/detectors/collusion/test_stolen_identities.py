"""New offices that bill one list are found; a new medical house and a busy new practice are not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from detectors.base import Inputs
from detectors.collusion import StolenIdentities
from tests.detectors.collusion.conftest import detected

Visit = tuple[str, str, date, str | None]
THIEVES = ["T0", "T1", "T2"]
HOUSE = ["H0", "H1", "H2"]


def visits() -> list[Visit]:
    """Provider, person, day and who ordered."""
    draw = random.Random(4)  # noqa: S311
    people = [f"M{n}" for n in range(900)]
    made: list[Visit] = [
        (f"D{d}", person, date(2023, 6, 1) + timedelta(days=draw.randrange(500)), None)
        for d in range(20)
        for person in draw.sample(people, 60)
    ]
    start = date(2024, 5, 6)
    stolen = draw.sample(people, 30)
    for person in stolen:
        for turn, thief in enumerate(THIEVES):
            made.append((thief, person, start + timedelta(days=turn), None))
    # A new medical house: each sees a part of the patients, colleagues and old doctors order.
    for person in draw.sample(people, 60):
        for one in draw.sample(HOUSE, draw.choice((1, 1, 2))):
            day = start + timedelta(days=draw.randrange(150))
            made.append((one, person, day, f"D{draw.randrange(20)}"))
    made += [("NEW", person, start, None) for person in draw.sample(people, 80)]
    return made


def test_only_the_list_that_nobody_sent_is_found(inputs_of: Callable[..., Inputs]) -> None:
    made = visits()
    names = sorted({provider for provider, _, _, _ in made})
    new = (*THIEVES, *HOUSE, "NEW")
    lines: list[dict[str, Any]] = [
        {
            "claim_id": f"C{number}",
            "billing_provider_id": provider,
            "person_id": person,
            "claim_line_start_date": day,
            "ordering_provider_id": orderer,
            "paid_amount": 10,
        }
        for number, (provider, person, day, orderer) in enumerate(made)
    ]
    inputs = inputs_of(
        members=[{"person_id": f"M{n}", "postal_code": "75001"} for n in range(900)],
        providers=[
            {
                "provider_id": one,
                "enrolment_date": "2024-04-01" if one in new else "2010-01-01",
            }
            for one in names
        ],
        claim_lines=lines,
    )

    (found,), evidence = detected(StolenIdentities(), inputs)

    details = json.loads(found["details"])
    assert [one["subject_id"] for one in details["subjects"]] == THIEVES
    assert (details["persons"], details["unsent"], details["filled"]) == (30, 30, 1.0)
    wanted = {f"|C{n}|1" for n, visit in enumerate(made) if visit[0] in THIEVES}
    assert {row["row_key"] for row in evidence} == wanted
