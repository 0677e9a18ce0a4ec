"""A small world of practices: ordinary ones, planted suspects and their honest twins."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from deltalake import write_deltalake
from pyspark.sql import SparkSession

from claims.lake import Lake
from detectors.base import Inputs
from features.profiles import build_profiles
from tests.lakes import make_lake

START, END = date(2024, 1, 1), date(2024, 12, 31)
MONTHS = 12


@dataclass
class World:
    """Rows by table, grown practice by practice."""

    seed: int = 7
    tables: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            name: [] for name in ("claim_lines", "members", "providers", "procedures")
        }
    )

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)  # noqa: S311
        self.people = 0
        for level in range(1, 6):
            self.tables["procedures"].append(
                {"procedure_code": f"V{level}", "fee_amount": 20 * level, "typical_minutes": 12}
            )

    def practice(
        self,
        name: str,
        specialty: str = "general_practice",
        *,
        members: int = 30,
        visits: float = 3.0,
        price: float = 1.0,
        kind: str = "individual",
        weekend: bool = False,
    ) -> None:
        """A provider with members of its own, each seen a few times a year."""
        self.tables["providers"].append(
            {
                "provider_id": name,
                "specialty": specialty,
                "provider_type": kind,
                "postal_code": "75001",
            }
        )
        habit = price * self.draw.lognormvariate(0, 0.08)
        often = visits * self.draw.lognormvariate(0, 0.08)
        for _ in range(members):
            self.people += 1
            person = f"M{self.people:05}"
            self.tables["members"].append(
                {
                    "person_id": person,
                    "sex": "female",
                    "birth_date": "1970-01-01",
                    "postal_code": "75001",
                }
            )
            for _ in range(max(1, round(self.draw.gauss(often, 0.7)))):
                self._line(name, person, habit, weekend)

    def _line(self, provider: str, person: str, price: float, weekend: bool) -> None:
        day = START + timedelta(days=self.draw.randrange(366))
        if weekend and self.draw.random() < 0.9:
            day += timedelta(days=(5 - day.weekday()) % 7)
        level = self.draw.choices((1, 2, 3, 4, 5), (3, 4, 3, 1, 1))[0]
        self.tables["claim_lines"].append(
            {
                "claim_id": f"C{len(self.tables['claim_lines']):06}",
                "person_id": person,
                "billing_provider_id": provider,
                "claim_line_start_date": min(day, END),
                "procedure_code": f"V{level}",
                "paid_amount": round((10 + 5 * level) * price * self.draw.uniform(0.9, 1.1), 2),
            }
        )


def honest(world: World, practices: int = 45) -> World:
    """Ordinary practices and laboratories, the honest twins among them."""
    for number in range(practices):
        world.practice(f"GP{number:02}", members=world.draw.randrange(20, 45))
    for number in range(35):
        world.practice(f"LAB{number:02}", "laboratory", members=40, visits=2, kind="organisation")
    # As intense as its peers, only ten times larger.
    world.practice("LAB-BUSY", "laboratory", members=400, visits=2, kind="organisation")
    # Few members: one dear patient moves the mean.
    world.practice("GP-RURAL", members=5, visits=4, price=2.5)
    # Two hospitals are nobody's peers.
    for name in ("HOSPITAL-1", "HOSPITAL-2"):
        world.practice(name, "hospital", members=60, visits=4, price=12, kind="organisation")
    return world


def planted(world: World) -> World:
    """Two practices that bill as no peer does."""
    world.practice("GP-DEAR", members=30, price=5.0)
    world.practice("GP-OFTEN", members=30, visits=14, price=1.1, weekend=True)
    return world


def inputs_of(spark: SparkSession, folder: Path, world: World) -> Inputs:
    """The world as a lake with its profiles stored, ready for a detector."""
    lake = Lake(str(folder))
    snapshot = make_lake(spark, lake, world.tables)
    profiles = {}
    for name, frame in build_profiles(spark, snapshot, START, END).items():
        write_deltalake(lake.path(name), frame.toArrow())
        profiles[name] = lake.read(spark, name)
    return Inputs(spark, snapshot, START, END, seed=0, profiles=profiles)
