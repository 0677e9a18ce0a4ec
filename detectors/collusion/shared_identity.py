"""Strangers behind one account, card, card reader, phone, e-mail, address or national id."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from detectors.base import Findings, Inputs, Needs
from detectors.collusion.identity_components import COLUMNS, identity_rings
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import Ring, findings_of, frame_of
from features.graphs import connected_components
from features.identity_links import SharedValues
from features.kinship import kinship

WEIGHTS = {
    "account": 0.8,
    "card": 0.7,
    "national_id": 0.7,
    "device": 0.5,
    "email": 0.5,
    "phone": 0.5,
    "address": 0.5,
}
# Values that rows themselves bear: the money of such a ring is that of the rows that bear them.
TRACED = ("account", "card", "device")

TABLES: dict[str, tuple[str, ...]] = {
    "members": ("person_id", "bank_account_id"),
    "providers": ("provider_id", "bank_account_id"),
    "benefit_payments": (
        "payment_id",
        "person_id",
        "employer_id",
        "bank_account_id",
        "period_start_date",
        "paid_amount",
    ),
    "claim_lines": (
        "claim_line_number",
        "person_id",
        "billing_provider_id",
        "payee_account_id",
        "card_id",
        "terminal_id",
        "claim_line_start_date",
        "paid_amount",
    ),
    "cards": ("card_id", "person_id"),
}

# A ring of an account stands on what reached the account, one of a card on what was billed with it
# for others than its holder, one of a reader on what went through it, and any other on what its
# subjects were paid.
_EVIDENCE = """
with benefits as (
  select b.payment_id, b.person_id, b.employer_id, b.paid_amount,
    coalesce(nullif(trim(b.bank_account_id), ''), trim(m.bank_account_id)) as account
  from benefit_payments b left join members m on b.person_id = m.person_id
  where b.period_start_date between date '{start}' and date '{end}'
), lines as (
  select concat_ws('|', coalesce(l.data_source, ''), l.claim_id, l.claim_line_number) as row_key,
    l.person_id, l.billing_provider_id, l.paid_amount,
    coalesce(nullif(trim(l.payee_account_id), ''), trim(p.bank_account_id)) as account,
    case when c.card_id is null then nullif(trim(l.card_id), '') end as card,
    nullif(trim(l.terminal_id), '') as device
  from claim_lines l left join providers p on l.billing_provider_id = p.provider_id
  left join (select distinct card_id, person_id from cards) c
    on l.card_id = c.card_id and l.person_id = c.person_id
  where l.claim_line_start_date between date '{start}' and date '{end}'
), rows as (
  select s.finding_id, 'benefit_payments' as table_name, b.payment_id as row_key,
    b.paid_amount as amount, b.person_id, null as provider_id, b.account, null as card,
    null as device, false as beside
  from benefits b join ring_subjects s
    on (s.subject_type = 'member' and s.subject_id = b.person_id)
  union all
  select s.finding_id, 'benefit_payments', b.payment_id, b.paid_amount, b.person_id, null,
    b.account, null, null, true
  from benefits b join ring_subjects s
    on (s.subject_type = 'employer' and s.subject_id = b.employer_id)
  union all
  select s.finding_id, 'claim_lines', l.row_key, l.paid_amount, l.person_id,
    l.billing_provider_id, l.account, l.card, l.device, false
  from lines l join ring_subjects s
    on (s.subject_type = 'provider' and s.subject_id = l.billing_provider_id)
  union all
  select s.finding_id, 'claim_lines', l.row_key, l.paid_amount, l.person_id,
    l.billing_provider_id, l.account, l.card, l.device, false
  from lines l join ring_subjects s
    on (s.subject_type = 'member' and s.subject_id = l.person_id)
), judged as (
  select r.*, case when beside then 'context'
    when finding_id not in (select finding_id from ring_values)
      or (finding_id, account) in (select finding_id, value from ring_values where kind = 'account')
      or (finding_id, card) in (select finding_id, value from ring_values where kind = 'card')
      or (finding_id, device) in (select finding_id, value from ring_values where kind = 'device')
      then 'flagged'
    end as role
  from rows r
)
select finding_id, table_name, row_key, any_value(amount) as amount,
  any_value(person_id) as person_id, any_value(provider_id) as provider_id, max(role) as role
