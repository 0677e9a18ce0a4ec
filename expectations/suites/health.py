"""Suites of the other health-care tables, beyond what the model itself implies."""

from __future__ import annotations

from expectations.check import Check
from expectations.suites.claim_lines import claim_lines
from expectations.suites.references import (
    account,
    drug,
    known_by_type,
    person,
    procedure,
    provider,
)

# No person is known to have lived longer than 122 years (Jeanne Calment, 1875-1997).
OLDEST_YEARS = 120


def members() -> tuple[Check, ...]:
    """Ages, and the account a member is paid to."""
    return (
        Check(
            "members",
            "age_plausible",
            f"Older than {OLDEST_YEARS} years at death or on the as-of date",
            "add_months(birth_date, 1440) < coalesce(death_date, :as_of)",
        ),
        account("members"),
    )


def eligibility() -> tuple[Check, ...]:
    """Covered persons are members."""
    return (person("eligibility"),)


def cards() -> tuple[Check, ...]:
    """Cards belong to members, and are cancelled after they were issued."""
    return (
        person("cards"),
        Check(
            "cards",
            "cancelled_after_issued",
            "Cancelled before it was issued",
            "cancelled_date < issued_date",
        ),
    )


def providers() -> tuple[Check, ...]:
    """Organisations, members and accounts that a provider names are known."""
    return (
        provider("providers", "organisation_id"),
        person("providers"),
        account("providers"),
        Check(
            "providers",
            "specialty_given",
            "specialty is null or blank: the provider has no peers",
            "coalesce(trim(specialty), '') = ''",
            tolerance=0.05,
        ),
    )


def affiliations() -> tuple[Check, ...]:
    """Both ends of an affiliation are known."""
    return (
        *known_by_type("affiliations", "subject_type", "subject_id"),
        *known_by_type("affiliations", "organisation_type", "organisation_id"),
    )


def exclusions() -> tuple[Check, ...]:
    """Lists of exclusions are national: most of the excluded never billed here."""
    return (
        Check(
            "exclusions",
            "exclusion_past",
            "exclusion_date lies more than a year after the as-of date",
            "exclusion_date > add_months(:as_of, 12)",
        ),
    )


def authorizations() -> tuple[Check, ...]:
    """Authorisations name known persons, providers and codes, and positive units."""
    table = "authorizations"
    return (
        person(table),
        provider(table),
        procedure(table),
        drug(table),
        Check(table, "units_positive", "approved_units is not positive", "approved_units <= 0"),
    )


SUITES = (
    claim_lines,
    members,
    eligibility,
    cards,
    providers,
    affiliations,
    exclusions,
    authorizations,
)
