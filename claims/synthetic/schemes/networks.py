"""Schemes between several: pharmacies and prescribers, rings that share members, ghost trips."""

from __future__ import annotations

from datetime import date, timedelta

from claims.synthetic.schemes.act import Act
from claims.synthetic.schemes.cast import covered, grown
from claims.synthetic.schemes.scheme import Scheme


def ride_nowhere(act: Act) -> None:
    (firm,) = act.cast.providers(act.rng, 1, "transport")
    for person in act.cast.persons(act.rng, act.many(9, 2), grown):
        for _ in range(act.many(10, 3)):
            day = act.day()
            for code, units in (("TR70", 1), ("TR71", 38)):
                row = act.line(
                    person,
                    firm,
                    day,
                    code,
                    units,
                    distance_km=38,
                    origin_postal_code=person["postal_code"],
                )
                act.tell("provider", firm["provider_id"], row)


def ride_to_care(act: Act) -> None:
    (firm,) = act.cast.providers(act.rng, 1, "transport")
    (doctor,) = act.cast.providers(act.rng, 1, "oncology")
    for person in act.cast.persons(act.rng, act.many(6, 2), covered):
        start = act.day(date(2023, 2, 1), date(2024, 8, 1))
        for turn in range(8):
            day = start + timedelta(days=7 * turn)
            act.line(person, doctor, day, "ON60")
            row = act.line(person, firm, day, "TR70", 1, distance_km=12, orderer=doctor)
            act.tell("provider", firm["provider_id"], row)


def refill_early(act: Act) -> None:
    (shop,) = act.cast.providers(act.rng, 1, "pharmacy")
    (doctor,) = act.cast.providers(act.rng, 1, "general_practice")
    gap = {"easy": 10, "medium": 15, "hard": 20}[act.difficulty]
    for person in act.cast.persons(act.rng, act.many(7, 2), covered):
        start = act.day(date(2023, 2, 1), date(2024, 2, 1))
        act.line(person, doctor, start, "GV2")
        act.fill(person, shop, start, "RX042", 30, doctor)
        for turn in range(1, 10):
            row = act.fill(person, shop, start + timedelta(days=gap * turn), "RX042", 30, doctor)
            act.tell("provider", shop["provider_id"], row)


def refill_in_time(act: Act) -> None:
    (shop,) = act.cast.providers(act.rng, 1, "pharmacy")
    (doctor,) = act.cast.providers(act.rng, 1, "general_practice")
    for person in act.cast.persons(act.rng, act.many(6, 2), covered):
        start = act.day(date(2023, 2, 1), date(2024, 2, 1))
        act.line(person, doctor, start, "GV2")
        for turn in range(8):
            row = act.fill(person, shop, start + timedelta(days=27 * turn), "RX042", 30, doctor)
            act.tell("provider", shop["provider_id"], row)


