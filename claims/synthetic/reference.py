"""Reference tables: procedures, drugs, pairs that exclude each other, and code sets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from claims.synthetic.employment import LABOUR_INTENSIVE, VAT_EXEMPT
from claims.synthetic.tariff import DRUG_MENUS, DRUGS, HOSPITAL_MENUS, ITEMS, LABORATORY, VISITS

SINCE = date(2020, 1, 1)
OPIOIDS = {"RX020": 1.0, "RX021": 1.5}
PAIRS = (("TA14", "TA11"), ("TA13", "TA16"), ("DE54", "DE51"), ("LB19", "LB01"), ("LB19", "LB02"))
SETS: dict[str, tuple[tuple[str, str, str | None, float | None], ...]] = {
    "acute_bill_types": (("bill_type", "111", None, None), ("bill_type", "112", None, None)),
    "nursing_bill_types": (("bill_type", "211", None, None),),
    "office_places": (("place", "11", None, None),),
    "office_and_home_places": (("place", "11", None, None), ("place", "12", None, None)),
    "home_dispositions": (("disposition", "01", None, None),),
    "room_codes": (("revenue", "0120", None, None), ("revenue", "0200", None, None)),
    "per_diem_codes": (("revenue", "0120", None, None), ("revenue", "0200", None, None)),
    "evaluation_codes": tuple(("local", item.code, None, None) for item in VISITS),
    "service_levels": tuple(
        ("local", item.code, item.menu, float(item.code[-1])) for item in VISITS
    ),
    "bypass_modifiers": tuple(
        ("modifier", code, None, None)
        for code in ("59", "XE", "XS", "XP", "XU", "25", "57", "58", "78", "79", "91", "LT", "RT")
    ),
    "repeat_modifiers": tuple(("modifier", code, None, None) for code in ("76", "77", "91")),
    "group_services": (("local", "PT39", None, None),),
    "clinic_visit_codes": (("local", "CV01", None, None),),
    "laboratory_codes": (
        *(("local", item.code, None, None) for item in LABORATORY),
        ("local", "LB19", None, None),
    ),
    "panels": tuple(("local", "LB19", item.code, 4.0) for item in LABORATORY[:5]),
    "minimum_intervals": (
        ("local", "EQ84", "wheelchair", 1826.0),
        ("local", "TA12", "sight_test", 30.0),
    ),
    "once_in_lifetime": (("local", "OP96", "gall_bladder", None),),
    "cosmetic_lookalikes": (("local", "CO95", "H02.3", None),),
    "costly_drugs": (("local", "RX090", "E23.0", None), ("local", "RX090", "C50.9", None)),
    "maintenance_drugs": tuple(
        ("local", item.code, None, None) for item in DRUGS if item.menu == "maintenance"
    ),
    "trafficked_drugs": (("local", "RX021", None, None),),
    "rental_codes": (("local", "EQ82", None, None), ("local", "EQ83", None, None)),
    "serial_services": tuple(
        ("local", code, None, None) for code in ("PT30", "PT31", "ST35", "NU40", "NU41", "NU42")
    ),
    "daily_services": tuple(("local", code, None, None) for code in ("NU40", "NU41", "NU42")),
    "distance_codes": (("local", "TR71", None, None),),
    "seated_codes": (("local", "TR70", None, None),),
    "suspended_statuses": tuple(
        ("status", code, None, None) for code in ("custody", "suspended", "abroad")
    ),
    "long_illness_status": (("programme", "long_illness", None, None),),
    "injury_codes": tuple(("icd10", code, None, None) for code in ("S61.0", "S93.4")),
    "survivor_and_death_benefits": tuple(
        ("benefit", code, None, None) for code in ("survivor", "death_grant", "funeral")
    ),
    "incompatible_benefits": tuple(
        ("benefit", first, second, None)
        for first, second in (
            ("sick_leave", "unemployment"),
            ("maternity", "sick_leave"),
            ("disability", "pension"),
            ("short_time_work", "sick_leave"),
        )
    ),
    "means_tested": tuple(
        ("benefit", code, None, None) for code in ("minimum_income", "housing", "old_age_minimum")
    ),
    "single_status_benefits": tuple(
        ("benefit", code, None, None) for code in ("lone_parent", "minimum_income")
    ),
    "residence_benefits": tuple(
        ("benefit", code, None, None) for code in ("family", "housing", "minimum_income")
    ),
    "benefits_before_event": (("benefit", "maternity", None, None),),
    "labour_intensive": tuple(("nace", code, None, None) for code in LABOUR_INTENSIVE),
    "vat_exempt": tuple(("nace", code, None, None) for code in VAT_EXEMPT),
}


def tables() -> dict[str, list[dict[str, Any]]]:
    """Rows of ``procedures``, ``procedure_pairs``, ``drugs`` and ``code_sets``."""
    drugs = {item.code: item for item in ITEMS if item.menu in DRUG_MENUS}
    acts = {item.code: item for item in ITEMS if item.menu not in (*DRUG_MENUS, *HOSPITAL_MENUS)}
    return {
        "procedures": [
            {
                "procedure_code": code,
                "effective_date": SINCE,
                "procedure_code_system": "local",
                "description": item.title,
                "fee_amount": Decimal(str(item.fee)),
                "typical_minutes": item.minutes or None,
                "max_units_per_day": item.limit,
                "requires_authorization": item.approval,
                "is_add_on": False,
            }
            for code, item in acts.items()
        ],
        "procedure_pairs": [
            {
                "column_1_code": first,
                "column_2_code": second,
                "effective_date": SINCE,
                "modifier_allowed": True,
                "relation": "not_together",
            }
            for first, second in PAIRS
        ],
        "drugs": [
            {
                "drug_code": code,
                "effective_date": SINCE,
                "description": item.title,
                "ingredient": item.title,
                "is_controlled": code in OPIOIDS,
                "requires_authorization": False,
                "max_daily_quantity": float(item.units * 2),
                "morphine_equivalent": OPIOIDS.get(code),
                "pack_size": Decimal(30),
                "unit_price": Decimal(str(item.fee)),
            }
            for code, item in drugs.items()
        ],
        "code_sets": [
            {
                "code_set": name,
                "code_system": system,
                "code": code,
                "related_code": related,
                "value": value,
                "effective_date": SINCE,
            }
            for name, rows in SETS.items()
            for system, code, related, value in rows
        ],
    }
