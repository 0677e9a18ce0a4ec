"""Schemes of coding and setting: levels, pairs, approvals, exclusion, impossible care."""

from __future__ import annotations

from datetime import date, timedelta

from claims.synthetic.schemes.act import Act
from claims.synthetic.schemes.cast import covered
from claims.synthetic.schemes.scheme import Scheme
from claims.synthetic.specialties import SPECIALISTS
from claims.synthetic.tariff import BY_CODE


def shift_levels(act: Act) -> None:
    """Visits at the top level whose true level is the second: the difference is undue."""
    (doctor,) = act.cast.providers(act.rng, 1, SPECIALISTS[:5])
    top = {"easy": 0.98, "medium": 0.75, "hard": 0.5}[act.difficulty]
    undue = 1 - BY_CODE["SV2"].fee / BY_CODE["SV4"].fee
    for person in act.cast.persons(act.rng, act.many(150, 120), covered, alone=False):
        if act.rng.random() > top:
            act.line(person, doctor, act.day(), "SV2")
            continue
        row = act.line(person, doctor, act.day(), "SV4", diagnosis_code_1="J06.9")
        act.tell("provider", doctor["provider_id"], row, share=undue)


def treat_the_severe(act: Act) -> None:
    (doctor,) = act.cast.providers(act.rng, 1, "neurology")
    people = act.cast.persons(
        act.rng,
        act.many(110, 20),
        lambda one: covered(one) and one["stage"] == "chronic",
        alone=False,
    )
    for person in people:
        code = act.rng.choice(("SV2", "SV3", "SV4"))
        row = act.line(
            person, doctor, act.day(), code, diagnosis_code_1="G35", diagnosis_code_2="E11.9"
        )
        act.tell("provider", doctor["provider_id"], row)


def unbundle(act: Act) -> None:
    (doctor,) = act.cast.providers(act.rng, 1, ("dermatology", "orthopaedics"))
    whole, part = ("TA14", "TA11") if doctor["specialty"] == "dermatology" else ("TA13", "TA16")
    for person in act.cast.persons(act.rng, act.many(80, 8), covered, alone=False):
        day = act.day()
        act.line(person, doctor, day, whole)
        act.tell("provider", doctor["provider_id"], act.line(person, doctor, day, part))


def treat_two_sites(act: Act) -> None:
    (doctor,) = act.cast.providers(act.rng, 1, "dermatology")
    for person in act.cast.persons(act.rng, act.many(50, 6), covered, alone=False):
        day = act.day()
        act.line(person, doctor, day, "TA14", body_site="left")
        row = act.line(person, doctor, day, "TA11", procedure_modifier_1="59", body_site="right")
        act.tell("provider", doctor["provider_id"], row)


def skip_approval(act: Act) -> None:
    (shop,) = act.cast.providers(act.rng, 1, "equipment")
    (doctor,) = act.cast.providers(act.rng, 1, "general_practice")
    for person in act.cast.persons(act.rng, act.many(18, 3), covered):
        day = act.day(date(2023, 2, 1))
        act.line(person, doctor, day - timedelta(days=12), "GV2")
        row = act.line(person, shop, day, "EQ84", orderer=doctor)
        act.tell("provider", shop["provider_id"], row)


def omit_number(act: Act) -> None:
    (shop,) = act.cast.providers(act.rng, 1, "equipment")
    (doctor,) = act.cast.providers(act.rng, 1, "general_practice")
    for person in act.cast.persons(act.rng, act.many(8, 2), covered):
        day = act.day(date(2023, 2, 1))
        act.line(person, doctor, day - timedelta(days=12), "GV2")
        act.add(
            "authorizations",
            authorization_id=act.id()[:12],
            person_id=person["person_id"],
            provider_id=shop["provider_id"],
            procedure_code="EQ84",
            approved_units=1,
            valid_from_date=day - timedelta(days=10),
            valid_to_date=day + timedelta(days=170),
            status="approved",
        )
        row = act.line(person, shop, day, "EQ84", orderer=doctor)
        act.tell("provider", shop["provider_id"], row)


def bill_though_excluded(act: Act) -> None:
    """Easy: the excluded provider bills on. Else a new one at its address bills in its place."""
    old = act.newcomer("physiotherapy", act.number % 4, date(2015, 2, 1))
    stop = act.day(date(2023, 4, 1), date(2024, 3, 1))
    people = act.cast.persons(act.rng, act.many(45, 8), covered, alone=False)
    for person in people:
        act.line(person, old, stop - timedelta(days=act.rng.randint(5, 80)), "PT31")
    act.add(
        "exclusions",
        provider_id=old["provider_id"],
        exclusion_date=stop,
        reason="billing for services not given",
        source="national list",
    )
    biller = old
    if act.difficulty != "easy":
        biller = act.newcomer(
            "physiotherapy",
            old["region"],
            stop + timedelta(days=10),
            **{name: old[name] for name in ("postal_code", "address", "phone", "bank_account_id")},
        )
    for person in people:
        for turn in range(2):
            day = stop + timedelta(days=25 + act.rng.randint(0, 60) + 70 * turn)
            row = act.line(person, biller, day, "PT31")
            act.tell("provider", biller["provider_id"], row)


