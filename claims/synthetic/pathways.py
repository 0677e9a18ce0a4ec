"""What care leads to what: kinds of episode, their steps, and who has them how often."""

from __future__ import annotations

from dataclasses import dataclass

from claims.synthetic.specialties import SPECIALISTS


@dataclass(frozen=True)
class Step:
    """One step of an episode: a series of claims of one provider.

    Args:
        kind: the episode it belongs to.
        step: its number within the episode.
        specialty: who gives it.
        claim_type: as in ``claim_lines``.
        menu: menu of the claim's first line.
        follow: menu of its further lines; empty for none.
        chance: probability that the step happens.
        delay: days after the episode's start.
        times: fewest and most claims of the series.
        every: days between them.
        lines: fewest and most lines a claim.
        ordered: the general practitioner seen at the start ordered it.
        fixed: keeps its date on Sundays and holidays.
        after_stay: the delay counts from the discharge.
        place: place_of_service_code.
    """

    kind: str
    step: int
    specialty: str
    claim_type: str
    menu: str
    follow: str = ""
    chance: float = 1.0
    delay: int = 0
    times: tuple[int, int] = (1, 1)
    every: int = 0
    lines: tuple[int, int] = (1, 1)
    ordered: bool = True
    fixed: bool = False
    after_stay: bool = False
    place: str = "11"


def _doctor(kind: str, delay: int = 0, chance: float = 1.0, **more: object) -> Step:
    base = Step(
        kind,
        0,
        "general_practice",
        "professional",
        "gp_visit",
        "acts",
        chance,
        delay,
        lines=(1, 1),
        ordered=False,
    )
    return Step(**{**base.__dict__, **more})


def _drugs(kind: str, step: int, chance: float, delay: int = 0) -> Step:
    return Step(
        kind, step, "pharmacy", "pharmacy", "drug", "drug", chance, delay, lines=(1, 3), place="01"
    )


def _tests(kind: str, step: int, chance: float, delay: int) -> Step:
    return Step(
        kind,
        step,
        "laboratory",
        "professional",
        "lab",
        "lab",
        chance,
        delay,
        lines=(2, 5),
        place="81",
    )


def _trip(kind: str, step: int, chance: float, delay: int, **more: object) -> Step:
    base = Step(
        kind,
        step,
        "transport",
        "transport",
        "transport",
        "distance",
        chance,
        delay,
        lines=(2, 2),
        fixed=True,
        place="41",
    )
    return Step(**{**base.__dict__, **more})


def _care(kind: str, step: int, specialty: str, menu: str, **more: object) -> Step:
    return Step(**{**Step(kind, step, specialty, "professional", menu).__dict__, **more})


def _specialist(name: str) -> tuple[Step, ...]:
    return (
        _doctor(name),
        _care(name, 1, name, "specialist_visit", follow="acts", delay=12, lines=(1, 2)),
        _care(name, 2, name, "specialist_visit", follow="acts", chance=0.4, delay=65, lines=(1, 2)),
        _drugs(name, 3, 0.35, 12),
        _tests(name, 4, 0.2, 15),
        _care(name, 5, "radiology", "imaging", chance=0.22, delay=20),
    )


STEPS = (
    _doctor("acute"),
    _drugs("acute", 1, 0.62),
    _tests("acute", 2, 0.16, 2),
    _care("acute", 3, "radiology", "imaging", chance=0.05, delay=5),
    *(step for name in SPECIALISTS if name != "oncology" for step in _specialist(name)),
    _doctor("therapy"),
    _care("therapy", 1, "physiotherapy", "therapy", delay=6, times=(6, 12), every=4),
    _doctor("speech"),
    _care("speech", 1, "speech_therapy", "speech", delay=9, times=(6, 14), every=7),
    _doctor("nursing"),
    _care(
        "nursing",
        1,
        "home_nurse",
        "nursing",
        claim_type="home_care",
        follow="nursing",
        delay=1,
        times=(6, 18),
        every=2,
        lines=(1, 2),
        fixed=True,
        place="12",
    ),
    _care("dental", 0, "dentistry", "dental", claim_type="dental", follow="dental", lines=(1, 3)),
    _care("dental", 1, "dentistry", "dental", claim_type="dental", chance=0.35, delay=14),
    _doctor("chronic", times=(2, 4), every=91),
    Step(
        "chronic",
        1,
        "pharmacy",
        "pharmacy",
        "maintenance",
        times=(6, 12),
        every=30,
        place="01",
    ),
    _tests("chronic", 2, 0.5, 30),
    _doctor("equipment"),
    Step("equipment", 1, "equipment", "equipment", "equipment", delay=7, place="12"),
    _doctor("monitoring", times=(2, 3), every=120),
    Step(
        "monitoring", 1, "equipment", "equipment", "monitoring", times=(6, 11), every=30, place="12"
    ),
    _doctor("oncology"),
    _care("oncology", 1, "oncology", "specialist_visit", delay=8),
    _care(
        "oncology", 2, "oncology", "oncology_session", delay=20, times=(5, 9), every=10, fixed=True
    ),
    _trip("oncology", 3, 0.8, 20, times=(5, 5), every=10),
    _drugs("oncology", 4, 0.8, 25),
    _doctor("injury", menu="injury"),
    _drugs("injury", 2, 0.7),
    _care("injury", 3, "radiology", "imaging", chance=0.5, delay=1),
    _doctor("stay", delay=-9),
    Step(
        "stay",
        1,
        "hospital",
        "institutional",
        "room",
        "hospital_extra",
        lines=(2, 4),
        fixed=True,
        place="21",
    ),
    _trip("stay", 2, 0.3, 0),
    _trip("stay", 3, 0.3, 0, after_stay=True),
    Step(
        "stay",
        4,
        "equipment",
        "equipment",
        "equipment",
        chance=0.2,
        delay=0,
        fixed=True,
        after_stay=True,
        place="12",
    ),
    _care(
        "stay",
        5,
        "home_nurse",
        "nursing",
        claim_type="home_care",
        chance=0.35,
        delay=1,
        times=(4, 10),
        every=1,
        fixed=True,
        after_stay=True,
        place="12",
    ),
    # The second hospital of a transfer admits on the day the first one discharges.
    Step(
        "stay",
        6,
        "hospital",
        "institutional",
        "room",
        "hospital_extra",
        chance=0.04,
        lines=(1, 3),
        fixed=True,
        after_stay=True,
        place="21",
    ),
)


def lines_of(kind: str) -> float:
    """Expected claim lines of one episode of the kind."""
    return sum(
        step.chance * sum(step.times) / 2 * sum(step.lines) / 2
        for step in STEPS
        if step.kind == kind
    )
