"""From members to claims: episodes, their steps, the providers chosen, the days and the times."""

from __future__ import annotations

from dataclasses import astuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from claims.synthetic.draws import extend
from claims.synthetic.habits import CLASSES, MIX, episode_rate
from claims.synthetic.pathways import STEPS
from claims.synthetic.people import CLASS_SHARES
from claims.synthetic.practices import RETIREMENT, group_number, in_group
from claims.synthetic.tariff import places
from claims.synthetic.world import END, LINES_PER_MEMBER, START, World, open_day, seasonal_day

# Share of the expected lines that deaths, ends of cover, closed days and double bookings take
# away, less what leaves, adjustments and schemes bring.
LOST = 0.95
MOST_EPISODES = 160
NATIONAL_LABORATORIES = 0.25
TIMED = "('physiotherapy', 'speech_therapy', 'psychiatry')"
SLOT_MINUTES = 50


def episodes(world: World, people: DataFrame) -> DataFrame:
    """One row a member ``i`` and episode ``e``: kind and start, more of them for the frail."""
    draws = world.draws
    rate = episode_rate(LINES_PER_MEMBER, CLASS_SHARES) / LOST
    many = (
        f"least({MOST_EPISODES}, cast(floor({rate}D * frailty + {draws.uniform('n', 'i')}) as int))"
    )
    counted = extend(people, many=many).where("many > 0")
    drawn = extend(
        extend(counted, e="explode(sequence(1, many))").drop("many"),
        kind_draw=draws.uniform("kind", "i", "e"),
        start=seasonal_day(draws, "i", "e"),
        regular=f"{draws.uniform('regular', 'i', 'e')} < 0.85D",
    )
    return (
        drawn.join(_mix(world), on="stage")
        .where("kind_draw >= low and kind_draw < high")
        .drop("kind_draw", "low", "high")
    )


def _mix(world: World) -> DataFrame:
    rows = []
    for name in CLASSES:
        total, low = sum(MIX[name].values()), 0.0
        for kind, weight in MIX[name].items():
            rows.append((name, kind, low, low + weight / total))
            low += weight / total
        rows[-1] = (*rows[-1][:3], 1.1)
    schema = "stage string, kind string, low double, high double"
    return world.spark.createDataFrame(rows, schema).hint("broadcast")


def _steps(world: World) -> DataFrame:
    rows = [
        (
            *(value for value in astuple(step) if not isinstance(value, tuple)),
            *step.times,
            *step.lines,
            places(step.menu),
            places(step.follow),
        )
        for step in STEPS
    ]
    return world.spark.createDataFrame(
        rows,
        "kind string, step int, specialty string, claim_type string, menu string, follow string,"
        " chance double, delay int, every int, ordered boolean, fixed boolean, after_stay boolean,"
        " place string, fewest int, most int, fewest_lines int, most_lines int, menu_places int,"
        " follow_places int",
    ).hint("broadcast")


def claims(world: World, started: DataFrame) -> DataFrame:
    """One row a claim, with provider numbers, day, stay and time, one a day, person and specialty.

    Args:
        started: episodes with the columns of people, ``e``, ``kind``, ``start`` and ``regular``.
    """
    draws = world.draws
    keys = ("i", "e", "step", "r")
    length = (
        f"least(24, 1 + cast(floor(exp(1.2D + 0.75D * {draws.normal('los', 'i', 'e')})) as int))"
    )
    stepped = started.join(_steps(world), on="kind").where(
        f"{draws.uniform('step', 'i', 'e', 'step')} < chance"
    )
    repeated = extend(
        extend(stepped, los=length),
        r=f"explode(sequence(0, {draws.whole('fewest', 'most', 'times', 'i', 'e', 'step')} - 1))",
    )
    dated = extend(
        repeated,
        planned="date_add(start, delay + r * every + if(after_stay, los, 0))",
        day=f"if(fixed, planned, {open_day('planned', draws.uniform('open', 'i', 'e', 'r'))})",
        nights="if(claim_type = 'institutional', if(step = 6, 4, los), 0)",
        day_end="least(date_add(day, nights), coalesce(death_date, date'2099-01-01'))",
    ).where(
        f"day >= greatest(date'{START}', birth_date, covered_from)"
        f" and day <= least(date'{END}', coalesce(covered_to, date'2099-01-01'))"
        f" and day_end <= date'{END}'"
    )
    placed = _providers(world, dated)
    once = extend(
        placed,
        turn="row_number() over (partition by i, specialty, day order by e, step, r)",
    ).where("turn = 1")
    return (
        _timed(world, _outside_stays(once))
        .drop("turn", *("fewest", "most"))
        .selectExpr("*", f"{draws.claim_id(*keys)} as claim_id")
    )


