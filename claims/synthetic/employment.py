"""Employers, who works for them, and what they declare month by month."""

from __future__ import annotations

from pyspark.sql import DataFrame

from claims.synthetic.draws import extend, identifier, money
from claims.synthetic.names import LAST_NAMES, STREETS
from claims.synthetic.world import END, START, World

# Activity codes are NACE divisions; those of VAT_EXEMPT bear no VAT.
ACTIVITIES = (
    "41.20",
    "46.90",
    "47.11",
    "49.41",
    "56.10",
    "62.01",
    "78.20",
    "81.21",
    "86.10",
    "88.10",
)
VAT_EXEMPT = ("86.10", "88.10")
LABOUR_INTENSIVE = ("41.20", "49.41", "56.10", "78.20", "81.21")
CONTRIBUTION_RATE = 0.42
MINIMUM_WAGE = 1802
FULL_WEEK = 35.0


def employers(world: World) -> DataFrame:
    """One row an employer: number ``n`` and the columns of the table ``employers``."""
    draws = world.draws
    frame = extend(
        world.spark.range(0, world.employers, 1, max(1, world.partitions // 8)),
        n="id",
        employer_id=identifier("E", "id"),
        region=world.region_of("employer/region", "id"),
        area=world.area_of("employer/area", "id"),
    )
    return extend(
        frame,
        **world.place("region", "area"),
        name=f"concat({draws.pick(LAST_NAMES, 'employer/name', 'n')}, ' & ', "
        f"{draws.pick(LAST_NAMES, 'employer/other', 'n')})",
        activity_code=draws.pick(ACTIVITIES, "activity", "n"),
        tax_id=identifier("T", "n + 600000000"),
        created_date=f"date_add(date'1990-01-01', {draws.whole(0, 7900, 'created', 'n')})",
        address=f"concat({draws.whole(1, 150, 'employer/door', 'n')}, ' ', "
        f"{draws.pick(STREETS, 'employer/street', 'n')})",
        phone=f"concat('02', substring({identifier('', 'n + 50000000')}, 2))",
        bank_account_id=identifier("A", "n + 600000000"),
    ).drop("id", "region", "area")


def working(world: World, people: DataFrame) -> DataFrame:
    """People with ``job`` (boolean), its ``employer``, wage, hours, and dates; null without one."""
    draws = world.draws
    able = "stage in ('adult', 'chronic') and not reserved and death_date is null"
    leaves = f"{draws.uniform('job/end', 'i')} < 0.1D"
    return extend(
        people,
        job=f"{able} and {draws.uniform('job', 'i')} < 0.72D",
        employer=f"cast(floor({world.employers} * pow({draws.uniform('job/where', 'i')}, 2.2D)) "
        "as bigint)",
        weekly_hours=f"if({draws.uniform('job/hours', 'i')} < 0.14D, 24D, {FULL_WEEK}D)",
        wage=money(
            f"greatest({MINIMUM_WAGE}D, exp(7.72D + 0.33D * {draws.normal('wage', 'i')}))"
            f" * weekly_hours / {FULL_WEEK}D"
        ),
        hired=f"date_add(date'2012-01-01', {draws.whole(0, 4300, 'hired', 'i')})",
        left_job=f"if({leaves}, date_add(greatest(hired, date'{START}'), "
        f"{draws.whole(60, 680, 'job/last', 'i')}), cast(null as date))",
    )


def employments(workers: DataFrame) -> DataFrame:
    """The table ``employments`` of the honest population."""
    return workers.where("job").selectExpr(
        "person_id",
        f"{identifier('E', 'employer')} as employer_id",
        "hired as start_date",
        f"if(left_job > date'{END}', null, left_job) as end_date",
        "wage as monthly_wage",
        "weekly_hours",
        "cast(round(weekly_hours * 52 / 12, 2) as decimal(18,2)) as paid_hours",
        f"if(left_job <= date'{END}', 'ended', 'active') as status",
        "date_sub(hired, 2) as hired_declaration_date",
    )


def contributions(world: World, firms: DataFrame, employed: DataFrame) -> DataFrame:
    """The table ``contributions`` of honest employers: one row a month, from their employments.

    Args:
        firms: honest employers.
        employed: all rows of ``employments``, those that schemes placed at honest firms included.
    """
    draws = world.draws
    month = f"explode(sequence(date'{START}', date'{END}', interval 1 month)) as period_start_date"
    worked = (
        employed.selectExpr("*", month)
        .where(
            "start_date <= period_start_date and coalesce(end_date, date'2099-01-01') >= "
            "period_start_date"
        )
        .groupBy("employer_id", "period_start_date")
        .agg({"monthly_wage": "sum", "paid_hours": "sum", "person_id": "count"})
    )
    joined = firms.selectExpr("n", "employer_id", "activity_code", month).join(
        worked, on=["employer_id", "period_start_date"], how="left"
    )
    exempt = ", ".join(f"'{code}'" for code in VAT_EXEMPT)
    margin = f"(2.1D + {draws.uniform('margin', 'n')} + 0.3D * "
    margin += f"{draws.uniform('margin/month', 'n', 'unix_date(period_start_date)')})"
    amounts = extend(
        joined,
        period_end_date="last_day(period_start_date)",
        declared_headcount="cast(coalesce(`count(person_id)`, 0) as int)",
        declared_hours="coalesce(`sum(paid_hours)`, 0)",
        declared_payroll="cast(coalesce(`sum(monthly_wage)`, 0) as decimal(18,2))",
        contributions_due=money(f"declared_payroll * {CONTRIBUTION_RATE}D"),
        contributions_paid="contributions_due",
        declared_turnover=money(f"declared_payroll * {margin}"),
        vat_due=f"if(activity_code in ({exempt}), null, {money('declared_turnover * 0.09D')})",
        vat_paid="vat_due",
        payment_due_date="date_add(period_end_date, 15)",
        filed_date=f"date_add(period_end_date, {draws.whole(3, 15, 'filed', 'n')})",
        status="'filed'",
    )
    return amounts.drop(
        "n", "activity_code", "count(person_id)", "sum(paid_hours)", "sum(monthly_wage)"
    )
