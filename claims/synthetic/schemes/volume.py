"""Schemes of volume: duplicates, impossible days, bursts, many small amounts, hugged limits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from claims.synthetic.schemes.act import Act
from claims.synthetic.schemes.cast import covered
from claims.synthetic.schemes.dates import at, cents
from claims.synthetic.schemes.scheme import Scheme
from claims.synthetic.tariff import BY_CODE

DUPLICATED = {"dermatology": "TA14", "orthopaedics": "TA13", "cardiology": "TA10"}
LONGEST_DAY = 960


def bill_twice(act: Act) -> None:
    (doctor,) = act.cast.providers(act.rng, 1, tuple(DUPLICATED))
    code = DUPLICATED[doctor["specialty"]]
    for person in act.cast.persons(act.rng, act.many(75, 8), covered, alone=False):
        day = act.day()
        act.line(person, doctor, day, code, submitted_date=day + timedelta(days=2))
        again = act.line(
            person,
            doctor,
            day,
            code,
            submitted_date=day + timedelta(days=16),
            paid_date=day + timedelta(days=30),
        )
        act.tell("provider", doctor["provider_id"], again)


def void_duplicate(act: Act) -> None:
    (doctor,) = act.cast.providers(act.rng, 1, "physiotherapy")
    for number, person in enumerate(
        act.cast.persons(act.rng, act.many(40, 6), covered, alone=False)
    ):
        day = act.day()
        first = act.line(person, doctor, day, "PT30", body_site="left")
        if number % 2:
            other = act.line(
                person, doctor, day, "PT30", body_site="right", procedure_modifier_1="59"
            )
            act.tell("provider", doctor["provider_id"], [first, other])
            continue
        again = act.line(person, doctor, day, "PT30", body_site="left")
        act.line(
            person,
            doctor,
            day,
            "PT30",
            body_site="left",
            adjustment_type="void",
            original_claim_id=again.values["claim_id"],
            paid_amount=-again.paid,
            allowed_amount=-again.values["allowed_amount"],
            charge_amount=-again.values["charge_amount"],
            member_paid_amount=-again.values["member_paid_amount"],
            service_unit_quantity=Decimal(1),
            submitted_date=day + timedelta(days=20),
            paid_date=day + timedelta(days=34),
        )
        act.tell("provider", doctor["provider_id"], again)


def fill_the_day(act: Act) -> None:
    """More than 960 minutes a day: which sessions were not held nobody knows, how many is clear."""
    (therapist,) = act.cast.providers(act.rng, 1, "physiotherapy")
    sessions = {"easy": 36, "medium": 27, "hard": 24}[act.difficulty]
    minutes = sessions * BY_CODE["PT31"].minutes
    for _ in range(act.many(5, 2)):
        day = act.day()
        people = act.cast.persons(act.rng, sessions, covered, alone=False)
        rows = [act.line(person, therapist, day, "PT31") for person in people]
        undue = (minutes - LONGEST_DAY) / minutes
        act.tell("provider", therapist["provider_id"], rows, share=undue)


def share_the_day(act: Act) -> None:
    group = act.practice("physiotherapy")
    for _ in range(3):
        day = act.day()
        for person in act.cast.persons(act.rng, 10 * len(group), covered, alone=False):
            therapist = act.rng.choice(group)
            row = act.line(person, therapist, day, "PT31")
            act.tell("provider", therapist["organisation_id"], row)


def burst(act: Act) -> None:
    doctor = act.newcomer("dermatology", act.number % 4, date(2022, 3, 1))
    for _ in range(6):
        person = act.cast.persons(act.rng, 1, covered, alone=False)[0]
        act.line(person, doctor, act.day(date(2023, 3, 1), date(2024, 3, 1)), "SV2")
    for person in act.cast.persons(act.rng, act.many(150, 100), covered, alone=False):
        row = act.line(person, doctor, act.day(date(2024, 9, 3), date(2024, 10, 20)), "TA14", 3)
        act.tell("provider", doctor["provider_id"], row)


def vaccinate(act: Act) -> None:
    (doctor,) = act.cast.providers(act.rng, 1, "general_practice")
    for person in act.cast.persons(act.rng, act.many(90, 10), covered, alone=False):
        row = act.line(person, doctor, act.day(date(2024, 10, 21), date(2024, 11, 15)), "GV1")
        act.tell("provider", doctor["provider_id"], row)


def skim(act: Act) -> None:
    """Monthly amounts too small to notice, for members who never asked for anything."""
    firm = act.newcomer("equipment", 0, date(2022, 11, 1))
    for number, person in enumerate(
        act.cast.persons(act.rng, act.many(200, 120), covered, alone=False)
    ):
        for turn in range(4):
            day = date(2023, 3, 2) + timedelta(days=number % 400 + 30 * turn)
            act.tell("provider", firm["provider_id"], act.line(person, firm, day, "MO90"))


def monitor(act: Act) -> None:
    (firm,) = act.cast.providers(act.rng, 1, "equipment")
    (doctor,) = act.cast.providers(act.rng, 1, "cardiology")
    for number, person in enumerate(
        act.cast.persons(act.rng, act.many(40, 8), covered, alone=False)
    ):
        start = date(2023, 3, 1) + timedelta(days=number)
        act.line(person, doctor, start, "SV2")
        for turn in range(1, 5):
            row = act.line(person, firm, start + timedelta(days=30 * turn), "MO90", orderer=doctor)
            act.tell("provider", firm["provider_id"], row)


def hug_limit(act: Act) -> None:
    """Charges of 136 to 149.90 under the review limit of 150: the second filling was not done."""
    (dentist,) = act.cast.providers(act.rng, 1, "dentistry")
    for person in act.cast.persons(act.rng, act.many(400, 240), covered, alone=False):
        charge = cents(136 + 13.9 * act.rng.random())
        row = act.line(person, dentist, act.day(), "DE51", 2, charge_amount=charge)
        act.tell("provider", dentist["provider_id"], row, share=0.5)


def charge_smoothly(act: Act) -> None:
    (dentist,) = act.cast.providers(act.rng, 1, "dentistry")
    for person in act.cast.persons(act.rng, act.many(120, 20), covered, alone=False):
        charge = cents(116 + 90 * act.rng.random())
        row = act.line(person, dentist, act.day(), "DE51", 2, charge_amount=charge)
        act.tell("provider", dentist["provider_id"], row)


def exceed_units(act: Act) -> None:
    (nurse,) = act.cast.providers(act.rng, 1, "home_nurse")
    for person in act.cast.persons(act.rng, act.many(6, 2), covered):
        start = act.day(date(2023, 2, 1), date(2024, 9, 1))
        for turn in range(act.many(14, 4)):
            units = {"easy": 8, "medium": 6, "hard": 5}[act.difficulty]
            row = act.line(person, nurse, start + timedelta(days=turn), "NU41", units)
            act.tell("provider", nurse["provider_id"], row, share=(units - 3) / units)


def use_all_units(act: Act) -> None:
    (nurse,) = act.cast.providers(act.rng, 1, "home_nurse")
    for person in act.cast.persons(act.rng, act.many(3), covered):
        start = act.day(date(2023, 2, 1), date(2024, 9, 1))
        for turn in range(8):
            day = start + timedelta(days=turn)
            row = act.line(person, nurse, day, "NU41", 3, service_start_time=at(day, 8))
            act.tell("provider", nurse["provider_id"], row)


SCHEMES = (
    Scheme(
        "duplicate_billing",
        "health",
        "A specialist bills acts a second time under a new claim number two weeks later.",
        "A duplicate that was voided, and both sides treated on one day with body site told.",
        bill_twice,
        void_duplicate,
    ),
    Scheme(
        "impossible_day",
        "health",
        "A therapist bills more sessions than a day has hours.",
        "Several therapists of one organisation bill a long day between them.",
        fill_the_day,
        share_the_day,
    ),
    Scheme(
        "dormant_then_burst",
        "health",
        "A dormant office bills for strangers at a great rate for six weeks and falls silent.",
        "A practice vaccinates in autumn.",
        burst,
        vaccinate,
        (1, 1, 1),
    ),
    Scheme(
        "small_amount_skimming",
        "health",
        "A firm bills a small monthly fee for many members who get no care from it.",
        "Monitoring that a cardiologist ordered.",
        skim,
        monitor,
        (1, 1, 1),
    ),
    Scheme(
        "below_review_threshold",
        "health",
        "A dentist keeps charges just under the limit above which they are reviewed.",
        "A dentist whose charges spread evenly over and under the limit.",
        hug_limit,
        charge_smoothly,
        (1, 1, 1),
    ),
    Scheme(
        "units_over_maximum",
        "health",
        "A home nurse bills more dressings a day than the tariff admits.",
        "Severe wounds dressed as often as the tariff admits.",
        exceed_units,
        use_all_units,
    ),
)
