"""Who has which care how often: classes of members, their episodes and the expected lines."""

from __future__ import annotations

from claims.synthetic.pathways import lines_of

CLASSES = ("child", "adult", "chronic", "elderly")
# Episodes in two years against an adult's, and the share of each kind.
INTENSITY = {"child": 0.8, "adult": 1.0, "chronic": 2.2, "elderly": 2.6}
MIX: dict[str, dict[str, float]] = {
    "child": {"acute": 0.56, "paediatrics": 0.2, "dental": 0.12, "speech": 0.05, "stay": 0.015},
    "adult": {
        "acute": 0.5,
        "dental": 0.15,
        "therapy": 0.07,
        "gynaecology": 0.05,
        "dermatology": 0.05,
        "ophthalmology": 0.04,
        "gastroenterology": 0.03,
        "orthopaedics": 0.04,
        "psychiatry": 0.04,
        "stay": 0.012,
    },
    "chronic": {
        "acute": 0.27,
        "chronic": 0.25,
        "cardiology": 0.09,
        "nursing": 0.06,
        "therapy": 0.06,
        "neurology": 0.04,
        "gastroenterology": 0.04,
        "psychiatry": 0.05,
        "monitoring": 0.01,
        "oncology": 0.02,
        "dental": 0.05,
        "equipment": 0.03,
        "stay": 0.035,
    },
    "elderly": {
        "acute": 0.3,
        "chronic": 0.2,
        "cardiology": 0.08,
        "ophthalmology": 0.06,
        "orthopaedics": 0.04,
        "nursing": 0.11,
        "therapy": 0.06,
        "monitoring": 0.015,
        "oncology": 0.015,
        "dental": 0.04,
        "equipment": 0.03,
        "stay": 0.04,
    },
}


def episode_rate(lines_per_member: float, shares: dict[str, float]) -> float:
    """Episodes of an adult in two years, so that members of these class shares make the lines."""
    expected = 0.0
    for name, share in shares.items():
        mix = MIX[name]
        total = sum(mix.values())
        each = sum(lines_of(kind) * weight / total for kind, weight in mix.items())
        expected += share * INTENSITY[name] * each
    return lines_per_member / expected
