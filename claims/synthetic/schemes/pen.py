"""The pen a scheme writes with: claims in the model's form, and the truth about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal

import xxhash

from claims.model import INPUT_TABLES
from claims.synthetic.draws import identifier_of
from claims.synthetic.schemes.cast import Cast, Person, Provider, account_of
from claims.synthetic.schemes.dates import cents
from claims.synthetic.tariff import BY_CODE, DRUG_MENUS
from claims.synthetic.world import END, SOURCE, START

Difficulty = Literal["easy", "medium", "hard"]
Kind = Literal["planted", "look_alike"]
SIZES: dict[str, float] = {"easy": 1.0, "medium": 0.55, "hard": 0.28}
SHARES = {"home_care": 1.0, "institutional": 1.0, "dental": 0.6, "equipment": 0.6}
TYPES = {
    "home_nurse": "home_care",
    "dentistry": "dental",
    "pharmacy": "pharmacy",
    "transport": "transport",
    "equipment": "equipment",
    "hospital": "institutional",
}
PLACES = {"home_care": "12", "equipment": "12", "pharmacy": "01", "transport": "41"}


@dataclass(frozen=True)
class Row:
    """One detail row: its table, its key as in evidence, and the money paid on it."""

    table: str
    key: str
    paid: Decimal
    values: dict[str, Any]


@dataclass
class Stage:
    """All rows that schemes wrote, by table, and the truth."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    truth: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Pen:
    """One subject's (or group's) part in a scheme.

    Args:
        size: how much of it there is: 1 for an easy one in a full-size population.
    """

    stage: Stage
    cast: Cast
    scheme: str
    kind: Kind
    difficulty: Difficulty
    number: int
    size: float
    written: int = 0

    def __post_init__(self) -> None:
        self.name = (
            f"{self.cast.world.seed}/{self.scheme}/{self.kind}/{self.difficulty}/{self.number}"
        )
        self.rng = Random(self.name)  # noqa: S311 - chance of a population, not of a secret

    def many(self, full: int, least: int = 1) -> int:
        """The size of something that is ``full`` in an easy case."""
        return max(least, round(full * self.size))

    def day(self, low: date = START, high: date = END - timedelta(days=30)) -> date:
        """A working day between two days."""
        found = low + timedelta(days=self.rng.randrange((high - low).days + 1))
        return found - timedelta(days=max(0, found.weekday() - 4))

    def id(self) -> str:
        """A new id in the form of a claim's."""
        self.written += 1
        return xxhash.xxh64(f"{self.name}/{self.written}".encode()).hexdigest().upper()

    def add(self, table: str, **values: Any) -> Row:
        """Write a row of any table."""
        self.stage.rows.setdefault(table, []).append(values)
        key = "|".join(
            "" if values.get(name) is None else str(values[name])
            for name in INPUT_TABLES[table].key
        )
        return Row(table, key, values.get("paid_amount") or Decimal(0), values)

    def line(
        self,
        person: Person,
        provider: Provider,
        day: date,
        code: str,
        units: float = 1,
        orderer: Provider | None = None,
        **more: Any,
    ) -> Row:
        """Write a claim line: paid by the tariff, billed by the provider (or its group)."""
        item, kind = BY_CODE[code], TYPES.get(provider["specialty"], "professional")
        drug = item.menu in DRUG_MENUS
        allowed = cents(item.fee * units)
        paid = cents(float(allowed) * SHARES.get(kind, 0.7))
        biller = provider["organisation_id"] or provider["provider_id"]
        alone = provider["provider_type"] == "individual"
        lag = self.rng.randint(1, 12)
        base: dict[str, Any] = {
            "claim_id": self.id(),
            "claim_line_number": 1,
            "data_source": SOURCE,
            "claim_type": kind,
            "adjustment_type": "original",
            "person_id": person["person_id"],
            "billing_provider_id": biller,
            "rendering_provider_id": provider["provider_id"] if alone else None,
            "ordering_provider_id": orderer["provider_id"] if orderer else None,
            "claim_line_start_date": day,
            "claim_line_end_date": day,
            "submitted_date": day + timedelta(days=lag),
            "paid_date": day + timedelta(days=lag + self.rng.randint(4, 25)),
            "claim_status": "paid",
            "place_of_service_code": PLACES.get(kind, "11"),
            "procedure_code": None if drug else code,
            "procedure_code_system": None if drug else "local",
            "drug_code": code if drug else None,
            "service_unit_quantity": Decimal(str(units)),
            "diagnosis_code_1": None if drug else self.rng.choice(item.diagnoses),
            "charge_amount": cents(float(allowed) * (1 + 0.1 * self.rng.random())),
            "allowed_amount": allowed,
            "paid_amount": paid,
            "member_paid_amount": allowed - paid,
            "payee_account_id": provider["bank_account_id"],
        }
        return self.add("claim_lines", **{**base, **more})

    def fill(
        self, person: Person, shop: Provider, day: date, code: str, days: int, doctor: Provider
    ) -> Row:
        """Write a dispensation of ``days`` days' supply."""
        units = days * BY_CODE[code].units
        return self.line(
            person,
            shop,
            day,
            code,
            units,
            doctor,
            days_supply=days,
            prescription_id=self.id()[:14],
            prescribed_date=day,
            prescribed_quantity=Decimal(units),
            refills_authorised=0,
            fill_number=0,
        )

    def stay(self, person: Person, hospital: Provider, day: date, nights: int, **more: Any) -> Row:
        """Write an acute stay."""
        out = day + timedelta(days=nights)
        amount = cents(410.0 * nights)
        base: dict[str, Any] = {
            "procedure_code": None,
            "procedure_code_system": None,
            "revenue_center_code": "0120",
            "bill_type_code": "111",
            "drg_code": "D118",
            "facility_provider_id": hospital["provider_id"],
            "admission_date": day,
            "discharge_date": out,
            "claim_line_end_date": out,
            "submitted_date": out + timedelta(days=4),
            "paid_date": out + timedelta(days=19),
            "place_of_service_code": "21",
            "charge_amount": amount,
            "allowed_amount": amount,
            "paid_amount": amount,
            "discharge_disposition_code": "01",
            "admit_source_code": "1",
        }
        return self.line(person, hospital, day, "0120", nights, **{**base, **more})

    def newcomer(self, specialty: str, region: int, since: date, **more: Any) -> Provider:
        """Write a provider that is not of the honest population."""
        number = self.cast.number()
        firm = specialty in ("pharmacy", "laboratory", "equipment", "transport", "hospital")
        values: dict[str, Any] = {
            "provider_id": identifier_of("P", number),
            "provider_type": "organisation" if firm else "individual",
            "name": f"Office {number}",
            "specialty": specialty,
            "organisation_id": None,
            "tax_id": identifier_of("T", number),
            "postal_code": str((region + 1) * 10000 + 10 * self.rng.randrange(4)),
            "address": f"{self.rng.randint(1, 99)} Market street",
            "phone": "01" + identifier_of("", number)[1:],
            "enrolment_date": since,
            "bank_account_id": account_of(number),
            **more,
        }
        self.add("providers", **values)
        return {**values, "region": region}

    def practice(self, specialty: str) -> list[Provider]:
        """The members of a group practice; a small population may need a new one."""
        found = self.cast.group(self.rng, specialty)
        if found:
            return found
        since = date(2016, 5, 1)
        house = self.newcomer(f"{specialty}_group", 0, since, provider_type="organisation")
        shared = {name: house[name] for name in ("postal_code", "address", "phone")}
        shared |= {"organisation_id": house["provider_id"]}
        shared |= {"bank_account_id": house["bank_account_id"]}
        return [self.newcomer(specialty, 0, since, **shared) for _ in range(4)]

    def tell(
        self, subject_type: str, subject: str, rows: Row | Sequence[Row], share: float = 1.0
    ) -> None:
        """Write the truth: these rows are undue (or only look it), by this subject's doing.

        Args:
            share: part of the paid amount that is undue.
        """
        for row in [rows] if isinstance(rows, Row) else rows:
            self.stage.truth.append(
                {
                    "scheme": self.scheme,
                    "kind": self.kind,
                    "difficulty": self.difficulty,
                    "subject_type": subject_type,
                    "subject_id": subject,
                    "table_name": row.table,
                    "row_key": row.key,
                    "amount": cents(float(row.paid) * share),
                }
            )
