"""From the rows at hand to the rows a rule is about: filter, own columns, matches, absences.

Every grain begins here, inside a member bucket or on an example's rows. ``candidates`` are the rows
looked at with the rule's own columns; ``kept`` those that met every condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from claims.identifiers import placeholder_sql
from detectors.rulebook.expressions import DUCKDB
from detectors.rulebook.rule import Match, Rule
from detectors.rulebook.scope import Scope
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.sources import View
from detectors.rulebook.wording import fields_sql, placeholders, reason_sql, text_literal

ROW_IDENTITY = ("row_key", "table_name")


@dataclass(frozen=True)
class Undue:
    """How a flagged row is worded: SQL of weight, reason and fields, and where it is read."""

    weight: str
    reason: str
    fields: str
    relation: str = "kept"
    condition: str = "true"


class RowStage:
    """The statements of a rule over one row view."""

    def __init__(self, rule: Rule, values: Mapping[str, Any], start: date, end: date) -> None:
        self.rule = rule
        self.view = VIEWS[rule.rows]
        self.others = {match.name: self._view_of(match) for match in rule.match}
        same = {match.name for match in rule.match if match.view == "same"}
        self.scope = Scope(self.view, self.others, values=values, same=same)
        self.paired = rule.grain == "pair"
        self.dated = self.view.within(start, end)
        self.summed = self.view.within(start - timedelta(days=rule.lookback), end)
        self.given, self.computed = self._own_columns()
        self.late: set[str] = set()
        self.keyed = self._keyed() if self.paired else ""
        self.join = self._join() if rule.match else None
        self.where = self.scope.tree(rule.where) if rule.where else None
        self.conditions = [f"({self.where.sql(dialect=DUCKDB)})"] if self.where else []
        self.conditions += [
            f"not {placeholder_sql(self.scope.sql(text))}"
            for text in rule.key
            if text.endswith("_id")
        ]
        self.absences = [self._absent(clause) for clause in rule.absent]
        self.excuses = [
            sql for sql, clause in zip(self.absences, rule.absent, strict=True) if clause.excuse
        ]

    def _view_of(self, match: Match) -> View:
        return self.view if match.view == "same" else VIEWS[match.view]

    def _own_columns(self) -> tuple[str, dict[str, str]]:
        given = f"({self.scope.sql(self.rule.given)})" if self.rule.given else ""
        computed = {}
        person = ("person_id",) if self.view.person else ()
        order = "row_key" if self.view.column(("row_key",)) else ""
        for name, text in self.rule.let.items():
            computed[name] = self.scope.sql(text, True, partition=person, total_order=order)
            self.scope.own.add(name)
        return given, computed

    @property
    def columns(self) -> list[str]:
        """Columns of the view that the rule reads; whole once all its statements are made."""
        view = self.view
        always = {view.date, view.until, view.amount, view.provider, *ROW_IDENTITY} - {""}
        always |= {"person_id"} if view.person else set()
        return sorted(self.scope.reads[view.name] | {n for n in always if view.column((n,))})

    @property
    def candidates(self) -> str:
        """The rows looked at with the rule's own columns; ask for it last.

        Naming the columns, and not ``*``, spares DuckDB the binding of some hundred others in each
        step of each rule, which took most of the time where rows are few.
        """
        listed = ", ".join(f'"row"."{name}"' for name in self.columns)
        sql = f'select {listed} from "{self.view.name}" as "row"'
        sql += f" where {self.given}" if self.given else ""
        for name, text in self.computed.items():
            sql = f'select "row".*, ({text}) as "{name}" from ({sql}) as "row"'
        return sql

    def _keyed(self) -> str:
        """Candidates with the pair's key; a row with a null in it pairs with nothing."""
        keys = [self.scope.sql(text) for text in self.rule.key]
        listed = ", ".join(f'({key}) as "key {n}"' for n, key in enumerate(keys))
        present = " and ".join(f'"key {n}" is not null' for n in range(len(keys)))
        sql = f'select * from (select "row".*, {listed} from candidates as "row") where {present}'
        shared = tuple(f"key {n}" for n in range(len(keys)))
        self.late = {*shared, *self.rule.together}
        self.scope.own |= set(shared)
        order = "row_key" if self.view.column(("row_key",)) else ""
        for name, text in self.rule.together.items():
            computed = self.scope.sql(text, True, partition=shared, total_order=order)
            sql = f'select "row".*, ({computed}) as "{name}" from ({sql}) as "row"'
            self.scope.own.add(name)
        return sql

    def _tied(self, name: str, view: View, first: bool) -> list[str]:
        """What ties a matched row to the row besides the rule's own condition."""
        if self.paired and first:
            return [f'"row"."key {n}" = "{name}"."key {n}"' for n in range(len(self.rule.key))]
        return [f'"row".person_id = "{name}".person_id'] if view.person else []

    def _join(self) -> tuple[list[str], list[str], list[str]]:
        """Relations, conditions and order of the matches."""
        inside = self.scope.inside(**self.others)
        relations, conditions, order = [], [], []
        for number, match in enumerate(self.rule.match):
            view = self.others[match.name]
            relations.append(f'{self._relation(match.view, view)} as "{match.name}"')
            conditions += self._tied(match.name, view, number == 0)
            conditions.append(f"({inside.sql(match.where)})")
            order += [_ordered(inside, text) for text in match.order]
            if view.column(("row_key",)):
                order.append(f'"{match.name}".row_key')
                named = {name for name in ROW_IDENTITY if view.column((name,))}
                self.scope.carried[match.name] |= named
                self.scope.reads[view.name] |= named
        return relations, conditions, order or ["1"]

    def _relation(self, name: str, view: View) -> str:
        if name != "same":
            return f'"{view.name}"'
        return "keyed" if self.paired else "candidates"

    def _absent(self, clause: Match) -> str:
        view = self._view_of(clause)
        inside = self.scope.inside(**{clause.name: view})
        inside.same = self.scope.same | ({clause.name} if clause.view == "same" else set())
        condition = inside.sql(clause.where)
        conditions = " and ".join([*self._tied(clause.name, view, False), f"({condition})"])
        source = "candidates" if clause.view == "same" else f'"{view.name}"'
        return f'not exists (select 1 from {source} as "{clause.name}" where {conditions})'

    def examined(self) -> str:
        """How many rows an absence is asked of, whether or not the record is there."""
        count = f"select '{self.rule.dated_name}' as rule, count(*) as s0 from kept"
        return self.over_kept(count, lacking=False)

    def over_kept(
        self, select: str, more: str = "", *, lacking: bool = True, summed: bool = False
    ) -> str:
        """A statement over ``kept``; build ``select`` first, as it tells what matches carry.

        Args:
            more: further common table expressions, each beginning with a comma.
            lacking: only rows that lack the records the rule says must be absent.
            summed: rows that sums read, from before the period too.
        """
        # Sums by declared period count every row that touches one of them, whenever it began.
        whenever = self.rule.every and self.rule.grain == "employer_period"
        dated = "true" if whenever else self.summed if summed else self.dated
        tables = [f"keyed as ({self.keyed})"] if self.paired else []
        source = "keyed" if self.paired else "candidates"
        if self.join:
            relations, conditions, order = self.join
            carried = [
                f'"{name}"."{flat}" as "{name}.{flat}"'
                for name in self.others
                for flat in sorted(self.scope.carried[name])
            ]
            first = (
                f' qualify row_number() over (partition by "row".row_key'
                f" order by {', '.join(order)}) = 1"
            )
            first = "" if self.rule.every else first
            listed = ", ".join(['"row".*', *carried])
            tables.append(
                f"matched as (select {listed}"
                f' from {source} as "row", {", ".join(relations)}'
                f" where {' and '.join([dated, *conditions])}{first})"
            )
            source = "matched"
        absences = self.absences if lacking else self.excuses
        condition = " and ".join([dated, *self.conditions, *absences])
        tables.append(f'kept as (select "row".* from {source} as "row" where {condition})')
        return f"with {', '.join(tables)}{more} {select}"

    def subject(self) -> str:
        """SQL of the subject's id."""
        return f"cast({self.scope.sql(self.rule.subject)} as varchar)"

    def key(self) -> str:
        """SQL of what tells a subject's merged rows apart."""
        parts = [f"coalesce(cast({self.scope.sql(text)} as varchar), '')" for text in self.rule.by]
        return " || chr(31) || ".join(parts) or "''"

    def wording(self) -> Undue:
        """Weight, reason and fields of a row that is flagged by itself."""
        return Undue(
            f"cast({self.scope.sql(self.rule.weight)} as double)",
            reason_sql(self.rule.reason, self.scope),
            fields_sql(placeholders(self.rule.reason), self.scope),
        )

    def flagged(self, undue: Undue, rule: str = "") -> str:
        """Flagged rows as hits: the undue part never exceeds what was paid on the row.

        Args:
            rule: SQL of the rule's name, where the rows tell it.
        """
        amount = f'"row"."{self.view.amount}"' if self.view.amount else "0"
        provider = f'"row"."{self.view.provider}"' if self.view.provider else "null"
        person = '"row".person_id' if self.view.person else "null"
        money = f"least(greatest(round({self.scope.sql(self.rule.overpayment)}, 2), 0), {amount})"
        return (
            f"select {rule or text_literal(self.rule.dated_name)} as rule,"
            f' {self.subject()} as subject_id, "row".table_name, "row".row_key,'
            f" 'flagged' as role,"
            f" cast({amount} as decimal(18,2)) as amount,"
            f" cast({money} as decimal(18,2)) as overpayment, {undue.weight} as weight,"
            f" cast({person} as varchar) as person_id, cast({provider} as varchar) as provider_id,"
            f' "row"."{self.view.date}" as event_date, {undue.reason} as reason,'
            f' {undue.fields} as fields from {undue.relation} as "row" where {undue.condition}'
            f" and not {placeholder_sql(self.subject())}"
        )

    def context(self) -> list[str]:
        """The matched rows, named beside the flagged ones."""
        return [
            f"select distinct '{self.rule.dated_name}', {self.subject()},"
            f' "row"."{name}.table_name", "row"."{name}.row_key",'
            " 'context', cast(0 as decimal(18,2)),"
            f" cast(0 as decimal(18,2)), cast(0 as double), cast(null as varchar),"
            f" cast(null as varchar), cast(null as date), cast(null as varchar),"
            f' cast(null as varchar) from kept as "row"'
            for name, view in self.others.items()
            if view.column(("row_key",)) and view.column(("table_name",))
        ]


def _ordered(scope: Scope, text: str) -> str:
    words = text.rsplit(" ", 1)
    descending = len(words) == 2 and words[1].lower() == "desc"
    return scope.sql(words[0] if descending else text) + (" desc" if descending else "")
