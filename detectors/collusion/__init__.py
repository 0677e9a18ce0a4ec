"""Detectors of groups that belong together for no innocent reason."""

from __future__ import annotations

from detectors.base import Detector
from detectors.collusion.captured_pharmacy import CapturedPharmacy
from detectors.collusion.leave_ring import LeaveRing
from detectors.collusion.same_person import SamePerson
from detectors.collusion.shared_identity import SharedIdentity
from detectors.collusion.shared_patients import SharedPatients

COLLUSION: tuple[Detector, ...] = (
    SharedIdentity(),
    SamePerson(),
    SharedPatients(),
    LeaveRing(),
    CapturedPharmacy(),
)

__all__ = [
    "COLLUSION",
    "CapturedPharmacy",
    "LeaveRing",
    "SamePerson",
    "SharedIdentity",
    "SharedPatients",
]
