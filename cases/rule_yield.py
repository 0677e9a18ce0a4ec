"""What the rules of a lake's runs found: findings and money of the latest, and who never fired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from cases.reading import attach_run
from claims.errors import LakeError
from claims.lake import Lake
from claims.runs import runs

COUNTED = ("findings", "shadow_findings")
OF_RUN = """
select detector, count(*) as findings, coalesce(sum(overpayment), 0) as overpayment
from "{table}" where detector like 'rules.%' group by detector order by detector
"""
EVER = """
select distinct detector from "{table}"
where detector like 'rules.%' and run_id in (select unnest($runs)) order by detector
"""


@dataclass(frozen=True)
class Found:
    """What one rule found in a run.

    Args:
        findings: number of findings that count for cases.
        overpayment: money they believe paid in error.
        shadow_findings: number of findings that open no case, as the rule was in shadow.
        shadow_overpayment: the money of these.
    """

    findings: int = 0
    overpayment: Decimal = Decimal(0)
    shadow_findings: int = 0
    shadow_overpayment: Decimal = Decimal(0)


@dataclass(frozen=True)
class RuleYield:
    """What the rules found, by detector name.

    Args:
        run: the row of the latest succeeded run in which rules took part.
        succeeded: number of such runs in the lake.
        found: findings of that run.
        fired: rules with a finding in any of those runs.
    """

    run: Mapping[str, Any]
    succeeded: int
    found: Mapping[str, Found]
    fired: frozenset[str]

    @property
    def not_run(self) -> dict[str, str]:
        """Rules that the run left out, and why."""
        return {name: why for name, why in self.run["not_run"].items() if _is_rule(name)}


def rule_yield(lake: Lake) -> RuleYield:
    """What the rules found in the lake's succeeded runs, read without a JVM.

    Raises:
        LakeError: no run in which rules took part has succeeded.
    """
    found = [
        row
        for row in runs(lake)
        if (row["kind"], row["status"]) == ("run", "succeeded")
        and row["parameters"].get("only") in (None, "rules")
    ]
    if not found:
        raise LakeError(f"{lake.root}: no succeeded run of the rules; start one with `vigie run`")
    tables = [table for table in COUNTED if lake.exists(table)]
    ids = [row["run_id"] for row in found]
    fired = {name for table in tables for name in _fired(lake, table, ids)}
    return RuleYield(found[-1], len(found), _found(lake, ids[-1], tables), frozenset(fired))


def _found(lake: Lake, run_id: str, tables: Sequence[str]) -> dict[str, Found]:
    counted: dict[str, dict[str, Any]] = {}
    with duckdb.connect() as connection:
        attach_run(connection, lake, run_id, *tables)
        for table in tables:
            prefix = table.removesuffix("findings")
            for row in connection.sql(OF_RUN.format(table=table)).to_arrow_table().to_pylist():
                figures = counted.setdefault(row["detector"], {})
                figures[f"{prefix}findings"] = row["findings"]
                figures[f"{prefix}overpayment"] = row["overpayment"]
    return {name: Found(**figures) for name, figures in counted.items()}


def _fired(lake: Lake, table: str, run_ids: Sequence[str]) -> list[str]:
    rows = lake.query(EVER.format(table=table), table, runs=list(run_ids))
    return list(rows.column("detector").to_pylist())


def _is_rule(name: str) -> bool:
    return name.startswith("rules.") and name.count(".") == 2
