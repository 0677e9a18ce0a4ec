"""The made-up tariff: items that a menu of care draws from, with fees, minutes and limits.

Codes are of the system ``local`` and mean nothing outside this population: CPT and CDT codes are
licensed and never shipped.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One thing that can be billed.

    Args:
        menu: where it is drawn from.
        code: procedure code, or drug code on pharmacy menus.
        fee: tariff of a unit in euro.
        minutes: typical minutes of a unit.
        limit: units a day at most.
        weight: how many of the menu's places it takes.
        units: most units drawn (a day's dose for drugs).
        approval: needs an authorization.
        diagnoses: what the line says it was for.
    """

    menu: str
    code: str
    title: str
    fee: float
    minutes: int = 0
    limit: int = 1
    weight: int = 1
    units: int = 1
    approval: bool = False
    diagnoses: tuple[str, ...] = ("Z00.0",)


def _levels(menu: str, code: str, fees: tuple[float, ...], minutes: tuple[int, ...]) -> list[Item]:
    places_taken = (3, 5, 3, 1)
    ill = ("J06.9", "I10", "M54.5", "E11.9", "K21.9", "J20.9", "N39.0", "L30.9")
    title = menu.replace("_", " ")
    return [
        Item(
            menu, f"{code}{level}", f"{title}, level {level}", fee, length, 2, taken, diagnoses=ill
        )
        for level, (fee, length, taken) in enumerate(
            zip(fees, minutes, places_taken, strict=True), start=1
        )
    ]


