"""Members, their households and what hangs on them; every attribute is a function of the number."""

from __future__ import annotations

from pyspark.sql import DataFrame

from claims.synthetic.draws import extend, identifier, select
from claims.synthetic.habits import INTENSITY
from claims.synthetic.names import FIRST_NAMES, LAST_NAMES, STREETS
from claims.synthetic.world import START, World

# A block of twelve members: six households, of one, one, two, two, two and four persons.
SLOTS = (0, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 5)
CHILDREN, ELDERLY = "(7, 10, 11)", "(1, 2, 3)"
# What a class takes of the population, for the expected number of lines.
CLASS_SHARES = {"child": 0.25, "adult": 0.41, "chronic": 0.09, "elderly": 0.25}
CAST_SHARE = 0.1


def numbered(world: World) -> DataFrame:
    """One row a member: number ``i``, place ``pos`` in its block, household ``h``, and who it is.

    ``reserved`` households draw no benefits or employment of their own: schemes cast from them.
    """
    draws = world.draws
    slots = ", ".join(str(slot) for slot in SLOTS)
    frame = world.spark.range(0, world.members, 1, world.partitions).withColumnRenamed("id", "i")
    frame = extend(
        frame,
        pos="cast(i % 12 as int)",
        h=f"(i div 12) * 6 + element_at(array({slots}), cast(i % 12 as int) + 1)",
        twin=f"(i % 12 = 11 and {draws.uniform('twin', 'h')} < 0.04D)",
        born="if(twin, i - 1, i)",
        reserved=f"{draws.uniform('cast', 'h')} < {CAST_SHARE}D",
        region=world.region_of("region", "h"),
        area=world.area_of("area", "h"),
        sex=f"if({draws.uniform('sex', 'i')} < case when pos in (2, 4, 8) then 0.98D "
        "when pos in (3, 5, 9) then 0.02D else 0.5D end, 'male', 'female')",
        stage=f"case when pos in {CHILDREN} then 'child' when pos in {ELDERLY} then 'elderly' "
        f"when {draws.uniform('chronic', 'i')} < 0.18D then 'chronic' else 'adult' end",
        birth_date="case stage "
        f"when 'elderly' then date_add(date'1928-01-01', {draws.whole(0, 11000, 'birth', 'i')}) "
        f"when 'child' then date_add(date'2007-01-01', {draws.whole(0, 6300, 'birth', 'born')}) "
        f"else date_add(date'1962-01-01', {draws.whole(0, 15000, 'birth', 'i')}) end",
        death_day=f"date_add(date'{START}', {draws.whole(40, 700, 'death/day', 'i')})",
        death_date=f"if(birth_date < death_day and {draws.uniform('death', 'i')} < "
        "if(stage = 'elderly', 0.07D, 0.004D), death_day, cast(null as date))",
        covered_from=f"greatest(birth_date, "
        f"date_add(date'2012-01-01', {draws.whole(0, 3800, 'cover', 'i')}))",
        cover_ends=f"date_add(date'{START}', {draws.whole(60, 700, 'cover/day', 'i')})",
        covered_to=f"coalesce(death_date, if(cover_ends > covered_from and "
        f"{draws.uniform('cover/end', 'i')} < 0.03D, cover_ends, cast(null as date)))",
        renewal=f"date_add(date'{START}', {draws.whole(30, 700, 'card/day', 'i')})",
        card_renewed=f"if(renewal > covered_from and {draws.uniform('card', 'i')} < 0.05D, "
        "renewal, cast(null as date))",
    ).drop("death_day", "cover_ends", "renewal")
    intensity = " ".join(f"when '{name}' then {many}D" for name, many in INTENSITY.items())
    return extend(
        frame,
        frailty=f"case stage {intensity} end * exp(0.75D * {draws.normal('frailty', 'i')} - 0.28D)",
        person_id=identifier("M", "i"),
        household_account=identifier("A", "h"),
    )


