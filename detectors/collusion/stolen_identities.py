"""Members suddenly used by a cluster of new providers with whom they had no link before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pyarrow as pa
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from detectors.base import Findings, Inputs, Needs, no_findings
from detectors.collusion.communities import RingTest
from detectors.collusion.patient_blocks import rings_of
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import MOST_SCORE, Ring, findings_of, frame_of
from features.chance import ChanceTest
from features.new_providers import new_providers
from features.patient_links import PatientSharing, patient_links

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (
        "claim_line_number",
        "person_id",
        "billing_provider_id",
        "rendering_provider_id",
        "ordering_provider_id",
        "claim_line_start_date",
        "claim_type",
        "paid_amount",
    )
}

# Used: seen by two of the ring. Unsent: nobody outside the ring ordered it, and nobody whom the
# person saw elsewhere is of the ring. Known: the person had care elsewhere before.
USED = """
create temp table used as
with lines as (
  select s.ring, l.person_id, l.billing_provider_id as provider, l.claim_line_start_date as day,
    l.ordering_provider_id is not null and l.ordering_provider_id not in
      (select o.provider from ring_providers o where o.ring = s.ring) as sent
  from claim_lines l join ring_providers s on s.provider = l.billing_provider_id
  where l.claim_line_start_date between date '{start}' and date '{end}'
    and l.claim_type in ({claim_types})
), persons as (
  select ring, person_id, min(day) as first_day, bool_or(sent) as sent from lines
  group by all having count(distinct provider) >= 2
)
select p.*, exists (select 1 from claim_lines l where l.person_id = p.person_id
  and l.claim_line_start_date < p.first_day) as known
from persons p
"""
_FACTS = """
select ring, count(*) as persons, count(*) filter (where not sent) as unsent,
  count(*) filter (where known) as known
from used group by ring
"""
_EVIDENCE = """
select r.finding_id, 'claim_lines' as table_name,
  concat_ws('|', coalesce(l.data_source, ''), l.claim_id, l.claim_line_number) as row_key,
  l.paid_amount as amount, l.person_id, l.billing_provider_id as provider_id, 'flagged' as role
from claim_lines l join ring_providers r on r.provider = l.billing_provider_id
join used u on u.ring = r.ring and u.person_id = l.person_id and not u.sent
where l.claim_line_start_date between date '{start}' and date '{end}'
  and l.claim_type in ({claim_types})
"""

_SHARING = PatientSharing(
    window_days=30,
    test=ChanceTest(least_joint=6, least_ratio=10.0, least_share=0.3, false_discovery=0.001),
)
_RING = RingTest(2, 6, 0.6, 0.7, 0.3)


@dataclass(frozen=True)
class StolenIdentities:
    """New providers who within weeks bill one list of members whom nobody sent to them.

    A new medical house shares patients too, but each sees a part of them and colleagues order;
    takeovers have one new provider. An honest new practice shares with nobody.

    Args:
        sharing: within how many days of each other, and from where on beyond chance.
        ring: what makes a block a ring.
        new_days: a provider is new that began after the period's first day less so many days.
        least_unsent: share of the members whom nobody outside the ring sent, at least (0 to 1).
        overpayment_share: share of the lines for these members believed undue (0 to 1).
    """

    sharing: PatientSharing = field(default_factory=lambda: _SHARING)
    ring: RingTest = field(default_factory=lambda: _RING)
    new_days: int = 365
    least_unsent: float = 0.8
    overpayment_share: float = 0.7
    name: ClassVar[str] = "collusion.stolen_identities"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs({"claim_lines": (), "members": (), "providers": ()})

    def detect(self, inputs: Inputs) -> Findings:
        """One ring a cluster of new providers."""
        spark, snapshot, start, end = inputs.spark, inputs.snapshot, inputs.start, inputs.end
        newcomers = new_providers(spark, snapshot, start, self.new_days)
        if len(newcomers) < self.ring.least_providers:
            return no_findings(spark)
        links = patient_links(spark, snapshot, start, end, self.sharing, newcomers)
        found = rings_of(inputs, links, self.sharing, self.ring)
        links.unpersist()
        if not found:
            return no_findings(spark)
        facts = self._facts(inputs, found)
        rings = [
            self._described(ring, facts[str(number)])
            for number, ring in enumerate(found)
            if str(number) in facts and self._unsent(facts[str(number)])
        ]
        rings = recognised(self.name, rings, inputs)
        listed = [
            (ring.finding_id(self.name, inputs), str(number), provider)
            for number, ring in enumerate(rings)
            for _, provider, _ in ring.subjects
        ]
        text = pa.string()
        return findings_of(
            self,
            inputs,
            rings,
            tables=TABLES,
            statements=[self._filled(USED, inputs), self._filled(_EVIDENCE, inputs)],
            frames={"ring_providers": frame_of(listed, finding_id=text, ring=text, provider=text)},
        )

    def _filled(self, statement: str, inputs: Inputs) -> str:
        return statement.format(start=inputs.start, end=inputs.end, claim_types=self.sharing.types)

    def _unsent(self, facts: Mapping[str, int]) -> bool:
        enough = facts["unsent"] >= self.ring.least_persons
        return enough and facts["unsent"] >= self.least_unsent * facts["persons"]

    def _facts(self, inputs: Inputs, found: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
        listed = [
            (str(number), provider)
            for number, ring in enumerate(found)
            for provider, _ in ring["providers"]
        ]
        frame = frame_of(listed, ring=pa.string(), provider=pa.string())
        program = BucketProgram(
            TABLES,
            sql(self._filled(USED, inputs), _FACTS),
            "ring string, persons bigint, unsent bigint, known bigint",
            {"ring_providers": frame},
        )
        counted = run_in_buckets(inputs.spark, inputs.snapshot, program).groupBy("ring")
        names = ("persons", "unsent", "known")
        rows = counted.agg(*[F.sum(name).alias(name) for name in names]).collect()
        return {row.ring: {name: row[name] for name in names} for row in rows}

    def _described(self, ring: Mapping[str, Any], facts: Mapping[str, int]) -> Ring:
        unsent = facts["unsent"] / facts["persons"]
        many = len(ring["providers"])
        return Ring(
            subjects=tuple(("provider", one, role) for one, role in ring["providers"]),
            score=min(MOST_SCORE, 0.2 + 0.4 * ring["filled"] + 0.2 * unsent),
            share=self.overpayment_share,
            reason=(
                f"{many} new providers billed one list of {facts['persons']} members, "
                f"{facts['unsent']} of whom nobody outside the group had sent; each member was "
                f"billed by {ring['filled']:.0%} of them within {self.sharing.window_days} days of "
                f"each other, where {ring['expected']:.1f} shared members are expected pair by "
                f"pair and {ring['observed']} were; {facts['known']} had care elsewhere before"
            ),
            innocent=(
                "a new medical house or screening campaign whose organisation the files do not show"
            ),
            details={
                "rule": "sudden use of members by new providers",
                "observed": ring["observed"],
                "expected": round(ring["expected"], 6),
                "threshold": self.least_unsent,
                "filled": round(ring["filled"], 6),
                "persons": facts["persons"],
                "unsent": facts["unsent"],
                "known": facts["known"],
                "links": ring["links"][:20],
            },
        )
