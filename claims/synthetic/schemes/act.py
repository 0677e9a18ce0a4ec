"""One subject's part in a scheme: the pen for claims, and rows of benefits and employers too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from claims.synthetic.draws import identifier_of
from claims.synthetic.schemes.cast import Person, account_of
from claims.synthetic.schemes.dates import cents, next_month
from claims.synthetic.schemes.pen import Pen, Row
from claims.synthetic.world import SOURCE


@dataclass
class Act(Pen):
    """What schemes are written with."""

    def member(
        self, first_name: str, born: date, region: int, household: int, **more: Any
    ) -> Person:
        """Write an insured member who is not of the honest population."""
        number = self.cast.number()
        person = {
            "person_id": identifier_of("M", 500_000_000 + number),
            "household_id": identifier_of("H", 500_000_000 + household),
            "sex": "female",
            "birth_date": born,
            "postal_code": str((region + 1) * 10000),
        }
        self.add(
            "members",
            **person,
            first_name=first_name,
            national_id=f"2{born:%y%m}{identifier_of('', 500_000_000 + number)}",
            country_code="FR",
            **more,
        )
        self.add(
            "eligibility",
            person_id=person["person_id"],
            programme="general",
            coverage_start_date=max(born, date(2015, 1, 1)),
            status="active",
        )
        return {**person, "death_date": None, "region": region, "account": None}

    def payment(
        self, person: Person, benefit: str, start: date, end: date, amount: float, **more: Any
    ) -> Row:
        """Write a benefit payment to the person's own account.

        Sick pay begins after three unpaid days and rests on a daily basis.
        """
        ill = benefit == "sick_leave"
        days = (end - start).days + 1
        base = {
            "payment_id": self.id(),
            "person_id": person["person_id"],
            "benefit_type": benefit,
            "entitlement_id": self.id(),
            "event_date": start - timedelta(days=3) if ill else start,
            "period_start_date": start,
            "period_end_date": end,
            "paid_date": end + timedelta(days=self.rng.randint(2, 9)),
            "paid_amount": cents(amount),
            "basis_amount": cents(amount / days if ill else amount),
            "bank_account_id": person["account"],
            "entered_by": f"S{self.rng.randint(10, 60)}",
            "approved_by": f"S{self.rng.randint(61, 95)}",
            "adjustment_type": "original",
            "data_source": SOURCE,
        }
        return self.add("benefit_payments", **{**base, **more})

    def employer(self, since: date, region: int = 0) -> str:
        """Write an employer that is not of the honest population; its id."""
        number = self.cast.number()
        found = identifier_of("E", 500_000_000 + number)
        self.add(
            "employers",
            employer_id=found,
            name=f"Firm {number}",
            activity_code="81.21",
            tax_id=identifier_of("T", 500_000_000 + number),
            created_date=since,
            postal_code=str((region + 1) * 10000),
            address=f"{self.rng.randint(1, 99)} Mill lane",
            phone="02" + identifier_of("", number)[1:],
            bank_account_id=account_of(number),
        )
        return found

    def hire(
        self,
        person: Person,
        employer: str,
        start: date,
        end: date | None,
        wage: int = 2000,
        hours: float = 35.0,
    ) -> Row:
        """Write an employment."""
        return self.add(
            "employments",
            person_id=person["person_id"],
            employer_id=employer,
            start_date=start,
            end_date=end,
            monthly_wage=Decimal(wage),
            weekly_hours=hours,
            paid_hours=cents(hours * 52 / 12),
            status="ended" if end else "active",
            hired_declaration_date=start,
        )

    def filing(self, employer: str, month: date, heads: int, wage: int, **more: Any) -> Row:
        """Write an employer's monthly contributions for that many full-time heads."""
        pay = Decimal(heads * wage)
        turnover = cents(float(pay) * 2.4)
        base = {
            "employer_id": employer,
            "period_start_date": month,
            "period_end_date": next_month(month) - timedelta(days=1),
            "declared_headcount": heads,
            "declared_hours": cents(heads * 151.67),
            "declared_payroll": pay,
            "contributions_due": cents(float(pay) * 0.42),
            "contributions_paid": cents(float(pay) * 0.42),
            "declared_turnover": turnover,
            "vat_due": cents(float(turnover) * 0.09),
            "vat_paid": cents(float(turnover) * 0.09),
            "payment_due_date": next_month(month) + timedelta(days=14),
            "filed_date": next_month(month) + timedelta(days=9),
            "status": "filed",
        }
        return self.add("contributions", **{**base, **more})
