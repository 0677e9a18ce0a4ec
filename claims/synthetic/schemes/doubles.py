"""Schemes in which one person counts twice: under two records, or in two hospitals at once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from claims.synthetic.schemes.act import Act
from claims.synthetic.schemes.cast import Person, covered
from claims.synthetic.schemes.scheme import Scheme

SPELLINGS = (("Marianne", "Mariane"), ("Philippe", "Philipe"), ("Isabelle", "Isabele"))
TWINS = (("Leonie", "Sarah"), ("Matteo", "Julian"), ("Amelie", "Constanze"))
FEE = Decimal(61)


def _two_records(act: Act, names: tuple[str, str], born: date) -> tuple[Person, Person]:
    """Two members of one home, phone, sex and date of birth, each with a number of their own."""
    home = f"{act.rng.randint(1, 180)} Harbour street"
    region, phone = act.rng.randrange(4), f"06{act.rng.randrange(10**8):08d}"
    number = act.cast.number()
    first, second = (
        act.member(
            name, born, region, household=number, last_name="Harmel", address=home, phone=phone
        )
        for name in names
    )
    return first, second


def bill_both_records(act: Act) -> None:
    """One person is on file twice; a practice that knows it bills each visit to both."""
    born = date(1958 + act.rng.randrange(30), 1 + act.rng.randrange(12), 14)
    person, double = _two_records(act, act.rng.choice(SPELLINGS), born)
    (dentist,) = act.cast.providers(act.rng, 1, "dentistry")
    start = act.day(date(2023, 2, 1), date(2023, 9, 1))
    act.line(person, dentist, start, "DE50")
    for turn in range(1, act.many(12, 4) + 1):
        day = start + timedelta(days=21 * turn)
        act.line(person, dentist, day, "DE51", charge_amount=FEE)
        row = act.line(double, dentist, day, "DE51", charge_amount=FEE)
        act.tell("provider", dentist["provider_id"], row)


def treat_twins(act: Act) -> None:
    born = date(2012 + act.rng.randrange(6), 1 + act.rng.randrange(12), 9)
    twins = _two_records(act, act.rng.choice(TWINS), born)
    (dentist,) = act.cast.providers(act.rng, 1, "dentistry")
    start = act.day(date(2023, 2, 1), date(2024, 3, 1))
    for turn in range(6):
        day = start + timedelta(days=28 * turn)
        for twin in twins:
            row = act.line(twin, dentist, day, "DE51", charge_amount=FEE)
            act.tell("provider", dentist["provider_id"], row)


def lie_in_two_beds(act: Act) -> None:
    """Easy: the second stay lies within the first. Else its first four nights of eight do."""
    first, second = act.cast.providers(act.rng, 2, "hospital")
    after, nights, undue = (4, 6, 1.0) if act.difficulty == "easy" else (10, 8, 0.5)
    for person in act.cast.persons(act.rng, act.many(7, 2), covered):
        start = act.day(date(2023, 2, 1), date(2024, 10, 1))
        act.stay(person, first, start, 14)
        row = act.stay(person, second, start + timedelta(days=after), nights)
        act.tell("provider", second["provider_id"], row, share=undue)


def transfer(act: Act) -> None:
    """Moved on for good on the day of discharge, or for one night with the bed kept."""
    first, second = act.cast.providers(act.rng, 2, "hospital")
    for number, person in enumerate(act.cast.persons(act.rng, act.many(6, 2), covered)):
        start = act.day(date(2023, 2, 1), date(2024, 10, 1))
        after, nights = (6, 5) if number % 2 else (4, 1)
        left = "02" if number % 2 else "01"
        stays = [
            act.stay(person, first, start, 6 if number % 2 else 9, discharge_disposition_code=left),
            act.stay(person, second, start + timedelta(days=after), nights, admit_source_code="4"),
        ]
        for hospital, row in zip((first, second), stays, strict=True):
            act.tell("provider", hospital["provider_id"], row)


SCHEMES = (
    Scheme(
        "second_identity",
        "health",
        "A person is on file twice under two spellings; a dentist bills each visit to both.",
        "Twins of one home are treated on the same days by one dentist.",
        bill_both_records,
        treat_twins,
        (1, 1, 1),
    ),
    Scheme(
        "two_hospitals",
        "health",
        "A hospital bills nights of members who lie in another hospital.",
        "A transfer on the day of discharge, and one night elsewhere with the bed kept.",
        lie_in_two_beds,
        transfer,
        (1, 1, 1),
    ),
)
