"""Shell employers whose workers all hold leave from one doctor."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, ClassVar

from detectors.base import Findings, Inputs, Needs
from detectors.collusion.certified_leave import certified_findings
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import MOST_SCORE, Ring
from features.chance import ChanceTest
from features.order_links import leave_links

_TEST = ChanceTest(
    least_joint=3, least_ratio=5.0, least_share=0.8, share_of="left", false_discovery=0.05
)


@dataclass(frozen=True)
class LeaveRing:
    """A doctor and the employers nearly all of whose workers on leave that doctor certified.

    In a flu week of a big honest employer many doctors certify; in a village the one doctor
    certifies everybody, which the expected count by workers' homes takes in. Where employments are
    known, most of the employer's workers must be on leave too.

    Args:
        test: least workers, least share of the employer's workers on leave, and what chance gives.
        least_on_leave: share of the employer's workers on leave in the period, at least (0 to 1).
        overpayment_share: share of the workers' payments believed undue (0 to 1).
    """

    test: ChanceTest = field(default_factory=lambda: _TEST)
    least_on_leave: float = 0.6
    overpayment_share: float = 0.5
    name: ClassVar[str] = "collusion.leave_ring"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs(
        {"benefit_payments": ("employer_id", "certifying_provider_id"), "members": ()}
    )

    def detect(self, inputs: Inputs) -> Findings:
        """One ring a doctor: the doctor and the employers that stand out with it."""
        links = leave_links(inputs.spark, inputs.snapshot, inputs.start, inputs.end, self.test)
        by_doctor: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in sorted((row.asDict() for row in links.collect()), key=lambda r: str(r["a"])):
            if row["a_base"] is None or row["a_total"] >= self.least_on_leave * row["a_base"]:
                by_doctor[row["b"]].append(row)
        rings = [self._ring(doctor, ties) for doctor, ties in sorted(by_doctor.items())]
        rings = recognised(self.name, rings, inputs)
        return certified_findings(self, inputs, rings)

    def _ring(self, doctor: str, ties: list[dict[str, Any]]) -> Ring:
        observed = sum(tie["observed"] for tie in ties)
        expected = sum(tie["expected"] for tie in ties)
        on_leave = sum(tie["a_total"] for tie in ties)
        known = [tie for tie in ties if tie["a_base"]]
        employed = sum(tie["a_base"] for tie in known)
        absent = min(1.0, sum(tie["a_total"] for tie in known) / employed) if employed else 0.0
        of_doctor = min(1.0, observed / max(tie["b_total"] for tie in ties))
        workers = f" of {employed} employed" if employed else ""
        return Ring(
            subjects=(
                ("provider", doctor, "core"),
                *(("employer", tie["a"], "core") for tie in ties),
            ),
            score=min(MOST_SCORE, 0.3 + 0.3 * absent + 0.2 * of_doctor),
            share=self.overpayment_share,
            reason=(
                f"Doctor {doctor} certified {observed} of the {on_leave} workers on leave{workers} "
                f"at {len(ties)} employer{'s' if len(ties) > 1 else ''} "
                f"({', '.join(tie['a'] for tie in ties[:5])}); {expected:.1f} are expected from "
                "the doctor's share of leaves where these workers live"
            ),
            innocent=(
                "the employer's own occupational doctor, an accident at one site, or a small firm "
                "beside the only practice in reach"
            ),
            details={
                "rule": "one doctor certifies nearly all leave of an employer",
                "observed": observed,
                "expected": round(expected, 6),
                "threshold": self.test.least_share,
                "links": [
                    {
                        "employer_id": tie["a"],
                        "provider_id": tie["b"],
                        "workers": tie["observed"],
                        "on_leave": tie["a_total"],
                        "employed": tie["a_base"],
                        "expected": tie["expected"],
                        "q_value": tie["q_value"],
                    }
                    for tie in ties
                ],
            },
        )
