"""Detectors of groups that belong together for no innocent reason."""

from __future__ import annotations

from detectors.base import Detector
from detectors.collusion.captured_pharmacy import CapturedPharmacy
from detectors.collusion.ghost_employment import GhostEmployment
from detectors.collusion.leave_ring import LeaveRing
from detectors.collusion.owner_certifies import OwnerCertifies
from detectors.collusion.payee_is_member import PayeeIsMember
from detectors.collusion.phoenix import Phoenix
from detectors.collusion.ping_pong import PingPong
from detectors.collusion.same_person import SamePerson
from detectors.collusion.shared_identity import SharedIdentity
from detectors.collusion.shared_patients import SharedPatients
from detectors.collusion.stolen_identities import StolenIdentities
from detectors.collusion.suspicion import PropagatedSuspicion

COLLUSION: tuple[Detector, ...] = (
    SharedIdentity(),
    SamePerson(),
    SharedPatients(),
    PingPong(),
    StolenIdentities(),
    LeaveRing(),
    GhostEmployment(),
    CapturedPharmacy(),
    OwnerCertifies(),
    PayeeIsMember(),
    Phoenix(),
    PropagatedSuspicion(),
)

__all__ = [
    "COLLUSION",
    "CapturedPharmacy",
    "GhostEmployment",
    "LeaveRing",
    "OwnerCertifies",
    "PayeeIsMember",
    "Phoenix",
    "PingPong",
    "PropagatedSuspicion",
    "SamePerson",
    "SharedIdentity",
    "SharedPatients",
    "StolenIdentities",
]
