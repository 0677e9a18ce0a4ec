"""Benefits of the honest population: leaves with the visits they rest on, and monthly benefits."""

from __future__ import annotations

from pyspark.sql import DataFrame

from claims.synthetic.draws import extend, identifier, money
from claims.synthetic.practices import RETIREMENT
from claims.synthetic.world import END, SOURCE, START, World, provider_id

DAYS_UNPAID = 3
LEAVE_RATE = 0.42


def leaves(world: World, workers: DataFrame) -> DataFrame:
    """One row a spell of leave: ``e`` (negative), ``start``, ``days``, type, certifier ``d``.

    The spell is an episode too, so that a visit to the certifying doctor stands in the claims.
    """
    draws = world.draws
    regular = draws.uniform("loyal", "i", "xxhash64('general_practice')")
    doctors = (
        world.post_frame()
        .where("specialty = 'general_practice'")
        .select("region", "doctor_first", "doctors")
    )
    spells = extend(
        workers.where("job"),
        many=f"cast(floor({LEAVE_RATE}D * least(frailty, 3D) + "
        f"{draws.uniform('leaves', 'i')}) as int)",
        benefit_type="case "
        f"when sex = 'female' and pos in (5, 9) and {draws.uniform('track', 'i')} < 0.03D "
        f"then 'maternity' when {draws.uniform('track', 'i')} > 0.95D then 'work_accident' "
        "else 'sick_leave' end",
    ).where("many > 0 or benefit_type <> 'sick_leave'")
    drawn = extend(
        extend(
            spells,
            turn="explode(sequence(1, if(benefit_type = 'sick_leave', least(many, 3), 1)))",
        ),
        e="-turn",
        # Each spell keeps to its own third of the two years: spells of a person never overlap.
        third="pmod(turn + i, 3)",
        start=f"date_add(date'{START}', cast(third as int) * 244 + "
        f"{draws.whole(0, 160, 'leave', 'i', 'e')})",
        days="case benefit_type when 'maternity' then 112 "
        f"when 'work_accident' then {draws.whole(8, 40, 'days', 'i', 'e')} else "
        f"least(75, 4 + cast(floor(exp(1.7D + 0.8D * {draws.normal('days', 'i', 'e')})) as int))"
        " end",
        finish="date_add(start, days - 1)",
    ).drop("turn", "third", "many")
    kept = drawn.where(
        f"start >= hired and finish <= coalesce(least(left_job, covered_to), date'{END}')"
        f" and finish <= date'{END}' and start >= covered_from and start >= date'{START}'"
    )
    rank = f"cast(floor((doctors + doctors div 15) * pow({regular}, 1.7D)) as int)"
    return extend(
        kept.join(doctors, on="region"),
        d=f"doctor_first + if({rank} >= doctors and start > date_sub({RETIREMENT}, 3), "
        f"{rank} - doctors, {rank})",
        kind="if(benefit_type = 'work_accident', 'injury', 'acute')",
        regular="true",
    )


def _leave_payments(world: World, spells: DataFrame) -> DataFrame:
    draws = world.draws
    return spells.where(f"days > {DAYS_UNPAID}").selectExpr(
        "i",
        "e as turn",
        "benefit_type",
        f"{draws.claim_id('i', 'e', '71')} as entitlement_id",
        "start as event_date",
        f"if(benefit_type = 'sick_leave', date_add(start, {DAYS_UNPAID}), start)"
        " as period_start_date",
        "finish as period_end_date",
        "person_id",
        f"{money('wage / 30.4D')} as basis_amount",
        f"{money(f'wage / 30.4D * 0.5D * (days - {DAYS_UNPAID})')} as paid_amount",
        f"{identifier('E', 'employer')} as employer_id",
        f"{provider_id('d')} as certifying_provider_id",
        "household_account as bank_account_id",
    )