def come_back_rightly(act: Act) -> None:
    doctor = act.newcomer("physiotherapy", act.number % 4, date(2012, 2, 1))
    act.add(
        "exclusions",
        provider_id=doctor["provider_id"],
        exclusion_date=date(2021, 5, 1),
        reinstatement_date=date(2023, 1, 1),
        reason="missing papers",
        source="national list",
    )
    for person in act.cast.persons(act.rng, act.many(60, 8), covered, alone=False):
        row = act.line(person, doctor, act.day(date(2023, 1, 9)), "PT31")
        act.tell("provider", doctor["provider_id"], row)


def visit_during_stay(act: Act) -> None:
    (nurse,) = act.cast.providers(act.rng, 1, "home_nurse")
    (hospital,) = act.cast.providers(act.rng, 1, "hospital")
    for person in act.cast.persons(act.rng, act.many(9, 2), covered):
        start = act.day(date(2023, 2, 1), date(2024, 10, 1))
        act.stay(person, hospital, start, 12)
        for inside in range(1, 12, 1 if act.difficulty == "easy" else 3):
            row = act.line(person, nurse, start + timedelta(days=inside), "NU42", 2)
            act.tell("provider", nurse["provider_id"], row)


def visit_around_stay(act: Act) -> None:
    (nurse,) = act.cast.providers(act.rng, 1, "home_nurse")
    (hospital,) = act.cast.providers(act.rng, 1, "hospital")
    for person in act.cast.persons(act.rng, act.many(6, 2), covered):
        start = act.day(date(2023, 2, 1), date(2024, 10, 1))
        act.stay(person, hospital, start, 5)
        for day in (start, start + timedelta(days=5)):
            act.tell("provider", nurse["provider_id"], act.line(person, nurse, day, "NU42"))


def rent_during_stay(act: Act) -> None:
    (shop,) = act.cast.providers(act.rng, 1, "equipment")
    (hospital,) = act.cast.providers(act.rng, 1, "hospital")
    for person in act.cast.persons(act.rng, act.many(10, 2), covered):
        start = act.day(date(2023, 2, 1), date(2024, 10, 1))
        act.stay(person, hospital, start, 16)
        row = act.line(person, shop, start + timedelta(days=act.rng.randint(4, 11)), "EQ83")
        act.tell("provider", shop["provider_id"], row)


def deliver_before_discharge(act: Act) -> None:
    (shop,) = act.cast.providers(act.rng, 1, "equipment")
    (hospital,) = act.cast.providers(act.rng, 1, "hospital")
    for person in act.cast.persons(act.rng, act.many(5, 2), covered):
        start = act.day(date(2023, 2, 1), date(2024, 10, 1))
        act.stay(person, hospital, start, 9)
        row = act.line(person, shop, start + timedelta(days=8), "EQ80")
        act.tell("provider", shop["provider_id"], row)


SCHEMES = (
    Scheme(
        "upcoded_visits",
        "health",
        "A specialist bills ordinary visits at the highest level.",
        "A neurologist whose patients are severely ill bills high levels among others.",
        shift_levels,
        treat_the_severe,
    ),
    Scheme(
        "unbundled_pairs",
        "health",
        "A part that belongs to an act is billed beside it.",
        "The same pair on two sites, told by the modifier.",
        unbundle,
        treat_two_sites,
    ),
    Scheme(
        "missing_approval",
        "health",
        "Wheelchairs are billed without the approval that they need.",
        "The approval exists; only its number is missing on the line.",
        skip_approval,
        omit_number,
    ),
    Scheme(
        "excluded_provider",
        "health",
        "An excluded provider bills on, or a new one at the same address and account does.",
        "A provider that was reinstated bills again.",
        bill_though_excluded,
        come_back_rightly,
    ),
    Scheme(
        "home_care_during_stay",
        "health",
        "A home nurse bills visits to members who lie in hospital.",
        "Visits on the days of admission and discharge.",
        visit_during_stay,
        visit_around_stay,
    ),
    Scheme(
        "equipment_during_stay",
        "health",
        "Oxygen at home is rented out in the middle of hospital stays.",
        "A walking frame delivered the day before discharge.",
        rent_during_stay,
        deliver_before_discharge,
    ),
)
