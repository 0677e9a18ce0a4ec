"""Who gives care: specialties, their share of providers and how they are organised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Specialty:
    """One specialty.

    Args:
        name: value of ``providers.specialty``.
        weight: relative number of providers.
        individual: a person rather than an organisation.
        grouped: may practise in a group that bills for its members.
    """

    name: str
    weight: float
    individual: bool = True
    grouped: bool = True


SPECIALISTS = (
    "cardiology",
    "dermatology",
    "ophthalmology",
    "orthopaedics",
    "gynaecology",
    "paediatrics",
    "gastroenterology",
    "neurology",
    "psychiatry",
    "oncology",
)
SPECIALTIES = (
    Specialty("general_practice", 250),
    *(Specialty(name, 34) for name in SPECIALISTS),
    Specialty("radiology", 34),
    Specialty("physiotherapy", 100),
    Specialty("speech_therapy", 36),
    Specialty("home_nurse", 110),
    Specialty("dentistry", 80),
    Specialty("pharmacy", 80, individual=False, grouped=False),
    Specialty("laboratory", 24, individual=False, grouped=False),
    Specialty("hospital", 12, individual=False, grouped=False),
    Specialty("transport", 34, individual=False, grouped=False),
    Specialty("equipment", 34, individual=False, grouped=False),
)
