"""Suspicion that spreads from excluded, confirmed and strongly suspected subjects to their kind.

Personalised PageRank (Page et al. 1999; Haveliwala 2002) restarts at the suspects; what a subject
receives is divided by the weight of its links (Andersen, Chung and Lang 2006), so that a hub, which
every walk crosses, does not glow, and capped, as company proves nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from claims.identifiers import placeholder_sql
from detectors.base import EVIDENCE_DDL, FINDING_DDL, Findings, Inputs, Needs, no_findings
from detectors.collusion.suspicion_links import suspicion_links
from features.graphs import page_rank
from features.identity_values import rows_of
from features.patient_links import PatientSharing

WEIGHTS = {
    "account": 1.0,
    "owns": 1.0,
    "card": 0.8,
    "national_id": 0.8,
    "tax_id": 0.8,
    "device": 0.5,
    "email": 0.5,
    "phone": 0.5,
    "address": 0.3,
    "patients": 1.0,
}
TABLE_OF = {"provider": "providers", "member": "members", "employer": "employers"}

_EXCLUDED = f"""
select distinct node from (
  select 'provider:' || provider_id as node from exclusions
  where not {placeholder_sql("provider_id")} and reinstatement_date is null
  union all
  select 'member:' || person_id from exclusions
  where not {placeholder_sql("person_id")} and reinstatement_date is null
) order by node
"""


@dataclass(frozen=True)
class PropagatedSuspicion:
    """Subjects whose links lead to suspects, though nothing else is said of them.

    Seeds are exclusions in force, confirmed decisions, and findings of the other families of this
    run from a score on (a family that runs alone has exclusions and decisions only). Seeds
    themselves are not reported. A lead: no money is claimed.

    Args:
        damping: chance that the walk goes on (0 to 1): suspicion halves with every step.
        rounds: steps of the walk.
        strong_score: score from which a finding of another family makes a seed.
        least_received: share of a subject's links, by weight, that leads to suspects, at least.
        most_score: cap of the score.
        weights: what a link of a kind weighs, 1 at the most.
    """

    damping: float = 0.5
    rounds: int = 8
    strong_score: float = 0.85
    least_received: float = 0.05
    most_score: float = 0.4
    sharing: PatientSharing = field(default_factory=PatientSharing)
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    name: ClassVar[str] = "collusion.suspicion"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs({"claim_lines": (), "members": (), "providers": ()})

    def detect(self, inputs: Inputs) -> Findings:
        """One finding a subject near suspects, with the links that lead there."""
        seeds = self._seeds(inputs)
        if not seeds:
            return no_findings(inputs.spark)
        links = suspicion_links(inputs, self.weights, self.sharing)
        rows = self._near(inputs, links, seeds)
        links.unpersist()
        return self._findings(inputs, rows, seeds)

    def _seeds(self, inputs: Inputs) -> dict[str, str]:
        """Why each seed is one, the gravest reason where there are several."""
        seeds: dict[str, str] = {}
        if inputs.findings is not None:
            strong = inputs.findings.where(
                (F.col("score") >= self.strong_score)
                & F.col("subject_type").isin(*TABLE_OF)
                & ~F.col("detector").startswith("collusion.")
            )
            for row in strong.select("subject_type", "subject_id").distinct().collect():
                seeds[f"{row.subject_type}:{row.subject_id}"] = "strong finding"
        if inputs.snapshot.has("exclusions"):
            excluded = rows_of(inputs.snapshot, _EXCLUDED, "exclusions").to_pylist()
            seeds |= {row["node"]: "excluded" for row in excluded}
        seeds |= {f"{kind}:{one}": "confirmed" for kind, one in inputs.confirmed}
        return seeds

    def _near(
        self, inputs: Inputs, links: DataFrame, seeds: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        """Per reported subject what it receives, and its links by what they bring."""
        spark = inputs.spark
        masses = [(one, 1.0) for one in sorted(seeds)]
        restart = spark.createDataFrame(masses, "id string, mass double")
        strength = links.groupBy("src").agg(F.sum("weight").alias("strength"))
        # Weak links lead mostly nowhere; the walk begins anew there.
        rest = strength.where("strength < 1").select(
            "src", F.lit("nowhere").alias("dst"), (1 - F.col("strength")).alias("weight")
        )
        edges = links.select("src", "dst", "weight").unionByName(rest)
        ranks = page_rank(edges, self.rounds, self.damping, restart)
        heard = restart.join(ranks.select("id"), "id", how="left_semi").count()
        received = ranks.join(strength.withColumnRenamed("src", "id"), "id", how="inner").select(
            "id",
            (F.col("rank") * heard / F.greatest("strength", F.lit(1.0))).alias("received"),
            F.greatest("strength", F.lit(1.0)).alias("strength"),
        )
        known = restart.select("id")
        found = received.where(F.col("received") >= self.least_received).join(
            known, "id", how="left_anti"
        )
        beside = received.select(F.col("id").alias("dst"), F.col("received").alias("beside"))
        told = (
            found.join(links.withColumnRenamed("src", "id"), "id", how="inner")
            .join(beside, "dst", how="inner")
            .select(
                "id",
                "received",
                "dst",
                "kind",
                (F.col("weight") * F.col("beside") * self.damping / F.col("strength")).alias(
                    "brings"
                ),
            )
        )
        rows = [row.asDict() for row in told.collect()]
        ranks.unpersist()
        return sorted(rows, key=lambda row: (row["id"], -round(row["brings"], 9), row["dst"]))

    def _findings(
        self, inputs: Inputs, rows: list[dict[str, Any]], seeds: Mapping[str, str]
    ) -> Findings:
        by_node: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            by_node[row["id"]].append(row)
        findings, evidence = [], []
        for node, told in by_node.items():
            kind, subject = node.split(":", 1)
            text = f"{self.name}|{kind}|{subject}|{inputs.start}|{inputs.end}"
            key = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
            received = round(told[0]["received"], 9)
            findings.append(
                (
                    key,
                    self.name,
                    self.version,
                    kind,
                    subject,
                    inputs.start,
                    inputs.end,
                    round(min(self.most_score, 0.1 + 2 * received), 9),
                    0,
                    self._reason(kind, subject, told, seeds),
                    self._details(received, told, seeds),
                )
            )
            for one in dict.fromkeys([node, *(row["dst"] for row in told[:5])]):
                evidence.append((key, *_own_row(one)))
        spark = inputs.spark
        made = spark.createDataFrame(
            findings, FINDING_DDL.replace("overpayment decimal(18,2)", "overpayment bigint")
        ).withColumn("overpayment", F.col("overpayment").cast("decimal(18,2)"))
        return Findings(made, spark.createDataFrame(evidence, EVIDENCE_DDL))

    def _reason(
        self, kind: str, subject: str, told: list[dict[str, Any]], seeds: Mapping[str, str]
    ) -> str:
        suspects = [row for row in told if row["dst"] in seeds]
        top = (suspects or told)[0]
        of_kind, one = top["dst"].split(":", 1)
        why = seeds.get(top["dst"], "itself beside suspects")
        link = {"owns": "ownership", "patients": "patients shared beyond chance"}.get(
            top["kind"], f"one {top['kind'].replace('_', ' ')}"
        )
        return (
            f"{kind.capitalize()} {subject} is tied by {link} to {of_kind} {one} ({why}); "
            f"{len(suspects)} of its {len(told)} links lead to suspects themselves"
        )

    def _details(
        self, received: float, told: list[dict[str, Any]], seeds: Mapping[str, str]
    ) -> str:
        links = [
            {
                "kind": row["kind"],
                "subject_type": row["dst"].split(":", 1)[0],
                "subject_id": row["dst"].split(":", 1)[1],
                "why": seeds.get(row["dst"], "beside suspects"),
                "brings": round(row["brings"], 6),
            }
            for row in told[:10]
        ]
        return json.dumps(
            {
                "rule": "links that lead to suspects",
                "observed": round(received, 6),
                "expected": 0,
                "threshold": self.least_received,
                "innocent_if": "an adviser, landlord, supplier or colleague who knows nothing",
                "links": links,
            },
            sort_keys=True,
            ensure_ascii=False,
        )


def _own_row(node: str) -> tuple[str, str, None, str | None, str | None, str]:
    """The row of a subject as context evidence: what the link says is checked there."""
    kind, one = node.split(":", 1)
    person, provider = (one if kind == name else None for name in ("member", "provider"))
    return TABLE_OF[kind], one, None, person, provider, "context"
