"""The suite of claim lines, beyond what the model itself implies."""

from __future__ import annotations

from expectations.check import Check, Lookup
from expectations.suites.references import account, drug, known, person, procedure, provider

# A claim may be dated a few days after a death that was reported with delay.
DEATH_DAYS = 3

CODE = "^[0-9A-Za-z][0-9A-Za-z.+-]{1,19}$"
# CPT and HCPCS level II: five characters, the middle three digits (CMS, HCPCS code structure).
HCPCS = "^[0-9A-Z][0-9]{3}[0-9A-Z]$"
# CCAM: four letters and three digits, with optional phase and activity digits (ATIH).
CCAM = "^[A-Z]{4}[0-9]{3}[0-9]{0,2}$"

NOT_VOID = "coalesce(adjustment_type, '') <> 'void'"

MEMBER = Lookup("member", "members", (("person_id", "person_id"),), ("birth_date", "death_date"))
CARD = Lookup("card", "cards", (("card_id", "card_id"),), ("person_id",))
AUTHORIZATION = Lookup(
    "permit", "authorizations", (("authorization_id", "authorization_id"),), ("person_id",)
)
RENDERING = Lookup(
    "rendering", "providers", (("rendering_provider_id", "provider_id"),), ("death_date",)
)
BILLING = Lookup(
    "billing",
    "providers",
    (("billing_provider_id", "provider_id"),),
    ("enrolment_date", "termination_date"),
)
ORIGINAL = Lookup(
    "original",
    "claim_lines",
    (("original_claim_id", "claim_id"), ("data_source", "data_source")),
)


def claim_lines() -> tuple[Check, ...]:
    """Codes, units, dates and money of a claim line, and everyone it names."""
    return (*_line_codes(), *_line_dates(), *_line_money(), *_line_references())


def _line_codes() -> tuple[Check, ...]:
    table = "claim_lines"
    diagnoses = [f"diagnosis_code_{place}" for place in range(1, 6)]
    return (
        Check(
            table,
            "procedure_code_form",
            "procedure_code has not the form of its system's codes (HCPCS five characters, CCAM"
            " four letters and three digits, others letters and digits)",
            f"not procedure_code rlike case coalesce(procedure_code_system, '')"
            f" when 'hcpcs' then '{HCPCS}' when 'ccam' then '{CCAM}' else '{CODE}' end",
            tolerance=0.01,
        ),
        Check(
            table,
            "drug_code_form",
            "drug_code is blank or holds other signs than letters, digits, dot and hyphen",
            f"not drug_code rlike '{CODE}'",
            tolerance=0.01,
        ),
        Check(
            table,
            "diagnosis_codes_form",
            "A diagnosis code is blank or holds other signs than letters, digits, dot and hyphen",
            " or ".join(f"not {column} rlike '{CODE}'" for column in diagnoses),
            tolerance=0.01,
            any_needed=True,
        ),
        Check(
            table,
            "units_positive",
            "service_unit_quantity is zero or negative outside a void",
            f"service_unit_quantity <= 0 and {NOT_VOID}",
            tolerance=0.001,
        ),
        Check(
            table,
            "units_plausible",
            "service_unit_quantity is beyond 10,000",
            "service_unit_quantity > 10000",
            tolerance=0.001,
        ),
        Check(
            table,
            "days_supply_plausible",
            "days_supply is not within 1 to 365",
            "days_supply not between 1 and 365",
            tolerance=0.001,
        ),
        Check(
            table,
            "distance_plausible",
            "distance_km is negative or beyond 1,500 km",
            "distance_km not between 0 and 1500",
        ),
    )


def _line_dates() -> tuple[Check, ...]:
    table = "claim_lines"
    start = "claim_line_start_date"
    return (
        Check(table, "paid_after_service", "Paid before the service began", f"paid_date < {start}"),
        Check(
            table,
            "submitted_after_service",
            "Submitted before the service began",
            f"submitted_date < {start}",
        ),
        Check(
            table,
            "paid_after_submitted",
            "Paid before it was submitted",
            "paid_date < submitted_date",
        ),
        Check(
            table,
            "served_after_prescribed",
            "Served before it was prescribed",
            f"{start} < prescribed_date",
        ),
        Check(
            table,
            "service_after_birth",
            "The service lies before the member's birth",
            f"{start} < member.birth_date",
            lookups=(MEMBER,),
        ),
        Check(
            table,
            "service_before_death",
            f"The service lies more than {DEATH_DAYS} days after the member's death",
            f"{start} > date_add(member.death_date, {DEATH_DAYS})",
            lookups=(MEMBER,),
        ),
        Check(
            table,
            "service_before_provider_death",
            "The service lies after the rendering provider's death",
            f"{start} > rendering.death_date",
            lookups=(RENDERING,),
        ),
        Check(
            table,
            "service_after_enrolment",
            "The service lies before the billing provider's enrolment",
            f"{start} < billing.enrolment_date",
            lookups=(BILLING,),
        ),
        Check(
            table,
            "service_before_termination",
            "The service lies after the billing provider's termination",
            f"{start} > billing.termination_date",
            lookups=(BILLING,),
        ),
    )


def _line_money() -> tuple[Check, ...]:
    table = "claim_lines"
    return (
        Check(
            table,
            "paid_within_allowed",
            "Paid more than was allowed",
            f"paid_amount > allowed_amount and {NOT_VOID}",
        ),
        Check(
            table,
            "allowed_within_charge",
            "Allowed more than was charged",
            f"allowed_amount > charge_amount and {NOT_VOID}",
        ),
        Check(
            table,
            "unpaid_is_zero",
            "A denied or pending line has money paid",
            "claim_status in ('denied', 'pending') and paid_amount <> 0",
        ),
        Check(
            table,
            "void_not_positive",
            "A void carries a positive amount",
            "adjustment_type = 'void' and greatest(paid_amount, coalesce(allowed_amount, 0),"
            " coalesce(charge_amount, 0)) > 0",
        ),
        Check(
            table,
            "adjustment_names_original",
            "A void or replacement names no claim that it changes",
            "adjustment_type in ('void', 'replacement') and original_claim_id is null",
        ),
    )


def _line_references() -> tuple[Check, ...]:
    table = "claim_lines"
    return (
        person(table),
        provider(table, "billing_provider_id"),
        provider(table, "rendering_provider_id"),
        provider(table, "ordering_provider_id"),
        provider(table, "facility_provider_id"),
        known(table, "card_id", "cards", "card_id", "a card"),
        known(table, "authorization_id", "authorizations", "authorization_id", "an authorisation"),
        procedure(table),
        drug(table),
        account(table, "payee_account_id"),
        Check(
            table,
            "card_of_person",
            "The card was issued to somebody else",
            "card.person_id <> person_id",
            lookups=(CARD,),
        ),
        Check(
            table,
            "authorization_of_person",
            "The authorisation was given to somebody else",
            "permit.person_id <> person_id",
            lookups=(AUTHORIZATION,),
        ),
        Check(
            table,
            "original_claim_known",
            "A void or replacement names a claim that is not among the lines of its source",
            "original.claim_id is null",
            lookups=(ORIGINAL,),
        ),
    )
