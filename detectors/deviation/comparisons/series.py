"""Breaks and bursts in the series of every kind of subject.

A provider's rows are lines, a member's too; an employer's are leaves paid to its workers, an
account's what is paid on it, where benefits are. Illness begins suddenly and comes in bursts, so
that for members these are leads and speak softly.
"""

from __future__ import annotations

from detectors.deviation.comparison import Comparison
from detectors.deviation.comparisons.accounts import BENEFITS
from detectors.deviation.comparisons.bursts import Burst
from detectors.deviation.comparisons.change_points import ChangePoint

SERIES: tuple[Comparison, ...] = (
    ChangePoint(),
    ChangePoint(
        name="member_change_point",
        subject="member",
        undue=0.0,
        strength=0.3,
        widest=1,
    ),
    ChangePoint(
        name="employer_change_point",
        subject="employer",
        unit="leave payments",
        fewest=24,
        undue=0.0,
        widest=2,
    ),
    ChangePoint(
        name="account_change_point",
        subject="account",
        among=BENEFITS,
        unit="payments",
        fewest=24,
        widest=1,
    ),
    Burst(),
    Burst(
        name="member_burst",
        subject="member",
        narrowest=0,
        widest=1,
        undue=0.0,
        strength=0.3,
    ),
    Burst(
        name="employer_burst",
        subject="employer",
        unit="leaves",
        fewest=12,
        narrowest=0,
        widest=2,
        undue=0.25,
    ),
    Burst(
        name="account_burst",
        subject="account",
        among=BENEFITS,
        unit="payments",
        fewest=12,
        narrowest=0,
        widest=1,
        undue=0.25,
    ),
)