def _providers(world: World, dated: DataFrame) -> DataFrame:
    """Add numbers: renderer ``p``, biller ``b`` (the group where there is one), doctor ``d``."""
    draws = world.draws
    loyal = f"if(regular, {draws.uniform('loyal', 'i', 'xxhash64(specialty)')}, "
    loyal += f"{draws.uniform('roaming', 'i', 'e', 'step')})"
    doctor = f"if(regular, {draws.uniform('loyal', 'i', 'xxhash64(%s)')}, "
    doctor = doctor % "'general_practice'" + f"{draws.uniform('roaming', 'i', 'e', '0')})"
    national = f"(specialty = 'laboratory' and {draws.uniform('national', 'i')} "
    national += f"< {NATIONAL_LABORATORIES}D)"
    posts = world.post_frame()
    # A national laboratory sits elsewhere; the doctor who orders is the patient's own.
    doctors = posts.select("region", "doctor_first", "doctors").distinct()
    seats = posts.drop("doctor_first", "doctors").withColumnRenamed("region", "seat_region")
    joined = (
        extend(dated, seat_region=f"if({national}, 0, region)")
        .join(seats, on=["specialty", "seat_region"], how="inner")
        .join(F.broadcast(doctors), on="region", how="inner")
    )
    return extend(
        joined,
        rank="cast(floor((active + retired) * pow("
        f"if({national}, 0.2D * {draws.uniform('national/which', 'i')}, {loyal}), 1.7D)) as int)",
        p=f"first + if(rank >= active and day > {RETIREMENT}, rank - active, rank)",
        b=f"if({in_group(world, 'p')}, {group_number(world, 'p')}, p)",
        doctor_rank=f"cast(floor((doctors + doctors div 15) * pow({doctor}, 1.7D)) as int)",
        d="doctor_first + if(doctor_rank >= doctors and start > "
        f"date_sub({RETIREMENT}, 3), doctor_rank - doctors, doctor_rank)",
    ).drop("rank", "doctor_rank", "first", "active", "retired", "doctor_first", "doctors")


def _outside_stays(once: DataFrame) -> DataFrame:
    """Leave out care at home or in offices that falls strictly inside a stay."""
    stays = once.where("claim_type = 'institutional' and nights > 1").selectExpr(
        "i as patient", "day as admitted", "day_end as discharged"
    )
    inside = "i = patient and day > admitted and day < discharged"
    movable = "claim_type <> 'institutional' and not (step > 1 and kind = 'stay')"
    return once.join(stays, on=F.expr(f"{inside} and {movable}"), how="left_anti")


def _timed(world: World, once: DataFrame) -> DataFrame:
    """Give appointments of timed specialties a start that no other of the day overlaps."""
    draws = world.draws
    turn = "row_number() over (partition by p, day order by i, e, step, r)"
    minute = f"(turn_of_day - 1) * {SLOT_MINUTES}"
    known = f"(specialty in {TIMED} and turn_of_day <= 15 and {draws.uniform('timed', 'p')} < 0.8D)"
    return extend(once, turn_of_day=turn).selectExpr(
        "*",
        f"if({known}, timestampadd(MINUTE, 480 + {minute}, cast(day as timestamp_ntz)), null)"
        " as started",
    )
