"""A rule as DuckDB statements over relations of fixed names.

The statements read views, ``candidates``, ``merged`` and ``flagged``; where the rows of these come
from is not known here, so examples, member buckets and merged rows share them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from detectors.rulebook.conjuncts import Conjunct
from detectors.rulebook.enrich import tables_of
from detectors.rulebook.line_statements import line_statements
from detectors.rulebook.problems import ExpressionError
from detectors.rulebook.rows import RowStage, Undue
from detectors.rulebook.rule import ALWAYS, PERIOD_GRAINS, Rule
from detectors.rulebook.scope import Scope
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.sources import View
from detectors.rulebook.subjects import DIMENSIONS, SUMS, SubjectStage
from detectors.rulebook.wording import fields_sql, placeholders, reason_sql

SUBJECT_TYPES = {
    "person_id": "member",
    "employer_id": "employer",
    "account_id": "account",
    "payee_account_id": "account",
    "bank_account_id": "account",
    "claim": "claim",
    "renderer_id": "provider",
    "facility_id": "provider",
    "provider_id": "provider",
}


# What evidence rows may read of the finding that names them, as text.
FOUND = "found"


class Finding(View):
    """Any column or own column of the row that was found, under its name in the rule."""

    def column(self, path: tuple[str, ...]) -> str | None:
        """Text, whatever it was."""
        return "varchar"


def subject_type(subject: str) -> str | None:
    """What kind of subject a column names."""
    last = subject.rsplit(".", 1)[-1]
    return "provider" if last.endswith("_provider_id") else SUBJECT_TYPES.get(last)


@dataclass(frozen=True)
class Plan:
    """A rule ready to run; picklable, so that it can travel to executors.

    Args:
        reads: flat columns by view.
        subject_reads: columns of the subject's dimension table.
        unused: parameters that no clause names.
        columns: of its view, those it reads.
        candidates: the rows it looks at, with its own columns.
        hits: flagged and context rows, over ``candidates``.
        conjuncts: of a line rule, what a row of its view must meet.
        worded: its flagged rows, over ``candidates`` that meet it and name the rule.
        partial: sums by subject and key, over ``candidates``.
        subjects: subjects that pass, over ``merged`` (or, of a pair with ``evidence``, over
            ``candidates``).
        apart: each of those subjects is decided on its own sums, whatever the others' are.
        named: rows of the subjects in ``flagged``.
        examined: number of rows that a rule of absence asks the missing record of.
        keyed: candidates as JSON beside the text of their key, for a key that crosses persons.
        crosses: its key crosses persons, so the candidates of all buckets are needed at once.
        carried: of such a rule, columns of its candidates that go along.
        shape: the same with their DuckDB types.
    """

    rule: Rule
    subject_type: str
    reads: Mapping[str, frozenset[str]]
    subject_reads: frozenset[str]
    sets: frozenset[str]
    unused: frozenset[str]
    columns: tuple[str, ...] = ()
    candidates: str = ""
    hits: str = ""
    conjuncts: tuple[Conjunct, ...] = ()
    worded: str = ""
    partial: str = ""
    subjects: str = ""
    apart: bool = False
    named: str = ""
    examined: str = ""
    keyed: str = ""
    crosses: bool = False
    carried: tuple[str, ...] = ()
    shape: tuple[tuple[str, str], ...] = ()

    @property
    def merges(self) -> bool:
        """Subjects are decided over the sums of all buckets."""
        return self.rule.grain in PERIOD_GRAINS

    @property
    def tables(self) -> dict[str, set[str]]:
        """Columns of the model's tables that it reads."""
        found = tables_of(self.reads)
        if self.merges:
            found.setdefault(DIMENSIONS[self.subject_type][0], set()).update(self.subject_reads)
        return found