def _monthly(world: World, workers: DataFrame) -> DataFrame:
    """Monthly benefits: type, first and last month (0 to 23) and the amount, from one draw each."""
    draws = world.draws
    amount = draws.uniform("benefit/amount", "i")
    free = "not job and not reserved and stage in ('adult', 'chronic') and death_date is null"
    chance = draws.uniform("benefit", "i")
    first = draws.whole(0, 18, "benefit/first", "i")
    length = draws.whole(2, 13, "benefit/length", "i")

    def one(kind: str, when: str, pay: str, start: str = "0", last: str = "23") -> str:
        offer = f"struct('{kind}' as kind, {start} as low, {last} as high, {pay} as pay)"
        return f"if({when}, {offer}, null)"

    offered = ", ".join(
        (
            one(
                "pension",
                f"stage = 'elderly' and not reserved and {chance} < 0.07D",
                f"820D + 900D * {amount}",
            ),
            one(
                "unemployment",
                f"{free} and {chance} < 0.22D",
                f"880D + 700D * {amount}",
                first,
                f"least(23, {first} + {length})",
            ),
            one(
                "minimum_income",
                f"{free} and {chance} between 0.22D and 0.36D",
                f"510D + 160D * {amount}",
                first,
                "23",
            ),
            one(
                "disability",
                f"{free} and stage = 'chronic' and {chance} > 0.9D",
                f"560D + 380D * {amount}",
            ),
            one(
                "housing",
                "pos in (0, 6) and not reserved and stage = 'adult' and "
                f"{draws.uniform('housing', 'i')} < 0.2D",
                f"150D + 170D * {amount}",
            ),
            one(
                "family",
                f"pos = 8 and not reserved and {draws.uniform('family', 'i')} < 0.3D",
                f"140D + 150D * {amount}",
            ),
        )
    )
    return extend(
        extend(workers, offer=f"explode(filter(array({offered}), x -> x is not null))"),
        benefit_type="offer.kind",
        pay=money("offer.pay"),
        turn="explode(sequence(offer.low, offer.high))",
        period_start_date=f"add_months(date'{START}', turn)",
        period_end_date="last_day(period_start_date)",
    ).where(f"period_start_date <= coalesce(death_date, date'{END}')")


def payments(world: World, workers: DataFrame, spells: DataFrame) -> DataFrame:
    """The table ``benefit_payments`` of the honest population."""
    draws = world.draws
    kind = "xxhash64(benefit_type)"
    monthly = _monthly(world, workers).selectExpr(
        "i",
        "turn",
        "benefit_type",
        f"{draws.claim_id('i', kind, '72')} as entitlement_id",
        f"add_months(date'{START}', offer.low) as event_date",
        "period_start_date",
        "period_end_date",
        "person_id",
        "pay as basis_amount",
        "pay as paid_amount",
        "cast(null as string) as employer_id",
        "cast(null as string) as certifying_provider_id",
        "household_account as bank_account_id",
    )
    return extend(
        _leave_payments(world, spells).unionByName(monthly),
        payment_id=draws.claim_id("i", "turn", kind, "73"),
        paid_date=f"date_add(period_end_date, {draws.whole(2, 9, 'benefit/paid', 'i', 'turn')})",
        entered_by=f"concat('S', {draws.whole(10, 60, 'entered', 'i', 'turn')})",
        approved_by=f"concat('S', {draws.whole(61, 95, 'approved', 'i', 'turn')})",
        adjustment_type="'original'",
        data_source=f"'{SOURCE}'",
    ).drop("i", "turn")


def declarations(world: World, workers: DataFrame) -> DataFrame:
    """The table ``declarations``: quarterly incomes of those on means-tested benefits."""
    draws = world.draws
    quarters = _monthly(world, workers).where(
        "benefit_type in ('minimum_income', 'housing') and turn % 3 = 0"
        " or benefit_type = 'minimum_income' and turn = offer.low"
    )
    once = extend(quarters, quarter="date_trunc('quarter', period_start_date)").dropDuplicates(
        ["i", "quarter"]
    )
    return once.selectExpr(
        f"{draws.claim_id('i', 'unix_date(cast(quarter as date))', '74')} as declaration_id",
        "person_id",
        "'income' as declaration_type",
        "cast(quarter as date) as period_start_date",
        "date_sub(add_months(cast(quarter as date), 3), 1) as period_end_date",
        "cast(if(job, wage * 3, 0) as decimal(18,2)) as declared_amount",
        "date_add(cast(quarter as date), 95) as submitted_date",
    )


def accounts(people: DataFrame, practice: DataFrame, firms: DataFrame) -> DataFrame:
    """The table ``accounts``: of households, providers and employers."""
    opened = "date'2015-03-01'"
    homes = people.where("pos in (0, 1, 2, 4, 6, 8)").selectExpr(
        "household_account as account_id", "'person' as holder_type"
    )
    firm_accounts = firms.selectExpr(
        "bank_account_id as account_id", "'organisation' as holder_type"
    )
    offices = practice.selectExpr(
        "bank_account_id as account_id", "'organisation' as holder_type"
    ).distinct()
    return (
        homes.unionByName(firm_accounts)
        .unionByName(offices)
        .selectExpr(
            "account_id",
            "holder_type",
            "'FR' as country_code",
            f"{opened} as opened_date",
            f"{opened} as first_seen_date",
        )
    )
