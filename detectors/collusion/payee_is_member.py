"""Motif: the account a provider is paid to is the account of a member who is not that provider."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.identifiers import placeholder_sql
from detectors.base import Findings, Inputs, Needs, no_findings
from detectors.collusion.motif_graph import EDGE_DDL, bare, matches
from detectors.collusion.ring_history import recognised
from detectors.collusion.rings import Ring, findings_of, frame_of
from features.identity_links import institutional_accounts
from features.identity_values import rows_of

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (
        "claim_line_number",
        "person_id",
        "billing_provider_id",
        "payee_account_id",
        "claim_line_start_date",
        "paid_amount",
    ),
    "members": ("person_id", "bank_account_id"),
}

_SELVES = """
select provider_id, person_id from providers where person_id is not null order by provider_id
"""

# Reimbursement to the patient is what a payee account is for.
_EDGES = """
select 'provider:' || l.billing_provider_id as src, 'account:' || trim(l.payee_account_id) as dst,
  'paid_to' as kind, count(distinct l.person_id) as persons
from claim_lines l left join members m on l.person_id = m.person_id
where l.claim_line_start_date between date '{start}' and date '{end}'
  and not {payee} and not {biller}
  and trim(l.payee_account_id) is distinct from trim(m.bank_account_id)
group by all
union all
select distinct 'member:' || person_id, 'account:' || trim(bank_account_id), 'holds', null
from members where not {holder}
"""

_EVIDENCE = """
select t.finding_id, 'claim_lines' as table_name,
  concat_ws('|', coalesce(l.data_source, ''), l.claim_id, l.claim_line_number) as row_key,
  l.paid_amount as amount, l.person_id, l.billing_provider_id as provider_id, 'flagged' as role
from claim_lines l join ring_ties t
  on l.billing_provider_id = t.provider_id and trim(l.payee_account_id) = t.account
where l.claim_line_start_date between date '{start}' and date '{end}'
"""

PATTERN = "(provider)-[e1]->(account); (member)-[e2]->(account)"


@dataclass(frozen=True)
class PayeeIsMember:
    """Claims of a provider paid to the account on file of a member who was not the patient.

    Left out: an account that the provider's own member record holds too, accounts that many
    members hold and those of guardians and institutions; and an account that few patients' claims
    go to, as parents receive their children's reimbursements.

    Args:
        least_persons: patients whose claims the provider had paid there, at least.
        most_members: holders of an account above which it is an institution's.
        overpayment_share: share of what was paid there believed undue (0 to 1).
    """

    least_persons: int = 6
    most_members: int = 6
    overpayment_share: float = 0.5
    name: ClassVar[str] = "collusion.payee_is_member"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs(
        {
            "claim_lines": ("payee_account_id",),
            "members": ("bank_account_id",),
            "providers": (),
        }
    )

    def detect(self, inputs: Inputs) -> Findings:
        """One ring a provider and account."""
        spark, snapshot = inputs.spark, inputs.snapshot
        statement = _EDGES.format(
            start=inputs.start,
            end=inputs.end,
            payee=placeholder_sql("l.payee_account_id"),
            biller=placeholder_sql("l.billing_provider_id"),
            holder=placeholder_sql("bank_account_id"),
        )
        program = BucketProgram(TABLES, sql(statement), f"{EDGE_DDL}, persons bigint")
        held = run_in_buckets(spark, snapshot, program).persist()
        paid = (
            held.where("kind = 'paid_to'")
            .groupBy("src", "dst", "kind")
            .agg(F.sum("persons").alias("persons"))
            .where(F.col("persons") >= self.least_persons)
        )
        closed = institutional_accounts(spark, snapshot).select(
            F.concat(F.lit("account:"), "value").alias("dst")
        )
        asked = paid.join(F.broadcast(closed), "dst", how="left_anti").select("src", "dst", "kind")
        holders_of = held.where("kind = 'holds'").join(
            asked.select("dst").distinct(), "dst", how="left_semi"
        )
        edges = asked.unionByName(holders_of.select("src", "dst", "kind"))
        found = matches(edges, PATTERN, ("paid_to", "holds"), ("provider", "account", "member"))
        held.unpersist()
        selves = rows_of(snapshot, _SELVES, "providers").to_pylist()
        self_of = {row["provider_id"]: row["person_id"] for row in selves}
        holders: dict[tuple[str, str], list[str]] = defaultdict(list)
        for provider, account, member in found:
            holders[bare(provider), bare(account)].append(bare(member))
        rings = [
            self._ring(provider, account, members)
            for (provider, account), members in sorted(holders.items())
            if len(members) <= self.most_members and self_of.get(provider) not in members
        ]
        if not rings:
            return no_findings(spark)
        rings = recognised(self.name, rings, inputs)
        ties = [
            (
                ring.finding_id(self.name, inputs),
                ring.details["links"][0]["provider_id"],
                ring.details["links"][0]["account_id"],
            )
            for ring in rings
        ]
        text = pa.string()
        return findings_of(
            self,
            inputs,
            rings,
            tables=TABLES,
            statements=[_EVIDENCE.format(start=inputs.start, end=inputs.end)],
            frames={"ring_ties": frame_of(ties, finding_id=text, provider_id=text, account=text)},
        )

    def _ring(self, provider: str, account: str, members: list[str]) -> Ring:
        return Ring(
            subjects=(
                ("provider", provider, "core"),
                *(("member", member, "core") for member in members),
            ),
            score=0.5,
            share=self.overpayment_share,
            reason=(
                f"Claims of provider {provider} for other persons were paid to account {account}, "
                f"which is the account on file of member {', '.join(members[:3])}"
            ),
            innocent=(
                "the provider's own account or that of the spouse, where the files do not show "
                "that provider and member are one person or family"
            ),
            details={
                "rule": "payee account of a provider is the account of a member",
                "observed": len(members),
                "expected": 0,
                "threshold": 1,
                "links": [
                    {
                        "kind": "payee account",
                        "provider_id": provider,
                        "account_id": account,
                        "members": members,
                    }
                ],
            },
            beside=(("account", account, "shared"),),
        )