def plan(rule: Rule, start: date = ALWAYS[0], end: date = ALWAYS[1]) -> Plan:
    """The statements of a rule for a period (cut to the rule's own dates).

    Raises:
        ExpressionError: an expression is not admitted, or names what is not there.
    """
    kind = subject_type(rule.subject)
    if kind is None:
        raise ExpressionError(
            f"subject names nobody: {rule.subject}", "use an id of a provider, member, employer, …"
        )
    values = {**rule.params, "period_start": start, "period_end": end}
    first, last = max(start, rule.effective[0]), min(end, rule.effective[1])
    rows = RowStage(rule, values, first, last) if rule.rows else None
    statements: dict[str, str] = {}
    parts: tuple[Conjunct, ...] = ()
    scopes: list[Scope] = []
    subject_reads: frozenset[str] = frozenset()
    apart = False
    if rule.grain in PERIOD_GRAINS:
        stage = SubjectStage(rule, kind, values, first, last)
        statements["subjects"], apart = stage.sql, stage.apart
        subject_reads = frozenset({*stage.scope.carried["subject"], stage.id})
        stage.scope.reads.pop(stage.table, None)
        scopes.append(stage.scope)
        if rows:
            statements["partial"] = _partial(rows)
            if not rule.evidence:
                statements["named"] = _named(rows, stage.totals)
    elif rows:
        statements |= _row_hits(rows, values, first, last)
        parts, statements["worded"] = line_statements(rows)
    carried: tuple[str, ...] = ()
    crosses = rule.grain == "pair" and "person_id" not in rule.key
    if rows:
        scopes.append(rows.scope)
        if crosses:
            statements["keyed"] = _as_json(rows)
            carried = tuple(_carried(rows))
        statements["candidates"] = rows.candidates
    planned = Plan(
        rule,
        kind,
        _merged_reads(scopes),
        subject_reads,
        frozenset().union(*[scope.sets for scope in scopes]),
        frozenset(rule.params).difference(*[scope.used_parameters for scope in scopes]),
        apart=apart,
        crosses=crosses,
        carried=carried,
        conjuncts=parts,
        columns=tuple(rows.columns) if rows else (),
    )
    return replace(planned, **statements)  # type: ignore[arg-type]


def _merged_reads(scopes: list[Scope]) -> dict[str, frozenset[str]]:
    views = {view for scope in scopes for view in scope.reads}
    return {
        view: frozenset().union(*[scope.reads.get(view, set()) for scope in scopes])
        for view in sorted(views)
    }


def _row_hits(rows: RowStage, values: Mapping[str, Any], first: date, last: date) -> dict[str, str]:
    rule = rows.rule
    if rule.evidence:
        named, found = _named_by_person(rows, values, first, last)
        return {"subjects": rows.over_kept(_subject_rows(rows, found)), "named": named}
    hits = " union all ".join([rows.flagged(rows.wording()), *rows.context()])
    statements = {"hits": rows.over_kept(hits)}
    if any(not clause.excuse for clause in rule.absent) and rule.grain != "pair":
        statements["examined"] = rows.examined()
    return statements


def _carried(rows: RowStage) -> list[str]:
    """Columns of its candidates that a rule needs once they have left their bucket."""
    view = rows.view
    named = {"row_key", "table_name", view.date, view.amount, view.provider}
    named |= {"person_id"} if view.person else set()
    own = rows.scope.own - rows.late
    return sorted((rows.scope.reads[view.name] | own | named) - {""})


def _as_json(rows: RowStage) -> str:
    text = " || chr(31) || ".join(f'cast("key {n}" as varchar)' for n in range(len(rows.rule.key)))
    fields = ", ".join(f'"{name}" := "{name}"' for name in _carried(rows))
    return (
        f"with keyed as ({rows.keyed}) select '{rows.rule.dated_name}' as rule, {text} as \"key\","
        f" cast(to_json(struct_pack({fields})) as varchar) as payload from keyed"
    )


