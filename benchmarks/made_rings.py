"""A made-up country with rings of every kind at three difficulties and their honest look-alikes.

Rows by table, in the model's columns. Difficulty is the size of a ring and its camouflage: honest
members or patients that its subjects have beside, so that the ring is ever less of what they do.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

START, END = date(2024, 1, 1), date(2024, 12, 31)
DIFFICULTIES = ("easy", "medium", "hard")
SIZE = {"easy": 1.0, "medium": 0.6, "hard": 0.35}
CAMOUFLAGE = {"easy": 0.2, "medium": 1.0, "hard": 2.0}

Row = dict[str, Any]


@dataclass
class Country:
    """Members, providers, employers and what passes between them.

    Args:
        members: persons of the honest background, nine tenths of them in towns.
        seed: of every draw.
    """

    members: int = 6_000
    seed: int = 1
    tables: dict[str, list[Row]] = field(default_factory=dict)
    truth: list[tuple[str, str, str, frozenset[tuple[str, str]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)  # noqa: S311
        self.homes = {
            f"M{n:06}": "48001" if n % 10 == 0 else f"7500{n % 4}" for n in range(self.members)
        }
        self.town = [one for one, code in self.homes.items() if code != "48001"]
        self.village = [one for one, code in self.homes.items() if code == "48001"]
        for person, code in self.homes.items():
            self.add(
                "members",
                person_id=person,
                household_id=f"H{int(person[1:]) // 2}",
                postal_code=code,
                bank_account_id=f"A{int(person[1:]) // 2}",
                phone=f"06{int(person[1:]) // 2:08}",
            )

    def add(self, table: str, **values: Any) -> None:
        """Write a row."""
        self.tables.setdefault(table, []).append(values)

    def tell(self, kind: str, difficulty: str, *members: tuple[str, str]) -> None:
        """Write the truth: these subjects are a ring of a kind, or a look-alike."""
        self.truth.append((kind, difficulty, f"{kind}/{difficulty}", frozenset(members)))

    def day(self, low: date = START, high: date = END) -> date:
        """A day between two days."""
        return low + timedelta(days=self.draw.randrange((high - low).days + 1))

    def provider(self, name: str, **more: Any) -> str:
        """Write a provider with an office of its own."""
        base = {"provider_id": name, "enrolment_date": date(2012, 1, 1)}
        own = {"bank_account_id": f"B{name}", "phone": f"05{name}", "address": f"{name} street"}
        self.add("providers", **{**base, **own, "postal_code": "75001", **more})
        return name

    def visit(self, provider: str, person: str, day: date | None = None, **more: Any) -> None:
        """Write a claim line of a visit."""
        lines = len(self.tables.get("claim_lines", ()))
        base = {
            "claim_id": f"C{lines:07}",
            "claim_line_number": 1,
            "claim_type": "professional",
            "billing_provider_id": provider,
            "person_id": person,
            "claim_line_start_date": day or self.day(),
            "paid_amount": 40,
        }
        self.add("claim_lines", **{**base, **more})

    def leave(self, doctor: str, employer: str, person: str, day: date) -> None:
        """Write a month of sick pay."""
        self.add(
            "benefit_payments",
            payment_id=f"L{len(self.tables.get('benefit_payments', ())):06}",
            person_id=person,
            benefit_type="sick_leave",
            event_date=day,
            period_start_date=day,
            employer_id=employer,
            certifying_provider_id=doctor,
            paid_amount=600,
        )

    def hire(self, employer: str, person: str, day: date) -> None:
        """Write an employment."""
        self.add("employments", person_id=person, employer_id=employer, start_date=day)

    def busy(self, provider: str, share: float, full: int) -> None:
        """Camouflage: a share of ``full`` honest patients."""
        for person in self.draw.sample(self.town, max(0, round(share * full))):
            self.visit(provider, person)


def background(country: Country) -> None:
    """Honest care, drugs, work and leave of everybody."""
    doctors = [country.provider(f"D{n:03}") for n in range(country.members // 40)]
    shops = [country.provider(f"PH{n:02}") for n in range(30)]
    for doctor in doctors:
        for person in country.draw.sample(country.town, 60):
            day = country.day()
            country.visit(doctor, person, day)
            if country.draw.random() < 0.5:
                shop = country.draw.choice(shops)
                more = {"claim_type": "pharmacy", "ordering_provider_id": doctor}
                country.visit(shop, person, day, **more)
    hospital = country.provider("HOSPITAL")
    for person in country.draw.sample(country.town, int(0.3 * len(country.town))):
        country.visit(hospital, person)
    workers = iter(country.draw.sample(country.town, len(country.town)))
    for n in range(120):
        firm = f"E{n:03}"
        country.add("employers", employer_id=firm, bank_account_id=f"BE{n}", phone=f"04{n:06}")
        for _ in range(12):
            person = next(workers)
            country.hire(firm, person, country.day(date(2023, 1, 1), END))
            if country.draw.random() < 0.15:
                country.leave(country.draw.choice(doctors), firm, person, country.day())


def look_alikes(country: Country) -> None:
    """Honest life that looks like rings."""
    draw = country.draw
    practice = [country.provider(f"GP{n}", organisation_id="HOUSE") for n in range(4)]
    for person in draw.sample(country.town, 60):
        for one in practice:
            country.visit(one, person, terminal_id="HOUSE-READER")
    country.tell("group practice", "look-alike", *(("provider", one) for one in practice))
    rural = [country.provider(f"RURAL{n}", postal_code="48001") for n in range(3)]
    shop = country.provider("RURALPH", postal_code="48001")
    for person in country.village:
        for one in rural:
            if draw.random() < 0.6:
                country.visit(one, person)
        more = {"claim_type": "pharmacy", "ordering_provider_id": draw.choice(rural)}
        country.visit(shop, person, **more)
    country.tell("rural town", "look-alike", *(("provider", one) for one in (*rural, shop)))
    staff = [
        country.provider(
            f"STAFF{n}", organisation_id="HOSPITAL", phone="05HOSPITAL", address="1 Hospital way",
            bank_account_id="BHOSPITAL",
        )
        for n in range(15)
    ]  # fmt: skip
    for person in draw.sample(country.town, 80):
        for one in draw.sample(staff, 4):
            country.visit(one, person)
    country.tell("hospital staff", "look-alike", *(("provider", one) for one in staff))
    family = [f"FAM{n}" for n in range(5)]
    country.add("cards", card_id="FAM-CARD", person_id="FAM0", issued_date=date(2020, 1, 1))
    for one in family:
        shared = {"bank_account_id": "FAMILY", "phone": "0600000001", "household_id": "HFAM"}
        country.add("members", person_id=one, postal_code="75001", **shared)
        country.homes[one] = "75001"
        country.visit("D000", one, card_id="FAM-CARD")
    country.tell("family", "look-alike", *(("member", one) for one in family))
    country.add("employers", employer_id="BIG", bank_account_id="BBIG", phone="040000BIG")
    for person in draw.sample(country.town, 250):
        country.hire("BIG", person, date(2020, 1, 1))
        if draw.random() < 0.5:
            doctor = f"D{draw.randrange(country.members // 40):03}"
            country.leave(doctor, "BIG", person, country.day(date(2024, 1, 15), date(2024, 1, 21)))
    country.tell("big employer in a flu week", "look-alike", ("employer", "BIG"))


def patient_sharing(country: Country, level: str) -> None:
    """Providers of several trades who all bill one list."""
    ring = [country.provider(f"RING-{level}-{n}") for n in range(4)]
    for person in country.draw.sample(country.town, round(50 * SIZE[level])):
        day = country.day()
        for turn, one in enumerate(ring):
            if country.draw.random() < 0.9:
                country.visit(one, person, day + timedelta(days=turn))
    for one in ring:
        country.busy(one, CAMOUFLAGE[level], 50)
    country.tell("patient sharing", level, *(("provider", one) for one in ring))


def ping_pong(country: Country, level: str) -> None:
    """Two who order from each other within a week."""
    a, b = (country.provider(f"PONG-{level}-{n}") for n in range(2))
    for person in country.draw.sample(country.town, round(40 * SIZE[level])):
        day = country.day(START, END - timedelta(days=30))
        country.visit(b, person, day, ordering_provider_id=a)
        country.visit(a, person, day + timedelta(days=5), ordering_provider_id=b)
    for one in (a, b):
        for person in country.draw.sample(country.town, round(40 * CAMOUFLAGE[level])):
            country.visit("HOSPITAL", person, ordering_provider_id=one)
    country.tell("ping-pong", level, ("provider", a), ("provider", b))


def stolen_identities(country: Country, level: str) -> None:
    """New offices that bill a list within weeks."""
    since = date(2024, 4, 2)
    ring = [country.provider(f"NEW-{level}-{n}", enrolment_date=since) for n in range(3)]
    for person in country.draw.sample(country.town, round(40 * SIZE[level])):
        day = country.day(since, since + timedelta(days=60))
        for turn, one in enumerate(ring):
            country.visit(one, person, day + timedelta(days=3 * turn))
    for one in ring:
        country.busy(one, CAMOUFLAGE[level], 20)
    country.tell("stolen identities", level, *(("provider", one) for one in ring))


def leave_ring(country: Country, level: str) -> None:
    """Shell employers whose workers hold leave from one doctor."""
    doctor = country.provider(f"CERT-{level}")
    firms = [f"SHELL-{level}-{n}" for n in range(2)]
    for firm in firms:
        country.add("employers", employer_id=firm)
        workers = country.draw.sample(country.town, round(12 * SIZE[level]) + 1)
        for turn, person in enumerate(workers):
            country.hire(firm, person, date(2023, 3, 1))
            honest = level != "easy" and turn == 0
            certifier = "D001" if honest and level == "medium" else doctor
            country.leave(certifier, firm, person, country.day())
    for person in country.draw.sample(country.town, round(15 * CAMOUFLAGE[level])):
        country.leave(doctor, f"E{country.draw.randrange(120):03}", person, country.day())
    named = [("provider", doctor), *(("employer", firm) for firm in firms)]
    country.tell("employer-doctor-worker", level, *named)


def ghost_employment(country: Country, level: str) -> None:
    """Employers whose hires are ill within weeks, certified by many doctors."""
    firms = [f"GHOST-{level}-{n}" for n in range(2)]
    for firm in firms:
        country.add("employers", employer_id=firm, director_person_id=f"BOSS-{level}")
        for person in country.draw.sample(country.town, round(14 * SIZE[level]) + 2):
            hired = country.day(date(2024, 2, 1), date(2024, 8, 1))
            country.hire(firm, person, hired)
            if country.draw.random() < {"easy": 0.95, "medium": 0.85, "hard": 0.75}[level]:
                doctor = f"D{country.draw.randrange(country.members // 40):03}"
                country.leave(doctor, firm, person, hired + timedelta(days=40))
    country.tell("ghost employment", level, *(("employer", firm) for firm in firms))


def captured_pharmacy(country: Country, level: str) -> None:
    """A prescriber whose patients end at one pharmacy."""
    doctor, shop = country.provider(f"CAPTOR-{level}"), country.provider(f"CAPTIVE-{level}")
    for person in country.draw.sample(country.town, round(50 * SIZE[level])):
        more = {"claim_type": "pharmacy", "ordering_provider_id": doctor}
        country.visit(shop, person, **more)
    for person in country.draw.sample(country.town, round(25 * CAMOUFLAGE[level])):
        more = {"claim_type": "pharmacy", "ordering_provider_id": doctor}
        country.visit(f"PH{country.draw.randrange(30):02}", person, **more)
    for person in country.draw.sample(country.town, round(25 * CAMOUFLAGE[level])):
        more = {"claim_type": "pharmacy", "ordering_provider_id": "D002"}
        country.visit(shop, person, **more)
    country.tell("captured pharmacy", level, ("provider", doctor), ("provider", shop))


def shared_identity(country: Country, level: str) -> None:
    """Strangers whose benefits reach one account."""
    many = max(3, round(10 * SIZE[level]))
    people = [f"MULE-{level}-{n}" for n in range(many)]
    for number, one in enumerate(people):
        own = f"OWN-{one}" if level == "hard" and number % 4 == 3 else f"MULE-{level}"
        country.add("members", person_id=one, household_id=one, postal_code="75001",
                    bank_account_id=own)  # fmt: skip
        country.homes[one] = "75001"
        for _ in range(3):
            country.visit(f"D{country.draw.randrange(20):03}", one)
        country.leave("D003", "E000", one, country.day())
    tied = [("member", one) for n, one in enumerate(people) if level != "hard" or n % 4 != 3]
    country.tell("shared identity", level, *tied)


def lent_card(country: Country, level: str) -> None:
    """One card read for strangers, who have other care without it."""
    holder, *others = country.draw.sample(country.town, 3 + round(6 * SIZE[level]))
    country.add("cards", card_id=f"LENT-{level}", person_id=holder, issued_date=date(2020, 1, 1))
    for person in (holder, *others):
        country.visit(f"D{country.draw.randrange(20):03}", person, card_id=f"LENT-{level}")
        for _ in range(round(2 * CAMOUFLAGE[level])):
            country.visit(f"D{country.draw.randrange(20):03}", person)
    country.tell("lent card", level, *(("member", one) for one in (holder, *others)))


def roaming_reader(country: Country, level: str) -> None:
    """One card reader behind offices that have nothing to do with each other."""
    ring = [country.provider(f"READ-{level}-{n}") for n in range(4 + round(4 * SIZE[level]))]
    for one in ring:
        for person in country.draw.sample(country.town, 12):
            country.visit(one, person, terminal_id=f"ROAMING-{level}")
        country.busy(one, CAMOUFLAGE[level], 12)
    country.tell("roaming reader", level, *(("provider", one) for one in ring))


def owner_certifies(country: Country, level: str) -> None:
    """A doctor certifies the workers of a firm he directs."""
    doctor = country.provider(f"OWNER-{level}", person_id=f"OWNER-P-{level}")
    country.add("employers", employer_id=f"OWNED-{level}", director_person_id=f"OWNER-P-{level}")
    for person in country.draw.sample(country.town, 3 + round(8 * SIZE[level])):
        country.hire(f"OWNED-{level}", person, date(2021, 1, 1))
        country.leave(doctor, f"OWNED-{level}", person, country.day())
    for person in country.draw.sample(country.town, round(20 * CAMOUFLAGE[level])):
        country.leave(doctor, f"E{country.draw.randrange(120):03}", person, country.day())
    country.tell("owner certifies", level, ("provider", doctor), ("employer", f"OWNED-{level}"))


def payee_is_member(country: Country, level: str) -> None:
    """Claims of an office paid to a member's account."""
    office = country.provider(f"OFFICE-{level}")
    country.add("members", person_id=f"PAYEE-{level}", household_id=f"PAYEE-{level}",
                postal_code="75001", bank_account_id=f"PAYEE-{level}")  # fmt: skip
    country.homes[f"PAYEE-{level}"] = "75001"
    for person in country.draw.sample(country.town, 6 + round(20 * SIZE[level])):
        country.visit(office, person, payee_account_id=f"PAYEE-{level}")
    country.busy(office, CAMOUFLAGE[level], 40)
    country.tell("payee is member", level, ("provider", office), ("member", f"PAYEE-{level}"))


