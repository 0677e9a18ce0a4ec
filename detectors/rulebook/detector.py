"""The rule library as one detector: what its rules say of a snapshot and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import duckdb
from pyspark.sql import functions as F

from claims.model import INPUT_TABLES
from claims.runs import Snapshot
from detectors.base import Findings, Inputs, Needs, no_findings
from detectors.rulebook.code_sets import at_hand
from detectors.rulebook.declared import declare
from detectors.rulebook.distributed import Evaluation
from detectors.rulebook.evaluate import shaped
from detectors.rulebook.findings import findings_of
from detectors.rulebook.loader import load_rules
from detectors.rulebook.plan import Plan, plan
from detectors.rulebook.rule import Rule
from detectors.rulebook.shared_views import MAY_LACK, VIEWS

RUNNING = ("active", "shadow")
# Sets that only narrow or widen a rule where they are filled; without them it still holds.
SILENT_SETS = frozenset(("institutional_accounts", "void_and_replace_sources"))


@dataclass(frozen=True)
class Rulebook:
    """The rules of the library; a finding bears the rule's own name and version.

    What a rule in shadow says is kept apart: it is scored and counted, and opens no case.

    Args:
        rules: rules in place of ours, such as those of a site's library.
    """

    rules: tuple[Rule, ...] | None = None
    name: ClassVar[str] = "rules.library"
    version: ClassVar[str] = "1"
    needs: ClassVar[Needs] = Needs()

    def detect(self, inputs: Inputs) -> Findings:
        """Findings of the period; rows before it are looked back at.

        Raises:
            RuleError: the library itself cannot be used.
        """
        rules = self.rules if self.rules is not None else load_rules()
        sets = at_hand(loaded_sets(inputs.snapshot))
        known_sets = set(sets.column("code_set").to_pylist())
        not_run: dict[str, str] = {}
        plans: list[Plan] = []
        for rule in rules:
            if rule.status not in RUNNING:
                continue
            planned = plan(rule, inputs.start, inputs.end)
            reason = lacking(planned, inputs.snapshot, known_sets)
            if reason:
                not_run[rule.dated_name] = reason
            else:
                plans.append(planned)
        evaluation = Evaluation(inputs, with_shapes(plans), sets)
        hits = evaluation.hits()
        if hits is None:
            return replace(no_findings(inputs.spark), not_run=not_run)
        not_run |= evaluation.silent
        kinds = [(planned.rule, planned.subject_type) for planned in plans]
        findings, evidence = findings_of(hits, kinds, inputs)
        trial = sorted(p.rule.name + p.rule.version for p in plans if p.rule.status == "shadow")
        return _apart(
            Findings(findings, evidence, not_run, evaluation.failures, release=evaluation.release),
            trial,
        )


def _apart(found: Findings, trial: Sequence[str]) -> Findings:
    """The findings without those of rules in shadow, which go beside them.

    Args:
        trial: name and version of each, as another version of the rule may be active.
    """
    if not trial:
        return found
    of_trial = F.concat("detector", "detector_version").isin(list(trial))
    shadow = found.findings.where(of_trial)
    named = shadow.select("finding_id")
    return replace(
        found,
        findings=found.findings.where(~of_trial),
        evidence=found.evidence.join(named, "finding_id", how="left_anti"),
        trial=(shadow, found.evidence.join(named, "finding_id", how="left_semi")),
    )


def lacking(planned: Plan, snapshot: Snapshot, known_sets: set[str]) -> str | None:
    """Why a rule cannot run on a snapshot: a table, column or code set is absent."""
    rule = planned.rule
    excused = {*rule.optional, *(t for view in planned.reads for t in MAY_LACK.get(view, ()))}
    owed = {*_base_tables(planned), *rule.needs}
    for table in sorted(owed - excused):
        if not snapshot.has(table):
            return f"table {table} was not loaded"
    reason = Needs(rule.needs).missing(snapshot)
    if reason:
        return reason
    tables = [name for name in rule.optional if name in INPUT_TABLES]
    if tables and not any(snapshot.has(table) for table in tables):
        return f"none of the tables {', '.join(tables)} was loaded"
    empty = sorted(planned.sets - known_sets - SILENT_SETS - set(rule.optional))
    return f"code set {empty[0]} is empty" if empty else None


def _base_tables(planned: Plan) -> set[str]:
    found = {table for view in planned.reads for table in VIEWS[view].tables}
    found |= {VIEWS[view].table for view in planned.reads if VIEWS[view].table}
    for view, flats in planned.reads.items():
        names = {flat.split(".", 1)[0] for flat in flats if "." in flat}
        lookups = VIEWS[view].lookups
        found |= {lookups[name].table for name in names if name in lookups}
    return found


def loaded_sets(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Rows of the code sets that a site has loaded; none where it has not."""
    if not snapshot.has("code_sets"):
        return []
    with duckdb.connect() as connection:
        snapshot.lake.attach(connection, "code_sets", snapshot.versions["code_sets"])
        columns = "code_set, code, related_code, value, effective_date, deletion_date"
        table = connection.sql(f"select {columns} from code_sets").to_arrow_table()
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows


def with_shapes(plans: Sequence[Plan]) -> list[Plan]:
    """The plans, those whose key crosses persons with the types of their candidates."""
    crossing = [planned for planned in plans if planned.crosses]
    if not crossing:
        return list(plans)
    with duckdb.connect(config={"threads": 1}) as connection:
        declare(connection, crossing)
        return [shaped(connection, planned) if planned.crosses else planned for planned in plans]