def _partial(rows: RowStage) -> str:
    texts = list(rows.rule.measures.values())
    sums = [
        f"cast({rows.scope.sql(text, aggregates=True)} as decimal(38,6)) as s{n}"
        for n, text in enumerate(texts)
    ]
    sums += [f"cast(null as decimal(38,6)) as s{n}" for n in range(len(texts), SUMS)]
    subject = rows.subject()
    return rows.over_kept(
        f"select '{rows.rule.dated_name}' as rule, {subject} as subject_id,"
        f' {rows.key()} as "key", {", ".join(sums)} from kept as "row" where {subject} is not null'
        ' group by subject_id, "key"',
        summed=True,
    )


def _named(rows: RowStage, totals: list[str]) -> str:
    """Rows of the subjects that passed, with the undue part of each."""
    rule, scope = rows.rule, rows.scope
    parsed = "".join(f", try_cast(f.fields ->> '{n}' as double) as \"{n}\"" for n in totals)
    join = (
        f', named as (select "row".*, f.weight as "weight ", f.reason as "reason ",'
        f' f.fields as "fields "{parsed} from kept as "row" join flagged f'
        f" on f.rule = '{rule.dated_name}' and f.subject_id = {rows.subject()}"
        f' and f."key" = {rows.key()})'
    )
    scope.own |= set(totals)
    condition = scope.sql(rule.flag) if rule.flag else "true"
    worded = Undue('"row"."weight "', '"row"."reason "', '"row"."fields "', "named", condition)
    return rows.over_kept(rows.flagged(worded), join)


def _subject_rows(rows: RowStage, found: list[str]) -> str:
    rule, scope = rows.rule, rows.scope
    names = dict.fromkeys((*placeholders(rule.reason), *found))
    subject = rows.subject() if rows.view.column((rule.subject,)) else '"row".person_id'
    return (
        f"select '{rule.dated_name}' as rule, {subject} as subject_id, '' as \"key\","
        f" cast({scope.sql(rule.weight)} as double) as weight,"
        f" {reason_sql(rule.reason, scope)} as reason,"
        f' {fields_sql(names, scope)} as fields from kept as "row"'
    )


def _named_by_person(
    rows: RowStage, values: Mapping[str, Any], first: date, last: date
) -> tuple[str, list[str]]:
    """Rows of another view that belong to the persons that passed, and what they read of those.

    The subject is the person, or whom those rows name where the rule's own rows do not.
    """
    rule, view = rows.rule, VIEWS[rows.rule.evidence]
    scope = Scope(view, {FOUND: Finding(FOUND)}, values=values, apart={FOUND},
                  reads=rows.scope.reads, sets=rows.scope.sets,
                  used_parameters=rows.scope.used_parameters)  # fmt: skip
    for name in ("person_id", view.date, view.amount, view.provider, "row_key", "table_name"):
        scope.reads[view.name] |= {name} - {""}
    money = f'least(greatest(round({scope.sql(rule.overpayment)}, 2), 0), "row".{view.amount})'
    flag = scope.sql(rule.flag) if rule.flag else "true"
    found = sorted(scope.reads.pop(FOUND, set()))
    listed = "".join(f", fields ->> '{name}' as \"{name}\"" for name in found)
    provider = f'"row".{view.provider}' if view.provider else "null"
    own = rows.view.column((rule.subject,))
    subject = f"{FOUND}.subject_id" if own else scope.sql(rule.subject)
    sql = (
        f"select '{rule.dated_name}' as rule, {subject} as subject_id, \"row\".table_name,"
        " \"row\".row_key, 'flagged' as role,"
        f' cast("row".{view.amount} as decimal(18,2)) as amount,'
        f' cast({money} as decimal(18,2)) as overpayment, {FOUND}.weight, "row".person_id,'
        f' cast({provider} as varchar) as provider_id, "row"."{view.date}" as event_date,'
        f' {FOUND}.reason, {FOUND}.fields from "{view.name}" as "row"'
        f" join (select *{listed} from flagged where rule = '{rule.dated_name}') as {FOUND}"
        f' on {FOUND}.subject_id = "row".person_id'
        f" where \"row\".\"{view.date}\" between date '{first}' and date '{last}' and ({flag})"
    )
    return sql, found
