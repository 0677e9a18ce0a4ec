"""Evaluation of rules over given rows: a DuckDB connection in, Arrow tables out.

It does not know where the rows come from. A member bucket, a rule's own examples and, later, one
incoming claim beside a member's stored rows all go through here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb
import pyarrow as pa

from detectors.rulebook.enrich import SETS_AT_HAND, statements
from detectors.rulebook.line_rules import evaluate_lines, together
from detectors.rulebook.plan import Plan
from detectors.rulebook.subjects import DIMENSIONS, SUMS

HIT_SCHEMA = pa.schema(
    [
        ("rule", pa.string()),
        ("subject_id", pa.string()),
        ("table_name", pa.string()),
        ("row_key", pa.string()),
        ("role", pa.string()),
        ("amount", pa.decimal128(18, 2)),
        ("overpayment", pa.decimal128(18, 2)),
        ("weight", pa.float64()),
        ("person_id", pa.string()),
        ("provider_id", pa.string()),
        ("event_date", pa.date32()),
        ("reason", pa.string()),
        ("fields", pa.string()),
    ]
)
PARTIAL_SCHEMA = pa.schema(
    [
        ("rule", pa.string()),
        ("subject_id", pa.string()),
        ("key", pa.string()),
        *((f"s{n}", pa.decimal128(38, 6)) for n in range(SUMS)),
    ]
)
SUBJECT_SCHEMA = pa.schema(
    [
        ("rule", pa.string()),
        ("subject_id", pa.string()),
        ("key", pa.string()),
        ("weight", pa.float64()),
        ("reason", pa.string()),
        ("fields", pa.string()),
    ]
)
EXAMINED_SCHEMA = pa.schema([("rule", pa.string()), ("s0", pa.decimal128(38, 6))])
PAYLOAD_SCHEMA = pa.schema([("rule", pa.string()), ("key", pa.string()), ("payload", pa.string())])


@dataclass
class Outcome:
    """What rules said of the rows at hand.

    Args:
        hits: flagged and context rows (``HIT_SCHEMA``).
        partials: sums by subject and key (``PARTIAL_SCHEMA``).
        subjects: subjects that pass (``SUBJECT_SCHEMA``).
        examined: rows that rules of absence asked the missing record of (``EXAMINED_SCHEMA``).
        payloads: candidates of rules whose key crosses persons (``PAYLOAD_SCHEMA``).
        failures: by rule, what broke on the data.
    """

    hits: pa.Table = field(default_factory=HIT_SCHEMA.empty_table)
    partials: pa.Table = field(default_factory=PARTIAL_SCHEMA.empty_table)
    subjects: pa.Table = field(default_factory=SUBJECT_SCHEMA.empty_table)
    examined: pa.Table = field(default_factory=EXAMINED_SCHEMA.empty_table)
    payloads: pa.Table = field(default_factory=PAYLOAD_SCHEMA.empty_table)
    failures: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, rows: pa.Table) -> None:
        """Append rows to one of the tables."""
        table: pa.Table = getattr(self, name)
        shaped = rows.select(table.schema.names).cast(table.schema)
        setattr(self, name, pa.concat_tables([table, shaped]))


def prepare(
    connection: duckdb.DuckDBPyConnection,
    plans: Sequence[Plan],
    sets: pa.Table | None,
    reads: Mapping[str, frozenset[str]] | None = None,
) -> dict[str, str]:
    """Make the views that the rules read, each once, from the tables at hand.

    Args:
        sets: code sets (see code_sets.py); ``None`` where they are a table already.
        reads: the views to make, where not all that the rules read.

    Returns:
        By rule, why it cannot go on: a view it reads could not be made.
    """
    if sets is not None:
        as_table(connection, SETS_AT_HAND, sets)
    broken: dict[str, str] = {}
    for view, made in statements(reads or needed(plans)):
        try:
            for statement in made:
                connection.execute(statement)
        except duckdb.Error as error:
            for plan in plans:
                if view in plan.reads:
                    broken[plan.rule.dated_name] = f"view {view}: {describe(error)}"
    return broken


def needed(plans: Sequence[Plan]) -> dict[str, frozenset[str]]:
    """Flat columns by view over several rules."""
    views = {view for plan in plans for view in plan.reads}
    found = {view: {flat for p in plans for flat in p.reads.get(view, ())} for view in views}
    for plan in plans:
        # A view that takes its table's name must keep what subjects read of that table.
        table = DIMENSIONS[plan.subject_type][0] if plan.merges else ""
        if table in found:
            found[table] |= plan.subject_reads
    return {view: frozenset(found[view]) for view in sorted(found)}


def describe(error: Exception) -> str:
    """What broke, without the values of rows: the first line, and nothing in quotes."""
    first = str(error).splitlines()[0]
    parts = first.replace('"', "'").split("'")
    return "".join(part if n % 2 == 0 else "…" for n, part in enumerate(parts))[:200]


def evaluate_rows(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan], outcome: Outcome
) -> None:
    """The row stage of every rule: hits, or what must be put together with other buckets."""
    for plan in plans:
        if not plan.candidates:
            continue
        _isolated(plan, outcome, lambda plan=plan: _rows(  # type: ignore[misc]
            connection, plan, outcome))  # fmt: skip


def evaluate_here(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan], outcome: Outcome
) -> list[Plan]:
    """All that the rows at hand decide, with code sets a table already; the rules it held for.

    Line rules come first: they read the tables themselves, whose names views may take.
    """
    lines = [plan for plan in plans if together(plan)]
    rest = [plan for plan in plans if not together(plan)]
    rest += evaluate_lines(connection, lines, lambda hits: outcome.add("hits", hits))
    outcome.failures.update(prepare(connection, rest, None))
    failed = set(outcome.failures)
    evaluate_rows(
        connection, [plan for plan in rest if plan.rule.dated_name not in failed], outcome
    )
    return [plan for plan in plans if plan.rule.dated_name not in failed]


def _isolated(plan: Plan, outcome: Outcome, work: Callable[[], None]) -> None:
    try:
        work()
    except (duckdb.Error, pa.ArrowInvalid) as error:
        outcome.failures[plan.rule.dated_name] = describe(error)


def _rows(connection: duckdb.DuckDBPyConnection, plan: Plan, outcome: Outcome) -> None:
    with_candidates(connection, plan.candidates)
    if plan.crosses:
        outcome.add("payloads", connection.sql(plan.keyed).to_arrow_table())
    elif plan.merges:
        outcome.add("partials", connection.sql(plan.partial).to_arrow_table())
    elif plan.subjects:
        outcome.add("subjects", connection.sql(plan.subjects).to_arrow_table())
    else:
        outcome.add("hits", connection.sql(plan.hits).to_arrow_table())
        if plan.examined:
            outcome.add("examined", connection.sql(plan.examined).to_arrow_table())


def with_candidates(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    """Make ``candidates`` the rows of a statement."""
    connection.execute(f"create or replace temp view candidates as {source}")


def shaped(connection: duckdb.DuckDBPyConnection, plan: Plan) -> Plan:
    """The plan with the types of its candidates, so that they can be read back from JSON."""
    columns = ", ".join(f'"{name}"' for name in plan.carried)
    described = connection.sql(f"describe select {columns} from ({plan.candidates})").fetchall()
    return replace(plan, shape=tuple((str(row[0]), str(row[1])) for row in described))


def unpacked(plan: Plan) -> str:
    """The candidates of a crossing pair from the ``payloads`` table."""
    columns = ", ".join(
        f'cast(payload ->> \'$."{name}"\' as {kind}) as "{name}"' for name, kind in plan.shape
    )
    return f"select {columns} from payloads where rule = '{plan.rule.dated_name}'"


def evaluate_pairs(connection: duckdb.DuckDBPyConnection, plan: Plan, outcome: Outcome) -> None:
    """A pair across persons, over the ``payloads`` table of its candidates as JSON."""

    def work() -> None:
        with_candidates(connection, unpacked(plan))
        name, text = ("subjects", plan.subjects) if plan.subjects else ("hits", plan.hits)
        outcome.add(name, connection.sql(text).to_arrow_table())

    _isolated(plan, outcome, work)


def evaluate_subjects(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan], outcome: Outcome
) -> None:
    """Subjects that pass, over ``merged`` sums and the subjects' dimension tables."""
    for plan in plans:
        if not plan.merges:
            continue
        name = "hits" if plan.rule.evidence else "subjects"
        _isolated(plan, outcome, lambda plan=plan, name=name: outcome.add(  # type: ignore[misc]
            name, connection.sql(plan.subjects).to_arrow_table()))  # fmt: skip


def evaluate_named(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan], outcome: Outcome
) -> None:
    """Rows of the subjects in ``flagged``."""
    for plan in plans:
        if not plan.named:
            continue

        def work(plan: Plan = plan) -> None:
            with_candidates(connection, plan.candidates)
            outcome.add("hits", connection.sql(plan.named).to_arrow_table())

        _isolated(plan, outcome, work)


def as_table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Make an Arrow table a table of the connection."""
    connection.register("given_rows", rows)
    connection.execute(f'create or replace table "{name}" as select * from given_rows')
    connection.unregister("given_rows")


def evaluate_whole(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan], sets: pa.Table
) -> Outcome:
    """All stages over rows that lie in one place."""
    outcome = Outcome()
    as_table(connection, SETS_AT_HAND, sets)
    sound = evaluate_here(connection, plans, outcome)
    as_table(connection, "payloads", outcome.payloads)
    for plan in sound:
        if plan.crosses:
            evaluate_pairs(connection, shaped(connection, plan), outcome)
    as_table(connection, "merged", outcome.partials)
    evaluate_subjects(connection, sound, outcome)
    as_table(connection, "flagged", outcome.subjects)
    evaluate_named(connection, sound, outcome)
    return outcome