def shop_for_opioids(act: Act) -> None:
    """Every third fill comes from the usual doctor and pharmacy, the others from anybody."""
    born = date(1960 + act.rng.randrange(30), 1 + act.rng.randrange(12), 17)
    place = {"last_name": "Harmel", "address": f"{act.rng.randint(1, 99)} Quay street"}
    person = act.member("Marion", born, act.number % 4, act.cast.number(), **place)
    many = {"easy": 8, "medium": 6, "hard": 5}[act.difficulty]
    doctors = act.cast.providers(act.rng, many, "general_practice")
    shops = act.cast.providers(act.rng, many, "pharmacy")
    start = act.day(date(2023, 2, 1), date(2024, 5, 1))
    for turn in range(act.many(32, 9)):
        day = start + timedelta(days=5 * turn + act.rng.randint(0, 2))
        turned = 1 + (turn - turn // 3 - 1) % (many - 1) if turn % 3 else 0
        act.line(person, doctors[turned], day, "GV1")
        row = act.fill(person, shops[turned], day, "RX021", 20, doctors[turned])
        if turned:
            act.tell("member", person["person_id"], row)


def relieve_cancer_pain(act: Act) -> None:
    (person,) = act.cast.persons(act.rng, 1, covered)
    (doctor,) = act.cast.providers(act.rng, 1, "oncology")
    shops = act.cast.providers(act.rng, 4, "pharmacy")
    start = act.day(date(2023, 2, 1), date(2024, 5, 1))
    for turn in range(12):
        day = start + timedelta(days=14 * turn)
        act.line(person, doctor, day, "SV2", diagnosis_code_1="C50.9")
        row = act.fill(person, shops[turn % len(shops)], day, "RX021", 14, doctor)
        act.tell("member", person["person_id"], row)


def prescribe_for_kickback(act: Act) -> None:
    """Costly drugs without the disease, all sent to one pharmacy far from the members."""
    (doctor,) = act.cast.providers(act.rng, 1, "general_practice", region=0)
    (shop,) = act.cast.providers(act.rng, 1, "pharmacy", region=2)
    people = act.cast.persons(
        act.rng, act.many(36, 8), lambda one: covered(one) and one["region"] == 0, alone=False
    )
    for person in people:
        day = act.day()
        act.line(person, doctor, day, "GV1")
        row = act.fill(person, shop, day + timedelta(days=1), "RX090", 5, doctor)
        act.tell("provider", shop["provider_id"], row)
        act.tell("provider", doctor["provider_id"], row)


def send_to_village_pharmacy(act: Act) -> None:
    (doctor,) = act.cast.providers(act.rng, 1, "general_practice", region=7)
    (shop,) = act.cast.providers(act.rng, 1, "pharmacy", region=7)
    people = act.cast.persons(
        act.rng, act.many(36, 8), lambda one: covered(one) and one["region"] == 7, alone=False
    )
    for person in people:
        day = act.day()
        act.line(person, doctor, day, "GV2")
        row = act.fill(person, shop, day, "RX041", 10, doctor)
        act.tell("provider", shop["provider_id"], row)


def swap_members(act: Act) -> None:
    """Four practices of four trades bill one list of members to each other's orders."""
    trades = ("dermatology", "physiotherapy", "speech_therapy", "psychiatry")
    codes = ("SV3", "PT31", "ST35", "SV3")
    ring = [act.cast.providers(act.rng, 1, trade)[0] for trade in trades]
    people = act.cast.persons(act.rng, act.many(34, 8), covered, alone=False)
    for person in people:
        start = act.day(date(2023, 3, 1), date(2024, 10, 1))
        for turn, (provider, code) in enumerate(zip(ring, codes, strict=True)):
            row = act.line(
                person, provider, start + timedelta(days=turn), code, orderer=ring[turn - 1]
            )
            act.tell("provider", provider["provider_id"], row)


def share_in_practice(act: Act) -> None:
    group = act.practice("general_practice")
    people = act.cast.persons(act.rng, act.many(24, 6), covered, alone=False)
    for person in people:
        start = act.day(date(2023, 3, 1), date(2024, 10, 1))
        for turn, doctor in enumerate(group):
            row = act.line(person, doctor, start + timedelta(days=30 * turn), "GV2")
            act.tell("provider", doctor["provider_id"], row)


SCHEMES = (
    Scheme(
        "ghost_transport",
        "health",
        "Trips are billed for members who had no care on these days.",
        "Trips to infusions.",
        ride_nowhere,
        ride_to_care,
    ),
    Scheme(
        "refill_too_soon",
        "health",
        "A pharmacy bills a month's supply every ten to twenty days.",
        "Refills a few days before the supply ends.",
        refill_early,
        refill_in_time,
    ),
    Scheme(
        "doctor_shopping",
        "health",
        "A member collects opioids from many prescribers and pharmacies.",
        "A cancer patient with one oncologist buys where the drug is in stock.",
        shop_for_opioids,
        relieve_cancer_pain,
    ),
    Scheme(
        "pharmacy_kickback",
        "health",
        "A prescriber sends costly drugs without the disease to one distant pharmacy.",
        "The orders of a village go to its only pharmacy.",
        prescribe_for_kickback,
        send_to_village_pharmacy,
        (1, 1, 1),
    ),
    Scheme(
        "member_swapping_ring",
        "health",
        "Four unconnected practices bill one list of members within days of each other.",
        "Doctors of one practice see each other's patients.",
        swap_members,
        share_in_practice,
        (1, 1, 1),
    ),
)
