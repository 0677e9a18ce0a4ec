"""Suites of the benefit and contribution tables, beyond what the model itself implies."""

from __future__ import annotations

from expectations.check import Check, Lookup
from expectations.suites.references import (
    account,
    employer,
    known,
    known_by_type,
    person,
    provider,
)

MEMBER = Lookup("member", "members", (("person_id", "person_id"),), ("birth_date", "death_date"))
EMPLOYER = Lookup(
    "firm", "employers", (("employer_id", "employer_id"),), ("created_date", "closed_date")
)
# The month of a death is paid in full under most schemes.
DEATH_DAYS = 31


def benefit_payments() -> tuple[Check, ...]:
    """Dates of a payment against the person's life, and everyone it names."""
    table = "benefit_payments"
    original = Lookup(
        "original",
        table,
        (("original_payment_id", "payment_id"), ("data_source", "data_source")),
    )
    return (
        person(table),
        employer(table),
        provider(table, "certifying_provider_id"),
        account(table),
        Check(
            table,
            "period_before_death",
            f"The period begins more than {DEATH_DAYS} days after the person's death",
            f"period_start_date > date_add(member.death_date, {DEATH_DAYS})",
            lookups=(MEMBER,),
        ),
        Check(
            table,
            "period_after_birth",
            "The period ends before the person's birth",
            "period_end_date < member.birth_date",
            lookups=(MEMBER,),
        ),
        Check(
            table,
            "event_before_period",
            "The event that opens the right lies after the period",
            "event_date > period_end_date",
        ),
        Check(
            table,
            "period_plausible",
            "One payment covers more than 366 days",
            "datediff(period_end_date, period_start_date) > 366",
            tolerance=0.001,
        ),
        Check(
            table,
            "void_not_positive",
            "A void carries a positive amount",
            "adjustment_type = 'void' and paid_amount > 0",
        ),
        Check(
            table,
            "adjustment_names_original",
            "A void or replacement names no payment that it changes",
            "adjustment_type in ('void', 'replacement') and original_payment_id is null",
        ),
        Check(
            table,
            "original_payment_known",
            "A void or replacement names a payment that is not among those of its source",
            "original.payment_id is null",
            lookups=(original,),
        ),
    )


def employers() -> tuple[Check, ...]:
    """Accounts and directors that an employer names are known."""
    return (account("employers"), person("employers", "director_person_id"))


def employments() -> tuple[Check, ...]:
    """Both ends of an employment are known, its hours and dates plausible."""
    table = "employments"
    return (
        person(table),
        employer(table),
        Check(
            table,
            "weekly_hours_plausible",
            "weekly_hours is not within 0 to 84 (seven days of twelve hours)",
            "weekly_hours not between 0 and 84",
            tolerance=0.001,
        ),
        Check(
            table,
            "worked_within_span",
            "last_worked_date lies outside the employment",
            "last_worked_date not between start_date and coalesce(end_date, last_worked_date)",
        ),
        Check(
            table,
            "start_after_creation",
            "The employment begins before the employer's creation",
            "start_date < firm.created_date",
            lookups=(EMPLOYER,),
        ),
        Check(
            table,
            "start_before_closing",
            "The employment begins after the employer's closing",
            "start_date > firm.closed_date",
            lookups=(EMPLOYER,),
        ),
    )


def contributions() -> tuple[Check, ...]:
    """Contributions name known employers; heads, hours and payroll agree."""
    table = "contributions"
    return (
        employer(table),
        Check(
            table,
            "headcount_not_negative",
            "declared_headcount or declared_hours is negative",
            "declared_headcount < 0 or declared_hours < 0",
            any_needed=True,
        ),
        Check(
            table,
            "filed_after_period",
            "Filed before the period began",
            "filed_date < period_start_date",
        ),
        Check(
            table,
            "due_within_payroll",
            "contributions_due is more than the declared payroll",
            "contributions_due > declared_payroll",
        ),
    )


def accounts() -> tuple[Check, ...]:
    """An account is seen after it was opened."""
    return (
        Check(
            "accounts",
            "seen_after_opened",
            "Seen before it was opened",
            "first_seen_date < opened_date",
        ),
    )


def supplier_invoices() -> tuple[Check, ...]:
    """Invoices name known buyers and items, and positive quantities unless returned."""
    table = "supplier_invoices"
    return (
        provider(table),
        known(table, "item_code", "drugs", "drug_code", "an item", tolerance=0.05),
        Check(table, "quantity_not_zero", "quantity is zero", "quantity = 0"),
        Check(
            table,
            "invoice_past",
            "invoice_date lies after the as-of date",
            "invoice_date > :as_of",
        ),
    )


def relationships() -> tuple[Check, ...]:
    """Both persons are members, and nobody is related to himself."""
    table = "relationships"
    return (
        person(table),
        person(table, "related_person_id"),
        Check(
            table,
            "two_persons",
            "A person is related to himself",
            "person_id = related_person_id",
        ),
    )


def attribute_history() -> tuple[Check, ...]:
    """Subjects are known and a change lies in the past."""
    table = "attribute_history"
    return (
        *known_by_type(table, "subject_type", "subject_id"),
        Check(
            table,
            "changed_past",
            "changed_at lies after the as-of date",
            "cast(changed_at as date) > :as_of",
        ),
        Check(
            table,
            "value_changed",
            "The old and the new value are the same",
            "old_value = new_value",
            tolerance=0.01,
        ),
    )


def declarations() -> tuple[Check, ...]:
    """Declarations name known persons and employers, and a household that exists."""
    table = "declarations"
    return (
        person(table),
        employer(table),
        Check(
            table,
            "household_size_plausible",
            "declared_household_size is not within 1 to 30",
            "declared_household_size not between 1 and 30",
        ),
    )


SUITES = (
    benefit_payments,
    employers,
    employments,
    contributions,
    accounts,
    supplier_invoices,
    relationships,
    attribute_history,
    declarations,
)
