"""Links between subjects: shared identity, shared patients, orders; computed once, read by all."""

from __future__ import annotations

from features.chance import ChanceTest, beyond_chance
from features.identity_links import SharedValues, identity_links, institutional_accounts
from features.identity_values import identity_values
from features.kinship import kinship
from features.order_links import leave_links, prescription_links
from features.patient_links import PatientSharing, patient_links
from features.referral_links import referral_links

__all__ = [
    "ChanceTest",
    "PatientSharing",
    "SharedValues",
    "beyond_chance",
    "identity_links",
    "identity_values",
    "institutional_accounts",
    "kinship",
    "leave_links",
    "patient_links",
    "prescription_links",
    "referral_links",
]
