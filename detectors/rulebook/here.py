"""Rules over a snapshot in this process, bucket by bucket: what a notebook needs of a rule or two.

The stages and their programs are those of distributed.py; a run of the library stays Spark's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date
from threading import Event

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from claims.buckets import run_here
from claims.errors import VigieError
from claims.runs import Snapshot
from detectors.rulebook import exchange
from detectors.rulebook.code_sets import at_hand
from detectors.rulebook.crossing import pairs_of, subjects_of
from detectors.rulebook.detector import lacking, loaded_sets, with_shapes
from detectors.rulebook.evaluate import HIT_SCHEMA, SUBJECT_SCHEMA
from detectors.rulebook.plan import Plan, plan
from detectors.rulebook.programs import (
    ABSENT_EVERYWHERE,
    bucket_program,
    outside,
    tells_nothing,
)
from detectors.rulebook.rule import Rule
from detectors.rulebook.subjects import SUMS

_MERGED = ", ".join(f"sum(s{n})::decimal(38, 6) as s{n}" for n in range(SUMS))
_EXAMINED = """
select rule, sum(s0) filter (kind = 'examined')::bigint as examined,
    count(*) filter (kind = 'hit' and role = 'flagged') as lacking,
    count(distinct subject_id) filter (kind = 'hit' and role = 'flagged') as subjects
from decided group by rule having examined is not null order by rule
"""


class Cancelled(VigieError):
    """Whoever started the evaluation did not want its end."""


@dataclass
class Progress:
    """How far an evaluation has come, and whether it shall go on.

    Args:
        told: called with steps done and steps in all.
    """

    told: Callable[[int, int], None] = lambda done, steps: None
    stopped: Event = field(default_factory=Event)
    done: int = 0
    steps: int = 1

    def step(self) -> None:
        """Count a step.

        Raises:
            Cancelled: it was stopped.
        """
        if self.stopped.is_set():
            raise Cancelled("stopped before its end; nothing is shown of a part")
        self.done += 1
        self.told(self.done, max(self.steps, self.done))


@dataclass(frozen=True)
class Hits:
    """What rules say of the rows.

    Args:
        rows: flagged and context rows (``HIT_SCHEMA``); ``rule`` is the rule's dated name.
        plans: the rules that ran, as planned.
        not_run: by rule, why it could not be tried or tells nothing, or what broke on the data.
    """

    rows: pa.Table
    plans: Sequence[Plan]
    not_run: dict[str, str]


def hits_here(
    rules: Sequence[Rule],
    snapshot: Snapshot,
    period: tuple[date, date],
    progress: Progress | None = None,
    workers: int = 2,
) -> Hits:
    """Evaluate rules, whatever their status, over all member buckets of a snapshot.

    Args:
        period: first and last day, both included.
        workers: buckets looked at side by side.

    Raises:
        ExpressionError: an expression is not admitted; lint says where.
        Cancelled: ``progress.stopped`` was set.
    """
    sets = at_hand(loaded_sets(snapshot))
    known = set(sets.column("code_set").to_pylist())
    planned = [plan(rule, *period) for rule in rules]
    not_run = {p.rule.dated_name: lacking(p, snapshot, known) for p in planned}
    plans = with_shapes([p for p in planned if not not_run[p.rule.dated_name]])
    reasons = {name: why for name, why in not_run.items() if why}
    if not plans:
        return Hits(HIT_SCHEMA.empty_table(), planned, reasons)
    stages = _Stages(snapshot, plans, sets, progress or Progress(), workers)
    found = stages.hits()
    return Hits(found, planned, reasons | stages.broken)


@dataclass
class _Stages:
    snapshot: Snapshot
    plans: Sequence[Plan]
    sets: pa.Table
    progress: Progress
    workers: int
    broken: dict[str, str] = field(default_factory=dict)

    def hits(self) -> pa.Table:
        named = any(plan.named for plan in self.plans)
        self.progress.steps = self.snapshot.layout.buckets * (2 if named else 1)
        decided = self._in_buckets(self.plans, None)
        self.broken |= _silent(decided)
        parts = [decided, *self._by_rule(decided)]
        flagged = pa.concat_tables(
            [_kind(part, "subject").select(SUBJECT_SCHEMA.names) for part in parts]
        ).cast(SUBJECT_SCHEMA)
        rules = set(flagged.column("rule").to_pylist())
        again = [plan for plan in self.plans if plan.rule.dated_name in rules and plan.named]
        if again:
            parts.append(self._in_buckets(again, flagged))
        for part in parts:
            for row in _kind(part, "failure").to_pylist():
                self.broken.setdefault(row["rule"], f"it failed: {row['reason']}")
        found = pa.concat_tables([_kind(part, "hit").select(HIT_SCHEMA.names) for part in parts])
        sound = pc.invert(
            pc.is_in(found.column("rule"), pa.array(sorted(self.broken), pa.string()))
        )
        return found.filter(sound)

    def _in_buckets(self, plans: Sequence[Plan], flagged: pa.Table | None) -> pa.Table:
        program = bucket_program(plans, self.sets, flagged)
        parts: dict[int, pa.Table] = {}
        with ThreadPoolExecutor(self.workers) as pool:
            waiting = {
                pool.submit(run_here, self.snapshot, program, exchange.SCHEMA, bucket): bucket
                for bucket in range(self.snapshot.layout.buckets)
            }
            try:
                for ended in as_completed(waiting):
                    parts[waiting[ended]] = ended.result()
                    self.progress.step()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return pa.concat_tables([exchange.SCHEMA.empty_table(), *(parts[n] for n in sorted(parts))])

    def _by_rule(self, decided: pa.Table) -> list[pa.Table]:
        beside = outside(self.snapshot, [plan for plan in self.plans if plan.merges])
        judge, join = subjects_of(self.plans, beside, self.sets), pairs_of(self.plans)
        found = []
        for planned in self.plans:
            name = planned.rule.dated_name
            if planned.merges:
                found.append(judge(_merged(decided, name)))
            if planned.crosses:
                rows = _kind(decided, "payload").select(["rule", "key", "payload"])
                own = rows.filter(pc.equal(rows.column("rule"), name))
                if own.num_rows:
                    found.append(join(own))
        return found


def _merged(decided: pa.Table, rule: str) -> pa.Table:
    """A rule's sums over all buckets; an empty row where it has none, as it is judged still."""
    with duckdb.connect() as connection:
        connection.register("decided", decided)
        merged = connection.sql(
            f"select rule, subject_id, key, {_MERGED} from decided "
            "where kind = 'partial' and rule = $rule group by all order by subject_id, key",
            params={"rule": rule},
        ).to_arrow_table()
    return merged if merged.num_rows else pa.Table.from_pylist([{"rule": rule}], merged.schema)


def _silent(decided: pa.Table) -> dict[str, str]:
    """Rules of absence by which most of the rows they look at would be flagged."""
    with duckdb.connect() as connection:
        connection.register("decided", decided)
        counts = connection.sql(_EXAMINED).fetchall()
    return {
        rule: ABSENT_EVERYWHERE.format(lacking=lacking, examined=examined)
        for rule, examined, lacking, subjects in counts
        if tells_nothing(examined, lacking, subjects)
    }


def _kind(rows: pa.Table, kind: str) -> pa.Table:
    return rows.filter(pc.equal(rows.column("kind"), kind))
