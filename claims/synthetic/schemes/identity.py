"""Schemes about who the person is: the dead, the lent card, the stolen list of members."""

from __future__ import annotations

from datetime import date, timedelta

from claims.synthetic.draws import identifier_of
from claims.synthetic.schemes.act import Act
from claims.synthetic.schemes.cast import covered, deceased, grown
from claims.synthetic.schemes.dates import at, next_month
from claims.synthetic.schemes.scheme import Scheme


def bill_the_dead(act: Act) -> None:
    (nurse,) = act.cast.providers(act.rng, 1, ("home_nurse", "physiotherapy"))
    code = "NU42" if nurse["specialty"] == "home_nurse" else "PT31"
    for person in act.cast.persons(act.rng, act.many(6, 2), deceased):
        for visit in range(act.many(28, 5)):
            day = person["death_date"] + timedelta(days=3 + 4 * visit)
            act.tell("provider", nurse["provider_id"], act.line(person, nurse, day, code))


def serve_until_death(act: Act) -> None:
    (hospital,) = act.cast.providers(act.rng, 1, "hospital")
    (shop,) = act.cast.providers(act.rng, 1, "equipment")
    for person in act.cast.persons(act.rng, act.many(4), deceased):
        died = person["death_date"]
        stay = act.stay(person, hospital, died - timedelta(days=6), 6)
        late = act.line(
            person,
            hospital,
            died + timedelta(days=1),
            "0250",
            procedure_code=None,
            procedure_code_system=None,
            revenue_center_code="0250",
            bill_type_code="111",
            admission_date=died - timedelta(days=6),
            discharge_date=died + timedelta(days=1),
            facility_provider_id=hospital["provider_id"],
            claim_line_end_date=None,
        )
        act.tell("provider", hospital["provider_id"], [stay, late])
        shipped = act.line(person, shop, died + timedelta(days=1), "EQ81")
        act.tell("provider", shop["provider_id"], shipped)


def lend_card(act: Act) -> None:
    (person,) = act.cast.persons(act.rng, 1, lambda one: covered(one) and one["one_card"])
    stolen = act.day(date(2023, 2, 1), date(2023, 9, 1))
    card = identifier_of("K", 500_000_000 + act.cast.number())
    act.add(
        "cards",
        card_id=card,
        person_id=person["person_id"],
        issued_date=date(2019, 5, 2),
        expiry_date=date(2029, 5, 1),
        cancelled_date=stolen,
        status="stolen",
    )
    places = act.cast.providers(act.rng, 5, ("dentistry", "dermatology", "orthopaedics"))
    for turn in range(act.many(34, 6)):
        place = places[turn % len(places)]
        code = "DE54" if place["specialty"] == "dentistry" else "SV3"
        day = act.day(stolen + timedelta(days=8), date(2024, 11, 30))
        row = act.line(person, place, day, code, card_id=card, card_present=True)
        act.tell("member", person["person_id"], row)


def use_card_on_the_way(act: Act) -> None:
    """A new card is lost within a month of its issue; the old one goes on."""
    (person,) = act.cast.persons(act.rng, 1, lambda one: covered(one) and one["one_card"])
    lost = act.day(date(2023, 2, 1), date(2024, 6, 1))
    card = identifier_of("K", 500_000_000 + act.cast.number())
    act.add(
        "cards",
        card_id=card,
        person_id=person["person_id"],
        issued_date=lost - timedelta(days=30),
        expiry_date=date(2029, 5, 1),
        cancelled_date=lost,
        status="lost",
    )
    (shop,) = act.cast.providers(act.rng, 1, "dentistry")
    for after in (-20, -6, 1, 2):
        row = act.line(person, shop, lost + timedelta(days=after), "DE51", card_id=card)
        act.tell("member", person["person_id"], row)


def bill_stolen_list(act: Act) -> None:
    since = date(2024, act.rng.randint(2, 6), 1)
    account = act.newcomer("physiotherapy", 1, since)
    names = [account] + [
        act.newcomer(
            special, 1, since, bank_account_id=account["bank_account_id"], phone=account["phone"]
        )
        for special in ("psychiatry", "speech_therapy")
    ]
    codes = {"physiotherapy": "PT31", "psychiatry": "SV3", "speech_therapy": "ST35"}
    victims = act.cast.persons(
        act.rng, act.many(36, 8), lambda one: covered(one) and one["region"] > 2, alone=False
    )
    for number, person in enumerate(victims):
        for place in names:
            for turn in range(2):
                day = since + timedelta(days=14 + number % 5 + 30 * turn)
                row = act.line(person, place, day, codes[place["specialty"]])
                act.tell("provider", place["provider_id"], row)


