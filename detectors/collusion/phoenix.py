"""Motif: whoever directed an excluded provider directs its successor at the same address."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

import pyarrow as pa
from pyspark.sql import functions as F

from claims.identifiers import placeholder_sql
from detectors.base import Findings, Inputs, Needs, no_findings
from detectors.collusion.motif_graph import EDGE_DDL, bare, matches, owners, places
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import Ring, findings_of, frame_of
from features.identity_values import rows_of

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (
        "claim_line_number",
        "person_id",
        "billing_provider_id",
        "claim_line_start_date",
        "paid_amount",
    )
}

_EXCLUDED = f"""
select provider_id, min(exclusion_date) as excluded,
  case when bool_and(reinstatement_date is not null) then max(reinstatement_date) end as back
from exclusions where not {placeholder_sql("provider_id")} group by provider_id order by provider_id
"""
_ENROLLED = """
select provider_id, enrolment_date as enrolled from providers
where enrolment_date is not null order by provider_id
"""

_EVIDENCE = """
select t.finding_id, 'claim_lines' as table_name,
  concat_ws('|', coalesce(l.data_source, ''), l.claim_id, l.claim_line_number) as row_key,
  l.paid_amount as amount, l.person_id, l.billing_provider_id as provider_id, 'flagged' as role
from claim_lines l join ring_ties t on l.billing_provider_id = t.provider_id
where l.claim_line_start_date between greatest(date '{start}', t.since) and date '{end}'
  and (t.until is null or l.claim_line_start_date < t.until)
"""

PATTERN = (
    "(director)-[e1]->(excluded); (director)-[e2]->(successor); "
    "(excluded)-[e3]->(place); (successor)-[e4]->(place)"
)


@dataclass(frozen=True)
class Phoenix:
    """A provider enrolled about when another was excluded, at its address, under its director.

    An excluded individual directs his own practice. Both need their owners or managers among the
    affiliations, and the successor an enrolment date.

    Args:
        ahead_days: a successor may be enrolled so many days before the exclusion it evades.
        overpayment_share: share of what the successor was paid since believed undue (0 to 1).
    """

    ahead_days: int = 180
    overpayment_share: float = 0.5
    name: ClassVar[str] = "collusion.phoenix"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs(
        {"claim_lines": (), "providers": ("address",), "affiliations": (), "exclusions": ()}
    )

    def detect(self, inputs: Inputs) -> Findings:
        """One ring an excluded provider and successor."""
        spark, snapshot = inputs.spark, inputs.snapshot
        excluded = {
            row["provider_id"]: (row["excluded"], row["back"])
            for row in rows_of(snapshot, _EXCLUDED, "exclusions").to_pylist()
        }
        enrolled = {
            row["provider_id"]: row["enrolled"]
            for row in rows_of(snapshot, _ENROLLED, "providers").to_pylist()
        }
        if not excluded:
            return no_findings(spark)
        themselves = spark.createDataFrame(
            [(f"provider:{one}", f"provider:{one}", "owns") for one in sorted(excluded)], EDGE_DDL
        )
        edges = (
            owners(spark, snapshot)
            .where(F.col("dst").startswith("provider:"))
            .unionByName(themselves)
            .unionByName(places(spark, snapshot))
            .distinct()
        )
        named = ("director", "excluded", "successor")
        directors: dict[tuple[str, str], set[str]] = defaultdict(set)
        for director, before, after in matches(edges, PATTERN, ("owns", "owns", "at", "at"), named):
            old, new = bare(before), bare(after)
            if new in excluded or old not in excluded or new not in enrolled:
                continue
            if enrolled[new] >= excluded[old][0] - timedelta(days=self.ahead_days):
                directors[old, new].add(director)
        rings = [
            self._ring(old, new, sorted(who), excluded[old][0], enrolled[new])
            for (old, new), who in sorted(directors.items())
        ]
        rings = recognised(self.name, rings, inputs)
        return findings_of(
            self,
            inputs,
            rings,
            tables=TABLES,
            statements=[_EVIDENCE.format(start=inputs.start, end=inputs.end)],
            frames={"ring_ties": self._ties(rings, inputs, excluded)},
        )

    def _ties(self, rings: list[Ring], inputs: Inputs, excluded: dict[str, Any]) -> pa.Table:
        rows = []
        for ring in rings:
            link = ring.details["links"][0]
            since, until = excluded[link["excluded"]]
            rows.append((ring.finding_id(self.name, inputs), link["successor"], since, until))
        day = pa.date32()
        return frame_of(rows, finding_id=pa.string(), provider_id=pa.string(), since=day, until=day)

    def _ring(self, old: str, new: str, who: list[str], since: date, enrolled: date) -> Ring:
        others = [one for one in who if one != f"provider:{old}"]
        return Ring(
            subjects=(
                ("provider", new, "core"),
                ("provider", old, "core"),
                *((one.split(":", 1)[0], bare(one), "edge") for one in others),
            ),
            score=0.7,
            share=self.overpayment_share,
            reason=(
                f"Provider {new}, enrolled on {enrolled}, sits at the address of provider {old}, "
                f"which was excluded on {since}, and has the same owner or manager"
            ),
            innocent="a lawful takeover with the payer's consent, or an exclusion that was lifted",
            details={
                "rule": "successor of an excluded provider at the same address",
                "observed": len(who),
                "expected": 0,
                "threshold": self.ahead_days,
                "links": [
                    {
                        "kind": "owner and address",
                        "excluded": old,
                        "successor": new,
                        "directors": [bare(one) for one in who],
                        "exclusion_date": str(since),
                        "enrolment_date": str(enrolled),
                    }
                ],
            },
        )
