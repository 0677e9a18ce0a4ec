"""Schemes of employers: heads and wages that are worked and not declared."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from claims.synthetic.schemes.act import Act
from claims.synthetic.schemes.cast import grown
from claims.synthetic.schemes.dates import cents, months, next_month
from claims.synthetic.schemes.pen import Row
from claims.synthetic.schemes.scheme import Scheme

WAGE = 1950
MINIMUM_WAGE = 1801.80
RATE = 0.42


def _missing(row: Row, heads: int) -> Row:
    """The filing with the contributions that are missing on it as its money."""
    return Row(row.table, row.key, cents(heads * WAGE * RATE), row.values)


def _last(filed: list[date]) -> date:
    """The last day filed for: then the firm has nobody any more."""
    return next_month(filed[-1]) - timedelta(days=1)


def hide_heads(act: Act) -> None:
    firm = act.employer(date(2021, 3, 1))
    people = act.cast.persons(act.rng, max(5, act.many(14)), grown)
    share = {"easy": 0.35, "medium": 0.5, "hard": 0.65}[act.difficulty]
    told = max(1, int(len(people) * share) - 1)
    filed = months(date(2023, 1, 1), act.many(4, 2))
    for person in people:
        act.hire(person, firm, date(2022, 6, 1), _last(filed), WAGE)
    for month in filed:
        row = act.filing(firm, month, told, WAGE)
        act.tell("employer", firm, _missing(row, len(people) - told))


def employ_by_halves(act: Act) -> None:
    firm = act.employer(date(2015, 3, 1))
    people = act.cast.persons(act.rng, max(5, act.many(10)), grown)
    filed = months(date(2023, 1, 1), 6)
    for person in people:
        act.hire(person, firm, date(2022, 6, 1), _last(filed), WAGE // 2, 17.5)
    for month in filed:
        row = act.filing(
            firm, month, len(people), WAGE // 2, declared_hours=cents(len(people) * 75.83)
        )
        act.tell("employer", firm, row)


def pay_below_minimum(act: Act) -> None:
    """The hours are declared and paid at two thirds of the minimum wage on paper."""
    firm = act.employer(date(2020, 3, 1))
    people = act.cast.persons(act.rng, max(4, act.many(8)), grown)
    paper = {"easy": 0.5, "medium": 0.6, "hard": 0.72}[act.difficulty]
    filed = months(date(2023, 4, 1), act.many(6, 2))
    for person in people:
        act.hire(person, firm, date(2022, 9, 1), _last(filed), WAGE)
    for month in filed:
        row = act.filing(firm, month, len(people), int(WAGE * paper))
        missing = cents(len(people) * (MINIMUM_WAGE - int(WAGE * paper)) * RATE)
        act.tell("employer", firm, Row(row.table, row.key, missing, row.values))


def keep_back_vat(act: Act) -> None:
    firm = act.employer(date(2021, 3, 1))
    people = act.cast.persons(act.rng, 2, grown)
    filed = months(date(2023, 1, 1), act.many(9, 3))
    for person in people:
        act.hire(person, firm, date(2022, 1, 3), _last(filed), WAGE)
    for month in filed:
        turnover = Decimal(11_000 + act.rng.randrange(3_000))
        row = act.filing(
            firm, month, len(people), WAGE, declared_turnover=turnover, vat_due=None, vat_paid=None
        )
        act.tell("employer", firm, Row(row.table, row.key, cents(float(turnover) * 0.09), {}))


def stay_below_threshold(act: Act) -> None:
    """Turnover under the yearly limit bears no value-added tax."""
    firm = act.employer(date(2019, 3, 1))
    people = act.cast.persons(act.rng, 1, grown)
    filed = months(date(2023, 1, 1), 9)
    for person in people:
        act.hire(person, firm, date(2022, 1, 3), _last(filed), WAGE)
    for month in filed:
        row = act.filing(
            firm,
            month,
            len(people),
            WAGE,
            declared_turnover=Decimal(5200),
            vat_due=None,
            vat_paid=None,
        )
        act.tell("employer", firm, row)


SCHEMES = (
    Scheme(
        "undeclared_employees",
        "employers",
        "A firm declares far fewer heads than it employs.",
        "A firm of half-time workers declares every head and half the hours.",
        hide_heads,
        employ_by_halves,
        (1, 1, 1),
    ),
    Scheme(
        "wages_below_minimum",
        "employers",
        "A firm declares full hours at wages below the minimum and pays the rest in cash.",
        "The same half-time firms: low pay a head, right pay an hour.",
        pay_below_minimum,
        employ_by_halves,
        (1, 1, 1),
    ),
    Scheme(
        "vat_kept_back",
        "employers",
        "A firm above the limit declares its turnover and no value-added tax.",
        "A firm below the limit.",
        keep_back_vat,
        stay_below_threshold,
        (1, 1, 1),
    ),
)
