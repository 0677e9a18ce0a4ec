"""Employers whose hires draw benefits soon after, far more often than other employers' hires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import igraph
import numpy as np
import pyarrow as pa
from pyspark.sql import functions as F
from scipy.stats import hypergeom

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from detectors.base import Findings, Inputs, Needs
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import MOST_SCORE, Ring, findings_of, frame_of
from features.chance import q_values
from features.identity_values import rows_of

BENEFITS = ("sick_leave", "work_accident", "maternity", "unemployment")

TABLES: dict[str, tuple[str, ...]] = {
    "employments": ("person_id", "employer_id", "start_date", "end_date"),
    "benefit_payments": (
        "payment_id",
        "person_id",
        "benefit_type",
        "event_date",
        "period_start_date",
        "paid_amount",
    ),
}

_SOON = """
create temp table soon as
select distinct e.employer_id, e.person_id, b.payment_id, b.paid_amount
from employments e join benefit_payments b on b.person_id = e.person_id
  and b.benefit_type in ({types})
  and b.period_start_date between date '{start}' and date '{end}'
  and date_diff('day', e.start_date, coalesce(b.event_date, b.period_start_date))
    between 0 and {soon_days}
where not {employer}
"""
# Hires whose first months the period can show.
_COUNTS = """
select e.employer_id, count(distinct e.person_id) as hired,
  count(distinct s.person_id) as drew
from employments e left join soon s using (employer_id, person_id)
where e.start_date between date '{start}' - {soon_days} and date '{end}' and not {employer}
group by all
"""
_EVIDENCE = """
select t.finding_id, 'benefit_payments' as table_name, s.payment_id as row_key,
  max(s.paid_amount) as amount, max(s.person_id) as person_id, null as provider_id,
  'flagged' as role