def members(world: World, people: DataFrame) -> DataFrame:
    """The table ``members``."""
    draws = world.draws
    place = world.place("region", "area")
    return select(
        people,
        {
            "person_id": "person_id",
            "household_id": identifier("H", "h"),
            "sex": "sex",
            "birth_date": "birth_date",
            "death_date": "death_date",
            "first_name": draws.pick(FIRST_NAMES, "first", "i"),
            "last_name": draws.pick(LAST_NAMES, "last", "h"),
            "national_id": "concat(if(sex = 'male', '1', '2'), date_format(birth_date, 'yyMM'), "
            f"{identifier('', 'i')})",
            "postal_code": place["postal_code"],
            "country_code": "'FR'",
            "address": f"concat({draws.whole(1, 180, 'door', 'h')}, ' ', "
            f"{draws.pick(STREETS, 'street', 'h')})",
            "latitude": f"{place['latitude']} + 0.04D * {draws.uniform('house/north', 'h')}",
            "longitude": f"{place['longitude']} + 0.04D * {draws.uniform('house/east', 'h')}",
            "phone": f"if({draws.uniform('phone', 'i')} < 0.04D, cast(null as string), "
            f"concat('06', substring({identifier('', 'h + 5000000')}, 2)))",
            "email": f"concat('member', {identifier('', 'i + 7000000')}, '@example.org')",
            "bank_account_id": "household_account",
        },
    )


def eligibility(people: DataFrame) -> DataFrame:
    """The table ``eligibility``: general cover, and recognised long illness beside it."""
    general = people.selectExpr(
        "person_id",
        "'general' as programme",
        "covered_from as coverage_start_date",
        "covered_to as coverage_end_date",
        "'active' as status",
    )
    illness = people.where("stage = 'chronic'").selectExpr(
        "person_id",
        "'long_illness' as programme",
        "greatest(covered_from, date'2019-06-01') as coverage_start_date",
        "covered_to as coverage_end_date",
        "'active' as status",
    )
    return illness.where(
        "coverage_end_date is null or coverage_end_date > coverage_start_date"
    ).unionByName(general)


def cards(people: DataFrame) -> DataFrame:
    """The table ``cards``: one a member, a second one where the first was lost or renewed."""
    first = people.selectExpr(
        f"{identifier('K', 'i * 2')} as card_id",
        "person_id",
        "covered_from as issued_date",
        "coalesce(card_renewed, date'2031-12-31') as expiry_date",
        "if(card_renewed is null, cast(null as date), card_renewed) as cancelled_date",
        "if(card_renewed is null, 'active', 'cancelled') as status",
    )
    second = people.where("card_renewed is not null").selectExpr(
        f"{identifier('K', 'i * 2 + 1')} as card_id",
        "person_id",
        "date_sub(card_renewed, 10) as issued_date",
        "date'2033-12-31' as expiry_date",
        "cast(null as date) as cancelled_date",
        "'active' as status",
    )
    return first.unionByName(second)


def relationships(people: DataFrame) -> DataFrame:
    """The table ``relationships``: couples, and parents with their children."""
    pairs: dict[int, tuple[tuple[int, str], ...]] = {
        2: ((3, "spouse"),),
        4: ((5, "spouse"),),
        6: ((7, "parent"),),
    }
    pairs[8] = ((9, "spouse"), (10, "parent"), (11, "parent"))
    listed = " ".join(
        f"when {pos} then array("
        + ", ".join(
            f"struct({other - pos} as step, '{kind}' as relation)" for other, kind in others
        )
        + ")"
        for pos, others in pairs.items()
    )
    return (
        people.where("pos in (2, 4, 6, 8)")
        .selectExpr("i", "person_id", f"inline(case pos {listed} end)")
        .selectExpr(
            "person_id",
            f"{identifier('M', 'i + step')} as related_person_id",
            "relation",
            "date'2010-01-01' as start_date",
        )
    )


def attribute_history(world: World, people: DataFrame) -> DataFrame:
    """The table ``attribute_history``: some members moved to a new account or phone."""
    draws = world.draws
    moved = people.where(f"{draws.uniform('moved', 'i')} < 0.03D")
    column = f"if({draws.uniform('moved/what', 'i')} < 0.5D, 'phone', 'bank_account_id')"
    return moved.selectExpr(
        "'member' as subject_type",
        "person_id as subject_id",
        f"{column} as column_name",
        f"{identifier('A', 'h + 880000000')} as old_value",
        "household_account as new_value",
        f"cast(date_add(date'{START}', {draws.whole(0, 700, 'moved/day', 'i')}) as timestamp_ntz)"
        " as changed_at",
        f"concat('S', {draws.whole(10, 60, 'moved/by', 'i')}) as changed_by",
    )
