"""Schemes on benefits: leaves, overlaps, earnings not told, what staff paid to themselves."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from claims.synthetic.draws import identifier_of
from claims.synthetic.schemes.act import Act
from claims.synthetic.schemes.cast import Person, account_of, grown
from claims.synthetic.schemes.dates import cents, months, next_month
from claims.synthetic.schemes.pen import Row
from claims.synthetic.schemes.scheme import Scheme

DAILY = 33.0


def _honest_employer(act: Act) -> str:
    return identifier_of("E", act.rng.randrange(act.cast.world.employers // 3))


def ring_of_leaves(act: Act) -> None:
    """A shell firm hires, a doctor certifies unseen, everyone is long ill."""
    since = date(2023, act.rng.randint(1, 9), 1)
    firm = act.employer(since)
    (doctor,) = act.cast.providers(act.rng, 1, "general_practice")
    people = act.cast.persons(act.rng, act.many(8, 3), grown)
    for person in people:
        act.hire(person, firm, since, None, 3100)
        start = since + timedelta(days=30 + act.rng.randint(0, 9))
        for part in range(2):
            low = start + timedelta(days=40 * part)
            row = act.payment(
                person,
                "sick_leave",
                low,
                low + timedelta(days=39),
                40 * 45.0,
                employer_id=firm,
                certifying_provider_id=doctor["provider_id"],
                event_date=low,
            )
            act.tell("employer", firm, row)
            act.tell("provider", doctor["provider_id"], row)
    for month in months(since, 3):
        act.filing(
            firm,
            month,
            len(people),
            3100,
            contributions_paid=Decimal(0),
            filed_date=None,
            vat_paid=Decimal(0),
        )


def leave_in_flu_week(act: Act) -> None:
    """A large honest firm has many short leaves in one week, each with a visit."""
    firm = act.employer(date(1998, 4, 1))
    doctors = act.cast.providers(act.rng, 3, "general_practice")
    people = act.cast.persons(act.rng, act.many(14, 4), grown)
    for number, person in enumerate(people):
        act.hire(person, firm, date(2019, 1, 7), None, 2100)
        if number % 2:
            continue
        start = date(2024, 1, 15) + timedelta(days=number % 4)
        doctor = act.rng.choice(doctors)
        act.line(person, doctor, start, "GV1", diagnosis_code_1="J10.1")
        row = act.payment(
            person,
            "sick_leave",
            start,
            start + timedelta(days=5),
            6 * 34.5,
            employer_id=firm,
            certifying_provider_id=doctor["provider_id"],
        )
        act.tell("employer", firm, row)
    for month in months(date(2023, 1, 1), 24):
        act.filing(firm, month, len(people), 2100)


def _leave(act: Act, person: Person, firm: str, start: date, days: int) -> Row:
    (doctor,) = act.cast.providers(act.rng, 1, "general_practice")
    act.line(person, doctor, start, "GV2")
    return act.payment(
        person,
        "sick_leave",
        start,
        start + timedelta(days=days - 1),
        days * DAILY,
        employer_id=firm,
        certifying_provider_id=doctor["provider_id"],
    )


def work_while_ill(act: Act) -> None:
    (person,) = act.cast.persons(act.rng, 1, grown)
    firm, other = _honest_employer(act), _honest_employer(act)
    start = act.day(date(2023, 3, 1), date(2024, 6, 1))
    days = act.many(120, 30)
    act.hire(person, firm, date(2020, 1, 1), None)
    act.hire(person, other, start + timedelta(days=5), start + timedelta(days=days + 60))
    row = _leave(act, person, firm, start, days)
    act.tell("member", person["person_id"], row, share=(days - 5) / days)


def return_in_part(act: Act) -> None:
    (person,) = act.cast.persons(act.rng, 1, grown)
    firm, other = _honest_employer(act), _honest_employer(act)
    start = act.day(date(2023, 3, 1), date(2024, 6, 1))
    act.hire(person, firm, date(2020, 1, 1), None)
    act.hire(person, other, start + timedelta(days=41), None, 700, 12.0)
    act.tell("member", person["person_id"], _leave(act, person, firm, start, 40))


def draw_two_benefits(act: Act) -> None:
    (person,) = act.cast.persons(act.rng, 1, grown)
    firm = _honest_employer(act)
    start = act.day(date(2023, 3, 1), date(2024, 4, 1)).replace(day=1)
    days = act.many(110, 30)
    act.hire(person, firm, date(2019, 1, 1), start - timedelta(days=1))
    for month in months(start, -(-days // 30)):
        end = next_month(month) - timedelta(days=1)
        both = min(days - (month - start).days, end.day)
        if both < 2:  # a single day may be the change from one to the other
            continue
        row = act.payment(person, "unemployment", month, end, 870)
        act.tell("member", person["person_id"], row, share=both / end.day)
    _leave(act, person, firm, start, days)


def change_benefit(act: Act) -> None:
    (person,) = act.cast.persons(act.rng, 1, grown)
    firm = _honest_employer(act)
    start = act.day(date(2023, 3, 1), date(2024, 4, 1)).replace(day=1)
    act.hire(person, firm, date(2019, 1, 1), start - timedelta(days=1))
    act.tell(
        "member", person["person_id"], _leave(act, person, firm, start - timedelta(days=20), 20)
    )
    for month in months(start, 3):
        end = next_month(month) - timedelta(days=1)
        act.tell(
            "member", person["person_id"], act.payment(person, "unemployment", month, end, 960)
        )


def _means_tested(act: Act, declared: int) -> None:
    (person,) = act.cast.persons(act.rng, 1, grown)
    start = date(2023, 1 + 3 * act.rng.randrange(3), 1)
    wage = 2050 if act.difficulty == "easy" else 1850
    many = 3 * act.many(5, 1)
    act.hire(person, _honest_employer(act), start, None, wage)
    for number, month in enumerate(months(start, many)):
        end = next_month(month) - timedelta(days=1)
        row = act.payment(person, "minimum_income", month, end, 590)
        act.tell("member", person["person_id"], row)
        if number % 3 == 0:
            last = next_month(next_month(next_month(month))) - timedelta(days=1)
            act.add(
                "declarations",
                declaration_id=act.id(),
                person_id=person["person_id"],
                declaration_type="income",
                period_start_date=month,
                period_end_date=last,
                declared_amount=cents(declared * wage * 3 / 100),
                submitted_date=last + timedelta(days=6),
            )


def hide_earnings(act: Act) -> None:
    _means_tested(act, 0 if act.difficulty == "easy" else 20)


def tell_earnings(act: Act) -> None:
    _means_tested(act, 100)


def approve_own_payments(act: Act) -> None:
    """A member of staff enters and approves arrears of several persons to one account."""
    account, clerk = account_of(act.cast.number()), f"S{act.rng.randint(96, 99)}"
    act.add(
        "accounts",
        account_id=account,
        holder_type="person",
        country_code="FR",
        opened_date=date(2023, 1, 9),
        first_seen_date=date(2023, 2, 1),
    )
    for person in act.cast.persons(act.rng, act.many(9, 3), grown):
        day = act.day(date(2023, 3, 1), date(2024, 9, 1)).replace(day=1)
        end = next_month(day) - timedelta(days=1)
        row = act.payment(
            person,
            "minimum_income",
            day,
            end,
            880 + act.rng.randrange(400),
            bank_account_id=account,
            entered_by=clerk,
            approved_by=clerk,
        )
        act.tell("account", account, row)


def pay_urgently(act: Act) -> None:
    for person in act.cast.persons(act.rng, act.many(5, 2), grown):
        day = act.day(date(2023, 3, 1), date(2024, 9, 1)).replace(day=1)
        end = next_month(day) - timedelta(days=1)
        row = act.payment(
            person, "minimum_income", day, end, 560, entered_by="S62", approved_by="S62"
        )
        act.tell("account", person["account"], row)


SCHEMES = (
    Scheme(
        "sick_leave_ring",
        "benefits",
        "A shell firm hires persons whom one doctor certifies unseen for long leaves.",
        "A large firm has many short leaves in a flu week, each with a visit.",
        ring_of_leaves,
        leave_in_flu_week,
        (1, 1, 1),
    ),
    Scheme(
        "work_during_leave",
        "benefits",
        "A person on sick leave takes up full work elsewhere.",
        "Part-time work that begins the day after the leave.",
        work_while_ill,
        return_in_part,
    ),
    Scheme(
        "incompatible_benefits",
        "benefits",
        "Sick pay and unemployment benefit are drawn for the same days.",
        "Unemployment benefit follows the leave.",
        draw_two_benefits,
        change_benefit,
    ),
    Scheme(
        "undeclared_earnings",
        "benefits",
        "Wages are left out of the income declared for a means-tested benefit.",
        "The same wages, declared.",
        hide_earnings,
        tell_earnings,
    ),
    Scheme(
        "staff_self_approved",
        "benefits",
        "A clerk enters and approves payments to one account under several names.",
        "Urgent payments by one clerk to the claimants' own accounts.",
        approve_own_payments,
        pay_urgently,
    ),
)
