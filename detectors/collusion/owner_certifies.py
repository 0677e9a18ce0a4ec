"""Motif: workers of A certified by the doctor who owns A."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from detectors.base import Findings, Inputs, Needs, no_findings
from detectors.collusion.motif_graph import EDGE_DDL, bare, matches, owners
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import MOST_SCORE, Ring, findings_of, frame_of
from features.order_links import LEAVES

TABLES: dict[str, tuple[str, ...]] = {
    "benefit_payments": (
        "payment_id",
        "person_id",
        "benefit_type",
        "employer_id",
        "certifying_provider_id",
        "period_start_date",
        "paid_amount",
    )
}

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

_EVIDENCE = """
select t.finding_id, 'benefit_payments' as table_name, b.payment_id as row_key,
  b.paid_amount as amount, b.person_id, b.certifying_provider_id as provider_id,
  'flagged' as role
from benefit_payments b join ring_ties t
  on b.employer_id = t.employer_id and b.certifying_provider_id = t.provider_id
where b.benefit_type in ({types}) and b.period_start_date between date '{start}' and date '{end}'
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
        span = {"start": inputs.start, "end": inputs.end}
        types = ", ".join(f"'{name}'" for name in LEAVES)
        told = _CERTIFIED.format(
            types=types,
            doctor=placeholder_sql("certifying_provider_id"),
            employer=placeholder_sql("employer_id"),
            **span,
        )
        program = BucketProgram(TABLES, sql(told), EDGE_DDL, {"owning": owning})
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
        ties = [
            (
                ring.finding_id(self.name, inputs),
                ring.details["links"][0]["employer_id"],
                ring.details["links"][0]["provider_id"],
            )
            for ring in rings
        ]
        text = pa.string()
        frame = frame_of(ties, finding_id=text, employer_id=text, provider_id=text)
        return findings_of(
            self,
            inputs,
            rings,
            tables=TABLES,
            statements=[_EVIDENCE.format(types=types, **span)],
            frames={"ring_ties": frame},
        )

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
