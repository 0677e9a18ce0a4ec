"""One rule tried on a period without Spark: whom it flags, for how much, and what is known of them.

Nothing is written to the lake. ``cases.backtest`` does the same for many rules at once on Spark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import duckdb
import pandas as pd
import pyarrow as pa

from cases.backtest import CONFIRMED, REFUTED, Tried
from cases.fusion import case_id
from cases.reading import attach_run, run_of
from claims.errors import LakeError
from claims.lake import Lake
from claims.runs import Snapshot
from detectors.rulebook.here import Hits, Progress, hits_here
from detectors.rulebook.rule import Rule

# As findings are made of hits: a row once a subject, flagged where it is flagged anywhere.
FLAGGED = """
create table flagged as
select subject_id, table_name, row_key, max(amount) as amount, max(overpayment) as overpayment,
    max(person_id) as person_id, max(provider_id) as provider_id, max(event_date) as event_date,
    max_by(reason, {'o': overpayment, 'r': reason}) as reason
from hits where subject_id is not null
group by subject_id, table_name, row_key having max(role) = 'flagged'
"""
SUBJECTS = """
select subject_id, count(*) as rows, coalesce(sum(amount), 0)::decimal(18, 2) as paid,
    coalesce(sum(overpayment), 0)::decimal(18, 2) as overpayment,
    min_by(reason, {'a': -amount, 'k': row_key}) as reason
from flagged group by subject_id order by overpayment desc, paid desc, subject_id
"""
TOTALS = """
select count(*) as rows, coalesce(sum(amount), 0)::decimal(18, 2) as paid
from (select max(amount) as amount from flagged group by table_name, row_key)
"""
OTHERS = """
select f.detector, count(distinct {{'t': e.table_name, 'k': e.row_key}}) as n
from "{prefix}evidence" e join "{prefix}findings" f using (finding_id)
    semi join flagged on flagged.table_name = e.table_name and flagged.row_key = e.row_key
where e.role = 'flagged' and f.detector like 'rules.%' and f.detector <> $rule
group by f.detector
"""


@dataclass(frozen=True)
class RuleTrial:
    """What one rule would have found.

    Args:
        tried: counts, money, overlap, and what was decided on the cases of its subjects.
        subjects: one row a subject, dearest first: subject_id, rows, paid, overpayment, reason,
            outcome (of the case's last decision, or empty), in_force (the rule that stands flags
            it too).
        lost: subjects that the rule in force flags in the latest run, and the tried one not.
        rows: the flagged rows: subject_id, table_name, row_key, amount, overpayment, person_id,
            provider_id, event_date, reason.
        subject_type: what kind of subject it names.
        beside: the rule in force that it was compared with.
    """

    rule: Rule
    period: tuple[date, date]
    tried: Tried
    subjects: pd.DataFrame
    lost: tuple[str, ...]
    rows: pd.DataFrame
    subject_type: str
    beside: str = ""

    def examples(self, n: int = 10) -> pd.DataFrame:
        """Rows of different subjects, the dearest of each, to look at first."""
        first = self.rows.sort_values(["amount", "row_key"], ascending=[False, True])
        return first.groupby("subject_id", sort=False).head(1).head(n).reset_index(drop=True)


def try_rule(
    lake: Lake,
    rule: Rule,
    period: tuple[date, date],
    outcomes: Mapping[str, str],
    progress: Progress | None = None,
    beside: str | None = None,
) -> RuleTrial:
    """Evaluate a rule, whatever its status, over all rows of the latest run's table versions.

    Args:
        outcomes: by case, how it was last decided.
        beside: the rule in force that it is compared with, where that has another name.

    Raises:
        LakeError: no run has succeeded, or the period ends before it starts.
        ExpressionError: an expression is not admitted.
        Cancelled: ``progress`` was stopped.
    """
    if period[0] > period[1]:
        raise LakeError(f"the period ends ({period[1]}) before it starts ({period[0]})")
    run = run_of(lake)
    found = hits_here(
        [rule], Snapshot.of_run(lake, run["rows"], run["parameters"]), period, progress
    )
    with duckdb.connect() as connection:
        connection.register("hits", found.rows)
        connection.execute(FLAGGED)
        standing, shared = _beside(connection, lake, run["run_id"], beside or rule.name)
        rows = connection.sql("from flagged order by subject_id, table_name, row_key").df()
        subjects = connection.sql(SUBJECTS).to_arrow_table()
        count, paid = connection.sql(TOTALS).fetchall()[0]
    told = _told(rule, period, found, subjects, rows, (count, paid), standing, shared, outcomes)
    return replace(told, beside=beside or rule.name)


def _beside(
    connection: duckdb.DuckDBPyConnection, lake: Lake, run_id: str, rule: str
) -> tuple[set[str], dict[str, int]]:
    """Whom a rule flags in the run, and how many of the rows tried each other rule flags too."""
    standing: set[str] = set()
    shared: dict[str, int] = {}
    for prefix in ("", "shadow_"):
        tables = (f"{prefix}findings", f"{prefix}evidence")
        if not all(lake.exists(table) for table in tables):
            continue
        attach_run(connection, lake, run_id, *tables)
        named = connection.sql(
            f'select subject_id from "{tables[0]}" where detector = $rule',
            params={"rule": rule},
        )
        standing |= {row[0] for row in named.fetchall()}
        others = connection.sql(OTHERS.format(prefix=prefix), params={"rule": rule})
        for name, n in others.fetchall():
            shared[name] = shared.get(name, 0) + n
    return standing, dict(sorted(shared.items(), key=lambda item: (-item[1], item[0])))


def _told(
    rule: Rule,
    period: tuple[date, date],
    found: Hits,
    subjects: pa.Table,
    rows: pd.DataFrame,
    totals: tuple[int, Decimal],
    standing: set[str],
    shared: Mapping[str, int],
    outcomes: Mapping[str, str],
) -> RuleTrial:
    kind = found.plans[0].subject_type
    frame = subjects.to_pandas()
    decided = [outcomes.get(case_id(kind, subject), "") for subject in frame["subject_id"]]
    frame["outcome"] = decided
    frame["in_force"] = frame["subject_id"].isin(standing)
    tried = Tried(
        rule.name,
        rule.status,
        len(frame),
        *totals,
        sum(frame["overpayment"], Decimal(0)),
        shared,
        decided.count(CONFIRMED),
        decided.count(REFUTED),
        found.not_run.get(rule.dated_name, ""),
    )
    lost = tuple(sorted(standing - set(frame["subject_id"])))
    return RuleTrial(rule, period, tried, frame, lost, rows, kind)