def open_in_flu_week(act: Act) -> None:
    clinic = act.newcomer("general_practice", act.number % 3, date(2023, 10, 1))
    nearby = act.cast.persons(
        act.rng,
        act.many(70, 10),
        lambda one: covered(one) and one["region"] == clinic["region"],
        alone=False,
    )
    for person in nearby:
        day = act.day(date(2024, 1, 8), date(2024, 1, 26))
        row = act.line(person, clinic, day, act.rng.choice(("GV1", "GV2")))
        act.tell("provider", clinic["provider_id"], row)


def draw_pension_of_the_dead(act: Act) -> None:
    (person,) = act.cast.persons(
        act.rng, 1, lambda one: deceased(one) and one["stage"] == "elderly" and one["reserved"]
    ) or act.cast.persons(act.rng, 1, lambda one: deceased(one) and one["stage"] == "elderly")
    month = next_month(next_month(person["death_date"].replace(day=1)))
    for _ in range(act.many(14, 3)):
        if month > date(2024, 12, 1):
            break
        end = next_month(month) - timedelta(days=1)
        amount = 1150 + act.rng.randrange(300)
        act.tell("member", person["person_id"], act.payment(person, "pension", month, end, amount))
        month = next_month(month)


def pay_month_of_death(act: Act) -> None:
    people = act.cast.persons(
        act.rng, act.many(3), lambda one: deceased(one) and one["stage"] == "elderly"
    )
    for person in people:
        month = person["death_date"].replace(day=1)
        end = next_month(month) - timedelta(days=1)
        row = act.payment(person, "survivor", month, end, 1180)
        act.tell("member", person["person_id"], row)


def share_account(act: Act) -> None:
    owner, *others = act.cast.persons(act.rng, act.many(9, 3) + 1, grown)
    account = owner["account"]
    first = act.day(date(2023, 2, 1), date(2023, 9, 1)).replace(day=1)
    for person in others:
        month = first
        for _ in range(act.many(6, 3)):
            end = next_month(month) - timedelta(days=1)
            row = act.payment(
                person,
                "housing",
                month,
                end,
                190 + act.rng.randrange(110),
                bank_account_id=account,
            )
            act.tell("account", account, row)
            month = next_month(month)
        act.add(
            "attribute_history",
            subject_type="member",
            subject_id=person["person_id"],
            column_name="bank_account_id",
            old_value=person["account"],
            new_value=account,
            changed_at=at(first, 9, 30),
            changed_by="S17",
        )


def guard_accounts(act: Act) -> None:
    """A guardian's institution receives for its wards; the account is known as such."""
    account = identifier_of("A", 800_000_000 + act.cast.number())
    act.add(
        "accounts",
        account_id=account,
        holder_name="Guardians' office",
        holder_type="guardian",
        country_code="FR",
        opened_date=date(2010, 1, 4),
        first_seen_date=date(2010, 2, 1),
    )
    act.add(
        "code_sets",
        code_set="institutional_accounts",
        code_system="account",
        code=account,
        effective_date=date(2010, 1, 1),
    )
    for person in act.cast.persons(act.rng, act.many(9, 3), grown):
        act.add(
            "relationships",
            person_id=person["person_id"],
            related_person_id=identifier_of("M", 900_000_000 + act.number),
            relation="guardian",
            start_date=date(2020, 1, 1),
        )
        for month in (date(2023, 5, 1), date(2023, 6, 1), date(2023, 7, 1), date(2023, 8, 1)):
            end = next_month(month) - timedelta(days=1)
            row = act.payment(person, "disability", month, end, 640, bank_account_id=account)
            act.tell("account", account, row)


SCHEMES = (
    Scheme(
        "services_after_death",
        "health",
        "A nurse or therapist goes on billing visits to members who have died.",
        "A stay that began before the death, and equipment shipped the day after it.",
        bill_the_dead,
        serve_until_death,
    ),
    Scheme(
        "lent_card",
        "health",
        "A card reported stolen is used for another person's care for months.",
        "A lost card used the day after its loss: the stop list reaches readers late.",
        lend_card,
        use_card_on_the_way,
    ),
    Scheme(
        "stolen_member_list",
        "health",
        "Three new offices with one account bill the same list of members who live far away.",
        "A new practice is full in a flu week, with members of its own region.",
        bill_stolen_list,
        open_in_flu_week,
        (1, 1, 1),
    ),
    Scheme(
        "pension_after_death",
        "benefits",
        "A pension is drawn for months after the pensioner died.",
        "A survivor's benefit begins in the month of the death.",
        draw_pension_of_the_dead,
        pay_month_of_death,
    ),
    Scheme(
        "shared_account",
        "benefits",
        "Benefits of unrelated persons are diverted to one person's account.",
        "A guardian's office receives the benefits of its wards.",
        share_account,
        guard_accounts,
    ),
)
