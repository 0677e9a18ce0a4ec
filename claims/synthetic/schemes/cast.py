"""Who may play in a scheme: members and providers of the honest population."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from pyspark.sql import DataFrame

from claims.synthetic.draws import identifier, identifier_of
from claims.synthetic.world import START, World

Person = dict[str, Any]
Provider = dict[str, Any]
POOL = 9_000
MOST_BLOCKS = 40


def blocks(world: World) -> float:
    """How often the set of schemes is planted: in step with the lines, up to six million lines.

    Beyond that the number of planted subjects stays and their share of the money falls.
    """
    return min(MOST_BLOCKS, world.scale)


@dataclass
class Cast:
    """Pools to draw from; each person and provider plays once while the pool lasts."""

    world: World
    people: list[Person]
    practitioners: list[Provider]
    taken: set[str] = field(default_factory=set)
    newcomers: int = 0

    def persons(
        self, rng: Random, many: int, fits: Callable[[Person], bool], alone: bool = True
    ) -> list[Person]:
        """Members who fit; with ``alone`` at most one a household, and each plays once."""
        order = rng.sample(self.people, len(self.people))
        found: list[Person] = []
        households: set[str] = set()
        for fresh in (True, False):
            for one in order:
                if len(found) == many:
                    break
                used = alone and fresh and one["person_id"] in self.taken
                if used or one["household_id"] in households or not fits(one):
                    continue
                found.append(one)
                households.add(one["household_id"])
        if alone:
            self.taken.update(one["person_id"] for one in found)
        return found

    def providers(
        self, rng: Random, many: int, specialty: str | Sequence[str], **fixed: Any
    ) -> list[Provider]:
        """Providers of a specialty, each once while there are any left.

        A small population may lack one who practises alone or in the region: then any other.
        """
        wanted = (specialty,) if isinstance(specialty, str) else tuple(specialty)
        able = [one for one in self.practitioners if one["specialty"] in wanted]
        near = [one for one in able if all(one[name] == value for name, value in fixed.items())]
        alone = [one for one in near if one["organisation_id"] is None]
        fit = alone or near or able
        fresh = [one for one in fit if one["provider_id"] not in self.taken]
        found = rng.sample(fresh, min(many, len(fresh)))
        spare = [one for one in fit if one not in found]
        found += rng.sample(spare, min(many - len(found), len(spare)))
        self.taken.update(one["provider_id"] for one in found)
        return found

    def group(self, rng: Random, specialty: str) -> list[Provider]:
        """The members of one group practice of a specialty; empty where there is none."""
        groups: dict[str, list[Provider]] = {}
        for one in self.practitioners:
            if one["specialty"] == specialty and one["organisation_id"]:
                groups.setdefault(one["organisation_id"], []).append(one)
        full = sorted(key for key, members in groups.items() if len(members) > 1)
        return groups[rng.choice(full)] if full else []

    def number(self) -> int:
        """The next number for a provider, employer, account or card made for a scheme."""
        self.newcomers += 1
        return self.world.first_newcomer + self.newcomers


def covered(person: Person) -> bool:
    """Alive and insured throughout."""
    return bool(
        person["death_date"] is None
        and person["covered_from"] <= START
        and person["covered_to"] is None
    )


def grown(person: Person) -> bool:
    """Of working age, insured, and without benefits or employment of the honest population."""
    return bool(person["reserved"] and person["stage"] in ("adult", "chronic") and covered(person))


def aged(person: Person) -> bool:
    """Elderly, insured and without a pension of the honest population."""
    return bool(person["reserved"] and person["stage"] == "elderly" and covered(person))


def deceased(person: Person) -> bool:
    """Dead early enough for a scheme to go on for half a year."""
    died = person["death_date"]
    return died is not None and date(2023, 3, 1) <= died <= date(2024, 7, 1)


def account_of(number: int) -> str:
    """Id of an account made for a scheme."""
    return identifier_of("A", 700_000_000 + number)


def cast(world: World, people: DataFrame, practitioners: DataFrame, table: DataFrame) -> Cast:
    """Collect the pools: two small Spark jobs, whatever the size of the population."""
    wanted = POOL * max(1.0, blocks(world))
    share = min(1.0, wanted / world.members)
    place = world.place("region", "area")
    rows = people.where(
        f"{world.draws.uniform('pool', 'h')} < {share}D or (reserved and "
        f"{world.draws.uniform('pool', 'h')} < {4 * share}D)"
    ).selectExpr(
        "i",
        "person_id",
        f"{identifier('H', 'h')} as household_id",
        "sex",
        "birth_date",
        "death_date",
        "stage",
        "reserved",
        "region",
        "covered_from",
        "covered_to",
        "household_account as account",
        f"{place['postal_code']} as postal_code",
        f"{identifier('K', 'i * 2')} as card_id",
        "card_renewed is null as one_card",
    )
    active = practitioners.where("not left_practice and k < 60").selectExpr(
        f"{identifier('P', 'p')} as provider_id", "region", "k", "active"
    )
    joined = active.join(
        table.select(
            "provider_id",
            "specialty",
            "organisation_id",
            "bank_account_id",
            "postal_code",
            "address",
            "phone",
            "provider_type",
        ),
        on="provider_id",
    )
    return Cast(
        world,
        sorted((one.asDict() for one in rows.collect()), key=lambda one: one["i"]),
        sorted((one.asDict() for one in joined.collect()), key=lambda one: one["provider_id"]),
    )
