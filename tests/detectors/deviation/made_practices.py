"""Forty ordinary practices and twelve suppliers; suspects of one scheme each, and honest twins."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

START, END = date(2023, 1, 1), date(2024, 12, 31)
DAYS = (END - START).days + 1
USUAL_LEVELS = (3, 5, 3, 1, 1)
HERE, FAR = (48.0, 2.0), (44.0, 2.0)


class Made:
    """Rows by table, grown visit by visit from one seed."""

    def __init__(self, seed: int = 5) -> None:
        self.draw = random.Random(seed)  # noqa: S311
        self.lines: list[dict[str, Any]] = []
        self.providers: list[dict[str, Any]] = []
        self.members: list[dict[str, Any]] = []

    @property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        fees = [{"procedure_code": f"V{n}", "fee_amount": 20 * n} for n in range(1, 6)]
        return {"claim_lines": self.lines, "providers": self.providers, "members": self.members,
                "procedures": fees}  # fmt: skip

    def provider(self, name: str, specialty: str = "gp", place: tuple[float, float] = HERE) -> str:
        self.providers.append(
            {"provider_id": name, "specialty": specialty, "provider_type": "individual",
             "postal_code": "75001", "latitude": place[0], "longitude": place[1]}
        )  # fmt: skip
        return name

    def person(self) -> str:
        name = f"M{len(self.members):05}"
        self.members.append({"person_id": name, "sex": "female", "birth_date": "1970-01-01"})
        return name

    def day(self, first: int = 0, last: int = DAYS - 1) -> date:
        """A working day from the first to the last day of the period that are given."""
        day = START + timedelta(days=self.draw.randint(first, last))
        return day - timedelta(days=max(0, day.weekday() - 4))

    def visit(self, provider: str, person: str, day: date, **more: Any) -> None:
        level = self.draw.choices(range(1, 6), more.pop("levels", USUAL_LEVELS))[0]
        hour = more.pop("hour", None) or self.draw.choice((8, 9, 10, 11, 14, 15, 16, 17))
        paid = round((10 + 8 * level) * self.draw.uniform(0.95, 1.05), 2)
        line = {
            "claim_id": f"C{len(self.lines):06}",
            "person_id": person,
            "billing_provider_id": provider,
            "claim_line_start_date": max(START, day),
            "service_start_time": f"{max(START, day)}T{hour:02}:15:00",
            "procedure_code": f"V{level}",
            "paid_amount": paid,
        }
        self.lines.append(line | more)

    def practice(self, name: str, *, persons: int = 40, visits: int = 5, first: int = 0,
                 **more: Any) -> list[str]:  # fmt: skip
        """A practice whose members come some times, spread over the period."""
        self.provider(name)
        seen = [self.person() for _ in range(persons)]
        for person in seen:
            for _ in range(max(1, round(self.draw.gauss(visits, 1)))):
                self.visit(name, person, self.day(first), **more)
        return seen


def made() -> Made:
    """The whole world; a suspect's name says its scheme, a twin's begins with HONEST."""
    world = Made()
    seen = [world.practice(f"GP{n:02}") for n in range(40)]
    world.practice("UPCODER", levels=(1, 1, 1, 5, 5))
    world.practice("HONEST-SICKER", levels=(2, 4, 4, 1, 1))
    world.practice("NIGHT", hour=2)
    _timing(world)
    _amounts(world)
    _concentration(world)
    world.provider("GHOST", place=FAR)
    for n in range(36):
        line = next(x for x in world.lines if x["person_id"] == seen[n][n % 5])
        world.visit("GHOST", line["person_id"], line["claim_line_start_date"])
    return world


def _timing(world: Made) -> None:
    world.provider("BURST")
    for _ in range(5):
        world.visit("BURST", world.person(), world.day(100, 300))
    for _ in range(60):
        world.visit("BURST", world.person(), world.day(600, 640))
    for _ in range(5):
        world.visit("BURST", world.person(), world.day(660, 720))
    campaign = world.practice("HONEST-CAMPAIGN")
    for person in campaign:
        world.visit("HONEST-CAMPAIGN", person, world.day(660, 690), levels=(1, 0, 0, 0, 0))
    riser = world.practice("RISER", visits=3)
    for person in riser:
        for _ in range(12):
            world.visit("RISER", person, world.day(365))
    # Opened in the middle: nothing before, and no rise after.
    world.practice("HONEST-NEWCOMER", first=400)


def _amounts(world: Made) -> None:
    world.provider("HUGGER")
    world.provider("HONEST-SPREAD")
    for _ in range(40):
        person, other = world.person(), world.person()
        for _ in range(5):
            world.visit("HUGGER", person, world.day(),
                        charge_amount=round(world.draw.uniform(140, 149.9), 2))  # fmt: skip
            world.visit("HONEST-SPREAD", other, world.day(),
                        charge_amount=round(world.draw.uniform(120, 180), 2))  # fmt: skip
    world.practice("SKIMMER", persons=150, visits=2, paid_amount=4.5)
    for number in range(12):
        _supplier(world, f"SUPPLIER{number:02}", invented=False)
    _supplier(world, "INVENTED", invented=True)


def _supplier(world: Made, name: str, invented: bool) -> None:
    """Amounts over four orders of magnitude: grown by products, or thought up digit by digit."""
    world.provider(name, "supplier")
    persons = [world.person() for _ in range(40)]
    for number in range(400):
        grown = 10 ** world.draw.uniform(0.5, 4.5)
        size = 10 ** world.draw.randint(0, 3)
        amount = world.draw.choice((6, 7, 8, 9, 5)) * size * world.draw.uniform(1, 1.15)
        world.visit(name, persons[number % 40], world.day(),
                    charge_amount=round(amount if invented else grown, 2))  # fmt: skip


def _concentration(world: Made) -> None:
    few = world.practice("CONCENTRATED", visits=2)
    for person in few[:4]:
        for _ in range(50):
            world.visit("CONCENTRATED", person, world.day())
    # Its members come more often, all of them.
    world.practice("HONEST-INTENSE", visits=7)