VISITS = (
    *_levels("gp_visit", "GV", (25, 38, 55, 82), (12, 18, 28, 40)),
    *_levels("specialist_visit", "SV", (36, 52, 78, 118), (15, 22, 32, 45)),
)
ACTS = (
    Item("acts", "TA10", "electrocardiogram", 28, 10, 2, 3, diagnoses=("I10", "I25.1")),
    Item("acts", "TA11", "skin examination with microscope", 34, 12, 1, 2, diagnoses=("L57.0",)),
    Item("acts", "TA12", "visual field test", 41, 20, 1, 2, diagnoses=("H40.1",)),
    Item("acts", "TA13", "joint injection", 46, 15, 4, 2, diagnoses=("M17.1",)),
    Item("acts", "TA14", "small skin removal", 72, 25, 3, 1, diagnoses=("D22.9",)),
    Item("acts", "TA15", "spirometry", 39, 20, 1, 1, diagnoses=("J44.9",)),
    Item("acts", "TA16", "ultrasound at the bedside", 58, 15, 2, 1, diagnoses=("R10.4",)),
    Item("imaging", "IM20", "plain film", 31, 10, 4, 5, diagnoses=("M25.5",)),
    Item("imaging", "IM21", "ultrasound", 67, 20, 2, 4, diagnoses=("R10.4",)),
    Item("imaging", "IM22", "scan", 132, 20, 1, 2, diagnoses=("R51",)),
    Item("imaging", "IM23", "magnetic resonance", 268, 35, 1, 1, approval=True, diagnoses=("G43",)),
    Item("therapy", "PT30", "physiotherapy session", 24, 30, 3, 5, diagnoses=("M54.5",)),
    Item("therapy", "PT31", "rehabilitation session", 33, 45, 2, 2, diagnoses=("M75.1",)),
    Item("speech", "ST35", "speech session", 31, 30, 2, diagnoses=("F80.1",)),
    Item("nursing", "NU40", "injection at home", 9.5, 10, 4, 4, 2, diagnoses=("E11.9",)),
    Item("nursing", "NU41", "dressing at home", 17, 25, 3, 3, 2, diagnoses=("L97",)),
    Item("nursing", "NU42", "wash and care at home", 26, 35, 3, 3, 2, diagnoses=("R54",)),
    Item("dental", "DE50", "dental examination", 27, 20, 1, 2, diagnoses=("K02.9",)),
    Item("dental", "DE51", "filling", 58, 30, 6, 3, 2, diagnoses=("K02.1",)),
    Item("dental", "DE52", "scaling", 43, 25, 1, 2, diagnoses=("K05.1",)),
    Item("dental", "DE53", "extraction", 61, 25, 4, 1, diagnoses=("K08.1",)),
    Item("dental", "DE54", "crown", 390, 60, 2, 1, diagnoses=("K02.5",)),
    Item("oncology_session", "ON60", "infusion session", 310, 180, 1, diagnoses=("C50.9", "C18.9")),
    Item("injury", "IN65", "wound care after accident", 64, 30, 1, diagnoses=("S61.0", "S93.4")),
    Item("transport", "TR70", "seated transport, base", 34, 0, 2, diagnoses=("Z51.1",)),
    Item("distance", "TR71", "kilometre carried", 1.2, 0, 300, diagnoses=("Z51.1",)),
    Item("equipment", "EQ80", "walking frame", 86, 0, 1, 4, diagnoses=("R26.2",)),
    Item("equipment", "EQ81", "brace", 128, 0, 2, 4, diagnoses=("M23.9",)),
    Item("equipment", "EQ82", "bed at home, month", 164, 0, 1, 2, diagnoses=("R54",)),
    Item("equipment", "EQ83", "oxygen at home, month", 236, 0, 1, 2, diagnoses=("J96.1",)),
    Item("equipment", "EQ84", "wheelchair", 640, 0, 1, 1, approval=True, diagnoses=("G82.2",)),
    Item("monitoring", "MO90", "monitoring at distance, month", 19, 0, 1, diagnoses=("I50.9",)),
    Item("cosmetic", "CO95", "eyelid surgery", 620, 60, 1, approval=True, diagnoses=("H02.3",)),
    Item("once", "OP96", "removal of gall bladder", 780, 90, 1, diagnoses=("K80.2",)),
    Item("panel", "LB19", "blood panel", 29, 0, 1, diagnoses=("Z01.7",)),
)
LABORATORY = tuple(
    Item("lab", f"LB{n:02d}", f"laboratory test {n}", fee, 0, 2, diagnoses=("Z01.7",))
    for n, fee in enumerate((6.5, 9, 11, 7.5, 14, 22, 5.5, 18, 31, 44, 12, 64), start=1)
)
# Fee of a drug is the price of one unit; ``units`` is the usual number a day.
DRUGS = (
    *(
        Item("drug", f"RX{n:03d}", f"ingredient {n}", price, units=a_day)
        for n, (price, a_day) in enumerate(
            ((0.4, 3), (0.9, 2), (0.6, 3), (1.4, 2), (0.3, 4), (2.1, 1), (0.8, 2), (3.2, 1)), 1
        )
    ),
    Item("drug", "RX020", "opioid 20", 1.9, units=3),
    Item("opioid", "RX021", "opioid 21", 2.8, units=4),
    *(
        Item("maintenance", f"RX{n:03d}", f"ingredient {n}", price, units=a_day)
        for n, (price, a_day) in enumerate(
            (
                (0.3, 1),
                (0.5, 1),
                (0.9, 2),
                (1.1, 1),
                (0.2, 3),
                (1.8, 1),
                (0.7, 2),
                (2.4, 1),
                (0.6, 1),
                (3.1, 1),
                (0.4, 2),
                (5.2, 1),
            ),
            31,
        )
    ),
    Item("costly", "RX090", "growth factor", 92, units=1),
)
# Hospital lines: code is the revenue centre, the first menu's fee is that of one day.
HOSPITAL = (
    Item("room", "0120", "DRG", 410, weight=5, diagnoses=("I50.9", "J18.9", "N17.9", "A41.9")),
    Item("room", "0200", "DRG", 980, weight=1, diagnoses=("I21.9", "I63.9", "J96.0")),
    Item("hospital_extra", "0250", "drugs in hospital", 190),
    Item("hospital_extra", "0300", "tests in hospital", 140),
    Item("hospital_extra", "0360", "operating room", 1150),
    Item("hospital_extra", "0420", "therapy in hospital", 120),
)
ITEMS = (*VISITS, *ACTS, *LABORATORY, *DRUGS, *HOSPITAL)
DRUG_MENUS = ("drug", "opioid", "maintenance", "costly")
HOSPITAL_MENUS = ("room", "hospital_extra")
BY_CODE = {item.code: item for item in ITEMS}


def served(menu: str) -> list[Item]:
    """The places of a menu, in turns, so that lines that follow each other differ."""
    items = [item for item in ITEMS if item.menu == menu]
    most = max((item.weight for item in items), default=0)
    return [item for turn in range(most) for item in items if item.weight > turn]


def places(menu: str) -> int:
    """Number of places on a menu: the sum of its items' weights."""
    return len(served(menu))
