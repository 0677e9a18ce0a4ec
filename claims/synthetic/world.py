"""How large the population is and where it lies: counts, regions and posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import holidays
from pyspark.sql import DataFrame, SparkSession

from claims.synthetic.draws import Draws, by_share, extend, identifier
from claims.synthetic.specialties import SPECIALTIES, Specialty

START = date(2023, 1, 1)
END = date(2024, 12, 31)
DAYS = (END - START).days + 1
SOURCE = "health_fund"
REGIONS = (0.26, 0.20, 0.16, 0.13, 0.10, 0.07, 0.05, 0.03)
LINES_PER_MEMBER = 14
LINES_PER_PROVIDER = 125
REFERENCE_LINES = 150_000
GROUP_SIZE = 4


@dataclass(frozen=True)
class Post:
    """The providers of one specialty in one region: numbers first .. first + active + retired - 1.

    The last ``retired`` of them stop in September 2023.
    """

    specialty: Specialty
    region: int
    first: int
    active: int
    retired: int


@dataclass(frozen=True)
class World:
    """The sizes and the streams of chance of one population.

    Args:
        spark: session that makes the frames.
        lines: claim lines wanted, to within some per cent.
        seed: everything else follows from it.
    """

    spark: SparkSession
    lines: int
    seed: int

    @property
    def draws(self) -> Draws:
        """Streams of chance of this seed."""
        return Draws(self.seed)

    @property
    def scale(self) -> float:
        """Size against the reference population of 150,000 lines."""
        return self.lines / REFERENCE_LINES

    @property
    def members(self) -> int:
        """Covered persons: whole blocks of twelve, each holding six households."""
        return max(50, round(self.lines / LINES_PER_MEMBER / 12)) * 12

    @property
    def employers(self) -> int:
        """Employers, about one for twenty members."""
        return max(24, self.members // 20)

    @property
    def areas(self) -> int:
        """Postal codes a region."""
        return max(4, min(400, self.members // 600))

    @property
    def partitions(self) -> int:
        """Tasks of a wide frame: about a quarter of a million claim lines each."""
        return max(2, self.lines // 250_000)

    @cached_property
    def posts(self) -> tuple[Post, ...]:
        """Who practises where; firsts lie on whole groups, so that no practice spans two posts."""
        providers = self.lines / LINES_PER_PROVIDER
        total = sum(specialty.weight for specialty in SPECIALTIES)
        found, first = [], 0
        for specialty in SPECIALTIES:
            for region, share in enumerate(REGIONS):
                active = max(1, round(providers * specialty.weight / total * share))
                retired = active // 15
                found.append(Post(specialty, region, first, active, retired))
                first += -(-(active + retired) // GROUP_SIZE) * GROUP_SIZE
        return tuple(found)

    @property
    def first_group(self) -> int:
        """Number of the first group practice."""
        last = self.posts[-1]
        return last.first + last.active + last.retired + GROUP_SIZE

    @property
    def first_newcomer(self) -> int:
        """Number from which providers made for a scheme count."""
        return self.first_group * 2

    def post_frame(self) -> DataFrame:
        """Posts as a small frame, each with the general practitioners of its region."""
        doctors = {
            post.region: post for post in self.posts if post.specialty.name == "general_practice"
        }
        rows = [
            (
                post.specialty.name,
                post.region,
                post.first,
                post.active,
                post.retired,
                post.specialty.individual,
                post.specialty.grouped,
                doctors[post.region].first,
                doctors[post.region].active,
            )
            for post in self.posts
        ]
        return self.spark.createDataFrame(
            rows,
            "specialty string, region int, first bigint, active int, retired int,"
            " individual boolean, groupable boolean, doctor_first bigint, doctors int",
        ).hint("broadcast")

    def region_of(self, stream: str, *ids: str) -> str:
        """SQL text of a region's number, large regions more often."""
        return by_share(self.draws.uniform(stream, *ids), REGIONS)

    def area_of(self, stream: str, *ids: str) -> str:
        """SQL text of an area's number in its region: towns first, many small places after."""
        return f"cast(floor({self.areas} * pow({self.draws.uniform(stream, *ids)}, 2.2)) as int)"

    def place(self, region: str, area: str) -> dict[str, str]:
        """SQL texts of postal code and position (degrees) of an area's centre."""
        spot = f"{region} * 1000 + {area}"
        north = self.draws.uniform("north", spot)
        east = self.draws.uniform("east", spot)
        return {
            "postal_code": f"cast((({region}) + 1) * 10000 + ({area}) * 10 as string)",
            "latitude": f"43D + floor(({region}) / 2) * 1.5D + {north}",
            "longitude": f"({region}) % 2 * 2.5D + 1.8D * {east}",
        }

    def area_frame(self) -> DataFrame:
        """The table ``areas``."""
        total = len(REGIONS) * self.areas
        shares = ", ".join(f"{share}D" for share in REGIONS)
        numbered = extend(
            self.spark.range(0, total, 1, 1),
            region=f"cast(id div {self.areas} as int)",
            area_number=f"cast(id % {self.areas} as int)",
        )
        taken = (
            f"pow((area_number + 1) / {self.areas}D, 1 / 2.2D)"
            f" - pow(area_number / {self.areas}D, 1 / 2.2D)"
        )
        return extend(
            numbered,
            **self.place("region", "area_number"),
            area="concat('region ', region + 1)",
            population=f"cast({self.members} * element_at(array({shares}), region + 1)"
            f" * ({taken}) as int)",
        )


def provider_id(number: str) -> str:
    """SQL text of a provider's id."""
    return identifier("P", number)


def seasonal_day(draws: Draws, *ids: str) -> str:
    """SQL text of a day, more often in winter: a summer draw is drawn again half of the time."""
    first = f"cast(floor({DAYS} * {draws.uniform('day', *ids)}) as int)"
    again = f"cast(floor({DAYS} * {draws.uniform('day/again', *ids)}) as int)"
    summer = f"(0.5D - 0.5D * cos({2 * 3.141592653589793!r}D * ({first} - 20) / 365.25D))"
    kept = f"if({draws.uniform('day/season', *ids)} < 0.5D * {summer}, {again}, {first})"
    return f"date_add(date'{START}', {kept})"


def open_day(day: str, draw: str) -> str:
    """SQL text of the day care is given where it mostly keeps opening days and holidays."""
    closed = holidays.country_holidays("FR", years=range(START.year, END.year + 1))
    listed = ", ".join(f"date'{one}'" for one in sorted(closed))
    return (
        f"case when dayofweek({day}) = 1 and {draw} < 0.96D then date_add({day}, 2)"
        f" when dayofweek({day}) = 7 and {draw} < 0.75D then date_add({day}, 3)"
        f" when {day} in ({listed}) and {draw} < 0.95D then date_add({day}, 1) else {day} end"
    )
