"""Providers who send the same persons to each other and back within days."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, ClassVar

import igraph

from detectors.base import Findings, Inputs, Needs
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import MOST_SCORE, Ring, findings_of
from features.chance import ChanceTest
from features.referral_links import REFERRAL_TABLES, referral_links, referrals

TABLES: dict[str, tuple[str, ...]] = {
    **REFERRAL_TABLES,
    "claim_lines": (*REFERRAL_TABLES["claim_lines"], "claim_line_number", "paid_amount"),
}

# What is in doubt is the way there and back, each line once whoever began.
_EVIDENCE = """
with pairs as (
  select s.finding_id, s.subject_id as a, t.subject_id as b
  from ring_subjects s join ring_subjects t using (finding_id) where s.subject_id <> t.subject_id
), kept as (
  select distinct p.finding_id, r.a, r.b, r.person_id from returned r join pairs p using (a, b)
)
select distinct k.finding_id, 'claim_lines' as table_name,
  concat_ws('|', coalesce(l.data_source, ''), l.claim_id, l.claim_line_number) as row_key,
  l.paid_amount as amount, l.person_id, l.billing_provider_id as provider_id, 'flagged' as role
from claim_lines l join kept k on l.person_id = k.person_id
  and ((l.ordering_provider_id = k.a
      and coalesce(l.rendering_provider_id, l.billing_provider_id) = k.b)
    or (l.ordering_provider_id = k.b
      and coalesce(l.rendering_provider_id, l.billing_provider_id) = k.a))
where l.claim_line_start_date between date '{start}' and date '{end}'
"""

_TEST = ChanceTest(least_joint=8, least_ratio=5.0, least_share=0.15, false_discovery=0.001)


@dataclass(frozen=True)
class PingPong:
    """Unrelated providers who order from each other, for the same persons, within days.

    Args:
        window_days: days from one order to the one that answers it.
        test: least persons, least share of those that the smaller one sends, and chance.
        overpayment_share: share of the lines of these orders believed undue (0 to 1).
        most_members: larger groups are split into communities by Leiden.
    """

    window_days: int = 30
    test: ChanceTest = field(default_factory=lambda: _TEST)
    overpayment_share: float = 0.3
    most_members: int = 30
    name: ClassVar[str] = "collusion.ping_pong"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs(
        {"claim_lines": ("ordering_provider_id",), "members": (), "providers": ()}
    )

    def detect(self, inputs: Inputs) -> Findings:
        """One ring a group of providers that hang together through such pairs."""
        start, end = inputs.start, inputs.end
        links = referral_links(
            inputs.spark, inputs.snapshot, start, end, self.window_days, self.test
        )
        found = sorted((row.asDict() for row in links.collect()), key=lambda r: (r["a"], r["b"]))
        rings = [self._ring(ties) for ties in self._groups(found, inputs.seed)]
        statements = [
            *referrals(start, end, self.window_days),
            _EVIDENCE.format(start=start, end=end),
        ]
        rings = recognised(self.name, rings, inputs)
        return findings_of(self, inputs, rings, tables=TABLES, statements=statements)

    def _groups(self, ties: list[dict[str, Any]], seed: int) -> list[list[dict[str, Any]]]:
        graph = igraph.Graph()
        graph.add_vertices(sorted({tie[end] for tie in ties for end in ("a", "b")}))
        graph.add_edges([(tie["a"], tie["b"]) for tie in ties])
        igraph.set_random_number_generator(random.Random(seed))  # noqa: S311
        groups: list[set[str]] = []
        for part in graph.connected_components():
            inside = graph.induced_subgraph(part)
            cut = (
                inside.community_leiden("modularity", n_iterations=-1)
                if (len(part) > self.most_members)
                else [list(range(len(part)))]
            )
            groups += [{inside.vs[node]["name"] for node in some} for some in cut]
        held = [[t for t in ties if t["a"] in group and t["b"] in group] for group in groups]
        return [sorted(some, key=lambda t: (-t["ratio"], t["a"], t["b"])) for some in held if some]

    def _ring(self, ties: list[dict[str, Any]]) -> Ring:
        members = sorted({tie[end] for tie in ties for end in ("a", "b")})
        observed = sum(tie["observed"] for tie in ties)
        expected = sum(tie["expected"] for tie in ties)
        share = max(tie["observed"] / min(tie["a_total"], tie["b_total"]) for tie in ties)
        top = {ties[0]["a"], ties[0]["b"]}
        return Ring(
            subjects=tuple(("provider", one, "core" if one in top else "edge") for one in members),
            score=min(MOST_SCORE, 0.3 + 0.5 * share),
            share=self.overpayment_share,
            reason=(
                f"{len(members)} unrelated providers sent {observed} persons to each other and "
                f"back within {self.window_days} days, where at most {expected:.1f} are expected "
                f"from whom they send at all; for the closest pair these are {share:.0%} of the "
                "persons that the smaller one sends"
            ),
            innocent="one team that cares for one group of patients, or checks ordered by protocol",
            details={
                "rule": "persons sent back and forth",
                "observed": observed,
                "expected": round(expected, 6),
                "threshold": self.window_days,
                "links": [
                    {
                        "a": tie["a"],
                        "b": tie["b"],
                        "persons": tie["observed"],
                        "expected": tie["expected"],
                        "ratio": tie["ratio"],
                        "q_value": tie["q_value"],
                    }
                    for tie in ties[:20]
                ],
            },
        )