def phoenix(country: Country, level: str) -> None:
    """The excluded provider's director opens anew at the address."""
    old = country.provider(f"BURNT-{level}", address=f"{level} quay")
    since = {"easy": date(2024, 3, 1), "medium": date(2024, 1, 20), "hard": date(2023, 11, 1)}
    new = country.provider(
        f"PHOENIX-{level}", address=f"{level.upper()}, Quay", enrolment_date=since[level]
    )
    country.add("exclusions", provider_id=old, exclusion_date=date(2024, 2, 1))
    for one in (old, new):
        country.add("affiliations", subject_type="member", subject_id=f"DIR-{level}",
                    organisation_type="provider", organisation_id=one, role="owner",
                    start_date=date(2015, 1, 1))  # fmt: skip
    country.busy(new, 1.0, 30)
    country.tell("phoenix", level, ("provider", old), ("provider", new))


RINGS = {
    "shared_identity": shared_identity,
    "lent_card": lent_card,
    "roaming_reader": roaming_reader,
    "shared_patients": patient_sharing,
    "ping_pong": ping_pong,
    "stolen_identities": stolen_identities,
    "leave_ring": leave_ring,
    "ghost_employment": ghost_employment,
    "captured_pharmacy": captured_pharmacy,
    "owner_certifies": owner_certifies,
    "payee_is_member": payee_is_member,
    "phoenix": phoenix,
}


def made_country(seed: int, members: int = 6_000, planted: bool = True) -> Country:
    """The whole country; without rings where nothing shall be planted."""
    country = Country(members, seed)
    background(country)
    look_alikes(country)
    for plant in RINGS.values() if planted else ():
        for level in DIFFICULTIES:
            plant(country, level)
    return country
