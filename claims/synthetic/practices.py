"""Providers, group practices, who belongs to them and who was excluded."""

from __future__ import annotations

from pyspark.sql import DataFrame

from claims.synthetic.draws import extend, identifier, select
from claims.synthetic.names import FIRST_NAMES, LAST_NAMES, STREETS
from claims.synthetic.world import GROUP_SIZE, World, provider_id

GROUPED_SHARE = 0.3
RETIREMENT = "date'2023-09-30'"


def in_group(world: World, number: str, groupable: str = "groupable") -> str:
    """SQL text: does the provider of that number practise in a group?"""
    share = world.draws.uniform("group", f"{number} div {GROUP_SIZE}")
    return f"({groupable} and {share} < {GROUPED_SHARE}D)"


def group_number(world: World, number: str) -> str:
    """SQL text of the number of the group practice a provider would belong to."""
    return f"({world.first_group}L + {number} div {GROUP_SIZE})"


def numbered(world: World) -> DataFrame:
    """One row a provider: number ``p``, its post, rank ``k`` in it, and its group if any."""
    retired = "k >= active"
    frame = extend(world.post_frame(), k="explode(sequence(0, active + retired - 1))").repartition(
        world.partitions, "specialty", "region", "k"
    )
    return extend(
        frame,
        p="first + k",
        grouped=in_group(world, "(first + k)"),
        seat=f"p div {GROUP_SIZE}",
        left_practice=retired,
    )


def _place(world: World) -> dict[str, str]:
    draws = world.draws
    area = world.area_of("provider/area", "seat")
    place = world.place("region", f"({area})")
    own = "if(grouped, seat, p + 100000000)"
    return {
        "postal_code": place["postal_code"],
        "address": f"concat({draws.whole(1, 120, 'office/door', own)}, ' ', "
        f"{draws.pick(STREETS, 'office/street', own)})",
        "latitude": f"{place['latitude']} + 0.03D * {draws.uniform('office/north', own)}",
        "longitude": f"{place['longitude']} + 0.03D * {draws.uniform('office/east', own)}",
        "phone": f"concat('01', substring({identifier('', own)}, 2))",
    }


def providers(world: World, practitioners: DataFrame) -> DataFrame:
    """The table ``providers``: practitioners, firms and hospitals, then group practices."""
    draws = world.draws
    group = group_number(world, "p")
    person = f"concat({draws.pick(FIRST_NAMES, 'p/first', 'p')}, ' ', "
    person += f"{draws.pick(LAST_NAMES, 'p/last', 'p')})"
    firm = f"concat({draws.pick(LAST_NAMES, 'p/last', 'p')}, ' ', specialty)"
    own = {
        "provider_id": provider_id("p"),
        "provider_type": "if(individual, 'individual', 'organisation')",
        "name": f"if(individual, {person}, {firm})",
        "specialty": "specialty",
        "organisation_id": f"if(grouped, {provider_id(group)}, cast(null as string))",
        "tax_id": identifier("T", "p"),
        **_place(world),
        "enrolment_date": f"date_add(date'1998-01-01', {draws.whole(0, 8700, 'enrol', 'p')})",
        "termination_date": f"if(left_practice, {RETIREMENT}, cast(null as date))",
        "bank_account_id": identifier("A", f"300000000 + if(grouped, {group}, p)"),
    }
    groups = practitioners.where(f"grouped and p % {GROUP_SIZE} = 0")
    shared = {
        **own,
        "provider_id": provider_id(group),
        "provider_type": "'organisation'",
        "name": f"concat('Practice ', {draws.pick(LAST_NAMES, 'p/last', 'p')})",
        "specialty": "concat(specialty, '_group')",
        "organisation_id": "cast(null as string)",
        "tax_id": identifier("T", group),
        "termination_date": "cast(null as date)",
    }
    return select(practitioners, own).unionByName(select(groups, shared))


def affiliations(world: World, practitioners: DataFrame) -> DataFrame:
    """The table ``affiliations``: members of group practices; the first of each owns it."""
    return practitioners.where("grouped").selectExpr(
        "'provider' as subject_type",
        f"{provider_id('p')} as subject_id",
        "'provider' as organisation_type",
        f"{provider_id(group_number(world, 'p'))} as organisation_id",
        f"if(p % {GROUP_SIZE} = 0, 'owner', 'member') as role",
        "date'2018-01-01' as start_date",
    )


def exclusions(practitioners: DataFrame) -> DataFrame:
    """The table ``exclusions``: some who retired had been excluded, and bill no more."""
    return practitioners.where("left_practice and p % 2 = 0").selectExpr(
        f"{provider_id('p')} as provider_id",
        f"date_add({RETIREMENT}, 1) as exclusion_date",
        "'false statements' as reason",
        "'national list' as source",
    )