from judged where role is not null group by finding_id, table_name, row_key
"""


@dataclass(frozen=True)
class SharedIdentity:
    """Groups of unrelated members, providers or employers who share identifying values.

    Families (household, relatives one step away) and organisations (organisation, tax id, owner)
    count as one unit; accounts of guardians and institutions, and values that a crowd shares, are
    left out. Sharing is scored by the number of units, not of persons.

    Args:
        weights: by kind of value, what a value shared by very many units says (0 to 1).
        least_units: unrelated units a ring needs.
        least_score: score from which a ring is reported.
        account_share: share believed undue (0 to 1) of what was paid to the shared account or
            billed with the shared card.
        lead_share: the same for rings held by other values only.
        admitted: which values count as shared.
        bins: Python tasks over which components are spread.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    least_units: int = 3
    least_score: float = 0.4
    account_share: float = 0.5
    lead_share: float = 0.1
    admitted: SharedValues = field(default_factory=SharedValues)
    bins: int = 4
    name: ClassVar[str] = "collusion.shared_identity"
    version: ClassVar[str] = "2"
    needs: ClassVar[Needs] = Needs({"members": (), "providers": ()})

    def detect(self, inputs: Inputs) -> Findings:
        """Rings whose subjects were paid something in the period."""
        rings = [self._described(ring) for ring in self._rings(inputs)]
        rings = recognised(self.name, rings, inputs)
        traced = [
            (ring.finding_id(self.name, inputs), link["kind"], link["value"])
            for ring in rings
            for link in ring.details["links"]
            if link["kind"] in TRACED
        ]
        text = pa.string()
        return findings_of(
            self,
            inputs,
            rings,
            tables=TABLES,
            statements=[_EVIDENCE.format(start=inputs.start, end=inputs.end)],
            frames={"ring_values": frame_of(traced, finding_id=text, kind=text, value=text)},
        )

    def _rings(self, inputs: Inputs) -> list[dict[str, Any]]:
        spark, snapshot = inputs.spark, inputs.snapshot
        links = inputs.links.identities(self.admitted)
        links = links.where(F.col("kind").isin(*self.weights)).persist(StorageLevel.MEMORY_AND_DISK)
        subject = F.concat_ws(":", "subject_type", "subject_id")
        value = F.concat_ws("=", "kind", "value")
        components = connected_components(links.select(subject.alias("src"), value.alias("dst")))
        kin = kinship(spark, snapshot, links).select(
            "subject_type", "subject_id", F.lit("kin").alias("kind"), F.col("kin").alias("value")
        )
        rows = (
            links.select(*kin.columns)
            .unionByName(kin)
            .join(components.withColumnRenamed("id", "node"), subject == F.col("node"), how="inner")
            .select(*COLUMNS)
        )
        found = [json.loads(row.ring) for row in self._in_bins(rows).collect()]
        for frame in (links, components):
            frame.unpersist()
        return found

    def _in_bins(self, rows: DataFrame) -> DataFrame:
        weights, units, score = dict(self.weights), self.least_units, self.least_score

        def rings(frame: pd.DataFrame) -> pd.DataFrame:
            found: Iterator[str] = (
                json.dumps(ring)
                for _, component in frame.groupby("component", sort=True)
                for ring in identity_rings(component, weights, units, score)
            )
            return pd.DataFrame({"ring": list(found)}, dtype="object")

        bin_of = F.pmod(F.xxhash64("component"), F.lit(self.bins))
        return rows.groupBy(bin_of).applyInPandas(rings, "ring string")

    def _described(self, ring: Mapping[str, Any]) -> Ring:
        links = ring["links"]
        accounts = [link["value"] for link in links if link["kind"] == "account"]
        kinds = Counter(link["kind"] for link in links)
        subjects = tuple((kind, identifier, role) for kind, identifier, role in ring["subjects"])
        who = Counter(kind for kind, _, _ in subjects)
        people = ", ".join(f"{count} {kind}s" for kind, count in sorted(who.items()))
        shared = ", ".join(
            f"{count} {kind.replace('_', ' ')} value{'s' if count > 1 else ''}"
            for kind, count in sorted(kinds.items())
        )
        top = links[0]
        widest = f"account {top['value']}" if top["kind"] == "account" else f"one {top['kind']}"
        return Ring(
            subjects=subjects,
            score=ring["score"],
            share=self.account_share if kinds["account"] or kinds["card"] else self.lead_share,
            reason=(
                f"{people} of {ring['units']} unrelated families or organisations share {shared}; "
                f"{widest.replace('_', ' ')} alone ties {top['units']} of them"
            ),
            innocent=(
                "a guardian, care home, association, adviser or billing agent whose account, phone "
                "or address it is, a card given out again, a reader that a house "
                "lends its doctors, or one family or practice that the files do not show as such"
            ),
            details={
                "rule": "unrelated units that share identifying values",
                "observed": ring["units"],
                "expected": 1,
                "threshold": self.least_units,
                "links": links,
            },
            beside=tuple(("account", account, "shared") for account in accounts),
        )
