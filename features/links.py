"""Links between subjects, computed once and read by all: every kind, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from features.chance import ChanceTest, beyond_chance
from features.identity_links import (
    SharedValues,
    context_links,
    identity_links,
    institutional_accounts,
)
from features.identity_values import identity_values
from features.kinship import kinship
from features.linkage import same_person_links
from features.order_links import leave_links, prescription_links
from features.ownership_links import ownership_links
from features.patient_links import PatientSharing, patient_links
from features.payment_links import payment_links
from features.referral_links import referral_links

__all__ = [
    "LINK_KINDS",
    "ChanceTest",
    "LinkKind",
    "PatientSharing",
    "SharedValues",
    "beyond_chance",
    "context_links",
    "identity_links",
    "identity_values",
    "institutional_accounts",
    "kinship",
    "leave_links",
    "ownership_links",
    "patient_links",
    "payment_links",
    "prescription_links",
    "referral_links",
    "same_person_links",
]


@dataclass(frozen=True)
class LinkKind:
    """One kind of link.

    Args:
        kind: its name.
        ends: what it ties, by type.
        weight: what its weight is.
        dates: what dates it.
        tables: where it is read from.
        made_by: the function here that gives it.
    """

    kind: str
    ends: str
    weight: str
    dates: str
    tables: tuple[str, ...]
    made_by: str


_FILES = ("members", "providers", "employers")
_FEW = "1 / (units that share the value - 1)"
_CHANCE = "observed over expected, with its q-value"

LINK_KINDS = (
    LinkKind(
        "account",
        "member, provider, employer - account",
        _FEW,
        "first and last payment",
        (*_FILES, "benefit_payments", "claim_lines"),
        "identity_links",
    ),
    LinkKind("phone", "member, provider, employer - phone", _FEW, "-", _FILES, "identity_links"),
    LinkKind(
        "address", "member, provider, employer - address", _FEW, "-", _FILES, "identity_links"
    ),
    LinkKind("email", "member - e-mail", _FEW, "-", ("members",), "identity_links"),
    LinkKind("national_id", "member - national id", _FEW, "-", ("members",), "identity_links"),
    LinkKind("tax_id", "provider, employer - tax id", _FEW, "-", _FILES[1:], "identity_links"),
    LinkKind(
        "card",
        "member - card",
        _FEW,
        "issue and end; first and last use by another",
        ("cards", "claim_lines"),
        "identity_links",
    ),
    LinkKind(
        "device",
        "provider - card reader",
        _FEW,
        "first and last use",
        ("claim_lines",),
        "identity_links",
    ),
    LinkKind(
        "same_person",
        "member - member, provider - provider",
        "match weight in bits, with its probability",
        "between which both were known",
        ("members", "eligibility", "providers"),
        "same_person_links",
    ),
    LinkKind(
        "shared_patients",
        "provider - provider, in the whole period or within days",
        _CHANCE,
        "the period",
        ("claim_lines",),
        "patient_links",
    ),
    LinkKind(
        "referral",
        "provider - provider, to and fro within days",
        _CHANCE,
        "the period",
        ("claim_lines", "providers", "members"),
        "referral_links",
    ),
    LinkKind(
        "prescription",
        "prescriber - pharmacy",
        _CHANCE,
        "the period",
        ("claim_lines",),
        "prescription_links",
    ),
    LinkKind(
        "leave", "employer - doctor", _CHANCE, "the period", ("benefit_payments",), "leave_links"
    ),
    *(
        LinkKind(
            role,
            "member, provider, employer - provider, employer",
            "1 / subjects with that role there",
            "the affiliation's",
            ("affiliations", "providers"),
            "ownership_links",
        )
        for role in ("owner", "manager", "employee", "member")
    ),
    LinkKind(
        "director",
        "member - employer",
        "1 / directors",
        "the employer's",
        ("employers",),
        "ownership_links",
    ),
    LinkKind("is", "member - provider", "1", "-", ("providers",), "ownership_links"),
    LinkKind(
        "payment",
        "member, provider - account",
        "amount paid",
        "first and last payment",
        ("benefit_payments", "claim_lines", "members", "providers"),
        "payment_links",
    ),
)