from soon s join ring_ties t using (employer_id) group by t.finding_id, s.payment_id
"""
_TIES = f"""
select employer_id, 'director ' || director_person_id as value from employers
where not {placeholder_sql("director_person_id")}
union all
select employer_id, 'account ' || trim(bank_account_id) from employers
where not {placeholder_sql("bank_account_id")}
union all
select employer_id, 'phone ' || phone from employers where not {placeholder_sql("phone")}
order by all
"""


@dataclass(frozen=True)
class GhostEmployment:
    """Employers most of whose hires draw sick pay or unemployment within months of being hired.

    Against chance: of all hires a share draws benefits so soon; the tail is the hypergeometric
    one, q-values those of Benjamini and Hochberg (1995). Employers that stand out and share a
    director, an account or a phone make one ring.

    Args:
        soon_days: days from hire to the event, at most.
        least_hired: hires, at least.
        least_share: share of them that drew benefits so soon, at least (0 to 1).
        false_discovery: share of false employers admitted among those kept.
        overpayment_share: share of these payments believed undue (0 to 1).
    """

    soon_days: int = 90
    least_hired: int = 5
    least_share: float = 0.6
    false_discovery: float = 0.01
    overpayment_share: float = 0.5
    name: ClassVar[str] = "collusion.ghost_employment"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs(
        {"employments": (), "benefit_payments": (), "members": (), "employers": ()}
    )

    def detect(self, inputs: Inputs) -> Findings:
        """One ring a group of such employers that hang together."""
        known = {
            "start": inputs.start,
            "end": inputs.end,
            "soon_days": self.soon_days,
            "types": ", ".join(f"'{name}'" for name in BENEFITS),
        }
        soon = _SOON.format(employer=placeholder_sql("e.employer_id"), **known)
        counts = _COUNTS.format(employer=placeholder_sql("e.employer_id"), **known)
        program = BucketProgram(
            TABLES, sql(soon, counts), "employer_id string, hired bigint, drew bigint"
        )
        summed = (
            run_in_buckets(inputs.spark, inputs.snapshot, program)
            .groupBy("employer_id")
            .agg(F.sum("hired").alias("hired"), F.sum("drew").alias("drew"))
        )
        found = self._judged(sorted(summed.toArrow().to_pylist(), key=lambda r: r["employer_id"]))
        ties = rows_of(inputs.snapshot, _TIES, "employers").to_pylist() if found else []
        rings = [self._ring(group, shared) for group, shared in self._groups(found, ties)]
        rings = recognised(self.name, rings, inputs)
        text = pa.string()
        listed = [
            (ring.finding_id(self.name, inputs), one)
            for ring in rings
            for _, one, _ in ring.subjects
        ]
        return findings_of(
            self,
            inputs,
            rings,
            tables=TABLES,
            statements=[soon, _EVIDENCE],
            frames={"ring_ties": frame_of(listed, finding_id=text, employer_id=text)},
        )

    def _judged(self, employers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        tested = [row for row in employers if row["hired"] >= self.least_hired]
        if not tested:
            return []
        hired, drew = (sum(row[name] for row in employers) for name in ("hired", "drew"))
        n = np.array([row["hired"] for row in tested])
        k = np.array([row["drew"] for row in tested])
        q = q_values(hypergeom.sf(k - 1, hired, drew, n), len(tested))
        return [
            {**row, "expected": row["hired"] * drew / hired, "q_value": float(q[index])}
            for index, row in enumerate(tested)
            if q[index] < self.false_discovery and row["drew"] >= self.least_share * row["hired"]
        ]

    def _groups(
        self, found: list[dict[str, Any]], ties: list[dict[str, str]]
    ) -> list[tuple[list[dict[str, Any]], list[str]]]:
        by_id = {row["employer_id"]: row for row in found}
        held = [(t["employer_id"], t["value"]) for t in ties if t["employer_id"] in by_id]
        graph = igraph.Graph()
        graph.add_vertices([*sorted(by_id), *sorted({f"={value}" for _, value in held})])
        graph.add_edges([(one, f"={value}") for one, value in held])
        groups = []
        for part in graph.connected_components():
            names = [graph.vs[node]["name"] for node in part]
            firms = [by_id[name] for name in names if name in by_id]
            shared = {
                graph.vs[node]["name"][1:].split(" ", 1)[0]
                for node in part
                if graph.vs[node]["name"] not in by_id and graph.degree(node) > 1
            }
            if firms:
                ordered = sorted(firms, key=lambda r: (-r["drew"], r["employer_id"]))
                groups.append((ordered, sorted(shared)))
        return groups

    def _ring(self, firms: list[dict[str, Any]], shared: list[str]) -> Ring:
        hired, drew = (sum(firm[name] for firm in firms) for name in ("hired", "drew"))
        expected = sum(firm["expected"] for firm in firms)
        tied = f", tied by one {' and one '.join(shared)}" if shared else ""
        return Ring(
            subjects=tuple(
                ("employer", firm["employer_id"], "core" if place == 0 or shared else "edge")
                for place, firm in enumerate(firms)
            ),
            score=min(MOST_SCORE, 0.3 + 0.4 * drew / hired),
            share=self.overpayment_share,
            reason=(
                f"{drew} of the {hired} persons hired by {len(firms)} employer"
                f"{'s' if len(firms) > 1 else ''}{tied} drew sick pay, maternity or unemployment "
                f"benefit within {self.soon_days} days of being hired; {expected:.1f} are expected "
                "from all hires"
            ),
            innocent=(
                "seasonal or temporary work that ends by contract, or a closure soon after hiring"
            ),
            details={
                "rule": "benefits soon after hire",
                "observed": drew,
                "expected": round(expected, 6),
                "threshold": self.least_share,
                "shared": shared,
                "links": [
                    {
                        "employer_id": firm["employer_id"],
                        "hired": firm["hired"],
                        "drew": firm["drew"],
                        "expected": round(firm["expected"], 6),
                        "q_value": firm["q_value"],
                    }
                    for firm in firms
                ],
            },
        )
