"""Motif: workers of A certified by the doctor who owns A."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from detectors.base import Findings, Inputs, Needs, no_findings
from detectors.collusion.certified_leave import (
    LEAVE_TABLES,
    LEAVE_TYPES,
    certified_findings,
)
from detectors.collusion.motif_graph import EDGE_DDL, bare, matches, owners
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import MOST_SCORE, Ring

_CERTIFIED = """
select distinct 'provider:' || certifying_provider_id as src, 'member:' || person_id as dst,
  'certified' as kind
from benefit_payments
where benefit_type in ({types}) and period_start_date between date '{start}' and date '{end}'
  and not {doctor} and 'provider:' || certifying_provider_id in (select src from owning)
union all
select distinct 'member:' || person_id, 'employer:' || employer_id, 'on_leave_from'
from benefit_payments
where benefit_type in ({types}) and period_start_date between date '{start}' and date '{end}'
  and not {employer} and 'employer:' || employer_id in (select dst from owning)
"""

PATTERN = "(doctor)-[e1]->(worker); (worker)-[e2]->(firm); (doctor)-[e3]->(firm)"


@dataclass(frozen=True)
class OwnerCertifies:
    """A doctor who certifies the leave of workers of a firm that the same person owns or directs.

    Args:
        least_workers: workers so certified, at least; one sick clerk of a practice is nothing.
        overpayment_share: share of these payments believed undue (0 to 1).
    """

    least_workers: int = 3
    overpayment_share: float = 0.5
    name: ClassVar[str] = "collusion.owner_certifies"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs(
        {"benefit_payments": ("employer_id", "certifying_provider_id"), "providers": ()}
    )

    def detect(self, inputs: Inputs) -> Findings:
        """One ring a doctor and firm."""
        owned = owners(inputs.spark, inputs.snapshot).where(
            F.col("src").startswith("provider:") & F.col("dst").startswith("employer:")
        )
        owning = owned.select("src", "dst").orderBy("src", "dst").toArrow()
        if not len(owning):
            return no_findings(inputs.spark)
        told = _CERTIFIED.format(
            types=LEAVE_TYPES,
            doctor=placeholder_sql("certifying_provider_id"),
            employer=placeholder_sql("employer_id"),
            start=inputs.start,
            end=inputs.end,
        )
        program = BucketProgram(LEAVE_TABLES, sql(told), EDGE_DDL, {"owning": owning})
        edges = run_in_buckets(inputs.spark, inputs.snapshot, program).unionByName(owned)
        kinds = ("certified", "on_leave_from", "owns")
        workers: dict[tuple[str, str], set[str]] = defaultdict(set)
        for doctor, worker, firm in matches(edges, PATTERN, kinds, ("doctor", "worker", "firm")):
            workers[bare(doctor), bare(firm)].add(bare(worker))
        rings = [
            self._ring(doctor, firm, len(people))
            for (doctor, firm), people in sorted(workers.items())
            if len(people) >= self.least_workers
        ]
        rings = recognised(self.name, rings, inputs)
        return certified_findings(self, inputs, rings)

    def _ring(self, doctor: str, firm: str, workers: int) -> Ring:
        return Ring(
            subjects=(("provider", doctor, "core"), ("employer", firm, "core")),
            score=min(MOST_SCORE, 0.4 + 0.05 * workers),
            share=self.overpayment_share,
            reason=(
                f"Doctor {doctor} owns or directs employer {firm} and certified the leave of "
                f"{workers} of its workers"
            ),
            innocent="a practice whose few staff see the doctor they work for, or an owner in name",
            details={
                "rule": "workers certified by the owner of their employer",
                "observed": workers,
                "expected": 0,
                "threshold": self.least_workers,
                "links": [
                    {
                        "kind": "owns and certifies",
                        "employer_id": firm,
                        "provider_id": doctor,
                        "workers": workers,
                    }
                ],
            },
        )
