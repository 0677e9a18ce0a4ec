"""From sums of all buckets to the subjects that pass: own columns, peers, conditions.

Runs over ``merged`` (rule, subject_id, key, s0 …: exact sums over buckets, as buckets split
persons) and the subjects' own dimension table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlglot import exp

from claims.identifiers import placeholder_sql
from detectors.rulebook.expressions import parse
from detectors.rulebook.problems import ExpressionError
from detectors.rulebook.rule import Extreme, Rule
from detectors.rulebook.scope import Scope
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.sources import View, model_table
from detectors.rulebook.wording import fields_sql, placeholders, reason_sql, text_literal

SUMS = 8
DIMENSIONS = {
    "provider": ("providers", "provider_id"),
    "member": ("members", "person_id"),
    "account": ("accounts", "account_id"),
    "employer": ("employers", "employer_id"),
}
PEER_COLUMNS = ("median", "z", "peers", "p99")
FENCE_COLUMNS = ("median", "limit", "peers")


class SubjectStage:
    """The statement that decides on a rule's subjects."""

    def __init__(
        self, rule: Rule, kind: str, values: Mapping[str, Any], start: date, end: date
    ) -> None:
        self.rule = rule
        self.table, self.id = DIMENSIONS[kind]
        self.period = _own_rows(rule)
        self.dated = self.period.within(start, end) if self.period else "true"
        self.scope = Scope(self.period, {"subject": View(self.table, self.table)}, values=values)
        self.scope.own |= {*rule.measures, *self.by_names(), "subject_id", "key"}
        if self.period:
            # Its rows are joined by employer and dated by their day, whatever the rule names.
            self.scope.reads[self.period.name] |= {"employer_id", self.period.date} - {""}
        self.peers = [
            f"{e.measure}_{name}"
            for e in rule.extreme
            for name in (FENCE_COLUMNS if e.fence else PEER_COLUMNS)
        ]
        self.sql = self._statement()

    def by_names(self) -> list[str]:
        """Names under which the parts of the key are read, as text."""
        return [] if self.by_day else [text.rsplit(".", 1)[-1] for text in self.rule.by]

    @property
    def by_day(self) -> bool:
        """Sums belong to the declared row of their day, not to every row of the employer."""
        days = [text.rsplit(".", 1)[-1] for text in self.rule.by]
        return self.period is not None and days == [self.period.date]

    @property
    def apart(self) -> bool:
        """Each subject is decided on its own sums alone: no peers, no window over others."""
        windows = [
            window
            for text in self.rule.derive.values()
            for window in parse(text, windows=True).find_all(exp.Window)
        ]
        return not (self.period or self.rule.extreme) and all(
            any(part.name == "subject_id" for part in window.args.get("partition_by") or ())
            for window in windows
        )

    @property
    def totals(self) -> list[str]:
        """Names of the subject's figures."""
        return list(dict.fromkeys((*self.rule.measures, *self.rule.derive, *self.peers)))

    def _statement(self) -> str:
        layers: list[str] = []
        if self.rule.among:
            layers.append(
                f'select "row".* from ({{}}) as "row" where {self.scope.sql(self.rule.among)}'
            )
        for name, text in self.rule.derive.items():
            order = "row_key" if self.period else "key" if self.rule.by else "subject_id"
            computed = self.scope.sql(text, windows=True, total_order=order)
            layers.append(f'select "row".*, ({computed}) as "{name}" from ({{}}) as "row"')
            self.scope.own.add(name)
        conditions = []
        for extreme in self.rule.extreme:
            order = "row_key" if self.period else "key"
            if extreme.fence:
                layers += _fence_layers(extreme, self.scope, order)
                far = f'"{extreme.measure}" > "{extreme.measure}_limit"'
            else:
                layers += _peer_layers(extreme, self.scope.own, order)
                far = (
                    f'("{extreme.measure}_z" >= {self.scope.sql(extreme.z)}'
                    f' and "{extreme.measure}" > "{extreme.measure}_p99"'
                    f' and "{extreme.measure}_q" <= 0.05)'
                )
            if extreme.name:
                layers.append(
                    f'select "row".*, coalesce({far}, false) as "{extreme.name}"'
                    ' from ({}) as "row"'
                )
                self.scope.own.add(extreme.name)
            else:
                conditions.append(far)
            self.scope.carried["subject"] |= set(extreme.peers) - self.scope.own
        self.scope.own |= set(self.peers)
        if self.rule.having:
            conditions.append(f"({self.scope.sql(self.rule.having)})")
        final = self._own_hits(self.period) if self.period else self._passed()
        sql = self._base()
        for layer in layers:
            sql = layer.replace("{}", sql, 1)
        condition = " and ".join(conditions) or "true"
        return f'with kept as (select "row".* from ({sql}) as "row" where {condition}) {final}'

    def _base(self) -> str:
        """Merged sums beside the subject's own columns (and its declared periods)."""
        columns = [
            f'cast(m.s{n} as double) as "{name}"' for n, name in enumerate(self.rule.measures)
        ]
        columns += [
            f'string_split(m."key", chr(31))[{n}] as "{name}"'
            for n, name in enumerate(self.by_names(), 1)
        ]
        read = sorted(self.scope.carried["subject"])
        if read and model_table(self.table).person:
            # Sums of all buckets meet where no bucket's own tables are.
            raise ExpressionError(
                f"subject.{read[0]} of a member", "sum or carry it with the rows (`measures`, `by`)"
            )
        columns += [f'd."{c}" as "subject.{c}"' for c in read]
        listed = "".join(f", {column}" for column in columns)
        named = f"m.rule = {text_literal(self.rule.dated_name)}"
        if self.period:
            day = f' and m."key" = cast(c."{self.period.date}" as varchar)' if self.by_day else ""
            return (
                f'select c.*, c.employer_id as subject_id{listed} from "{self.period.name}" c'
                f" left join merged m on {named} and m.subject_id = c.employer_id{day}"
                f" left join {self.table} d on c.employer_id = d.{self.id}"
            )
        beside = f" left join {self.table} d on m.subject_id = d.{self.id}" if read else ""
        return (
            f'select m.subject_id, m."key"{listed} from merged m{beside} where {named}'
            f" and not {placeholder_sql('m.subject_id')}"
        )

    def _passed(self) -> str:
        return (
            f'select \'{self.rule.dated_name}\' as rule, "row".subject_id, "row"."key",'
            f" cast({self.scope.sql(self.rule.weight)} as double) as weight,"
            f" {reason_sql(self.rule.reason, self.scope)} as reason,"
            f' {fields_sql(self.totals, self.scope)} as fields from kept as "row"'
        )

    def _own_hits(self, view: View) -> str:
        """Hits on the employer's own rows; the amount is what is missing."""
        day = f'"row"."{view.date}"' if view.date else "cast(null as date)"
        undue = f"greatest(round({self.scope.sql(self.rule.overpayment)}, 2), 0)"
        money = f"cast(coalesce({undue}, 0) as decimal(18,2))"
        names = dict.fromkeys((*placeholders(self.rule.reason), *self.totals))
        return (
            f'select \'{self.rule.dated_name}\' as rule, "row".subject_id, "row".table_name,'
            f" \"row\".row_key, 'flagged' as role, {money} as amount, {money} as overpayment,"
            f" cast({self.scope.sql(self.rule.weight)} as double) as weight,"
            f" cast(null as varchar) as person_id, cast(null as varchar) as provider_id,"
            f" {day} as event_date,"
            f" {reason_sql(self.rule.reason, self.scope)} as reason,"
            f' {fields_sql(names, self.scope)} as fields from kept as "row" where {self.dated}'
        )


def _own_rows(rule: Rule) -> View | None:
    """The view whose rows are the evidence against their employer, where the rule names one.

    Raises:
        ExpressionError: its rows are not an employer's own.
    """
    if not rule.evidence:
        return None
    view = VIEWS.get(rule.evidence)
    if view is None or view.person or not view.column(("employer_id",)):
        raise ExpressionError(
            f"evidence in {rule.evidence}", "name a view of employers' own rows, or leave it out"
        )
    return view


def _peer_layers(extreme: Extreme, computed: Collection[str], order: str) -> list[str]:
    """Median, MAD, robust z and false discovery rate within peer groups.

    Where more than half of the peers are equal the MAD is 0 and the mean absolute deviation takes
    its place (Iglewicz and Hoaglin 1993). The p-value is the upper bound of the normal tail
    (Mills' ratio); q is Benjamini and Hochberg's, over all subjects that have peers.
    """
    x = extreme.measure
    group, own, one = _grouped(extreme, computed, order)
    q = f'max("{x}_least") over (partition by {own})' if extreme.once else f'"{x}_least"'
    z = f'"{x}_z"'
    return [
        f'select "row".*, {one} as "{x}_one" from ({{}}) as "row"',
        f'select "row".*, median("{x}_one") over g as "{x}_median",'
        f' count("{x}_one") over g as "{x}_peers",'
        f' quantile_cont("{x}_one", 0.99) over g as "{x}_p99" from ({{}}) as "row"'
        f" window g as (partition by {group})",
        f'select "row".*, median(abs("{x}_one" - "{x}_median")) over g as "{x}_mad",'
        f' avg(abs("{x}_one" - "{x}_median")) over g as "{x}_aad" from ({{}}) as "row"'
        f" window g as (partition by {group})",
        f'select "row".*, if("{x}_peers" >= {extreme.min_peers}, ("{x}" - "{x}_median")'
        f' / nullif(if("{x}_mad" > 0, 1.4826 * "{x}_mad", 1.2533 * "{x}_aad"), 0), null)'
        f' as {z} from ({{}}) as "row"',
        f'select "row".*, case when "{x}_one" is null or {z} is null then null when {z} > 1'
        f" then exp(-{z} * {z} / 2) / ({z} * sqrt(2 * pi())) else 1 end"
        f' as "{x}_p" from ({{}}) as "row"',
        f'select "row".*, "{x}_p" * count("{x}_p") over ()'
        f' / count("{x}_p") over (order by "{x}_p") as "{x}_raw" from ({{}}) as "row"',
        f'select "row".*, if("{x}_p" is null, null, min("{x}_raw")'
        f' over (order by "{x}_p" desc nulls last)) as "{x}_least" from ({{}}) as "row"',
        f'select "row".*, {q} as "{x}_q" from ({{}}) as "row"',
    ]


def _grouped(extreme: Extreme, computed: Collection[str], order: str) -> tuple[str, str, str]:
    """The peer group, what one figure belongs to, and the figure where it counts."""
    x = extreme.measure
    named = [f'"{name}"' if name in computed else f'"subject.{name}"' for name in extreme.peers]
    group = ", ".join(named) or "1"
    own = ", ".join(["subject_id", *(name for name in named if name.strip('"') in computed)])
    first = f'row_number() over (partition by {own} order by "{order}") = 1'
    return group, own, f'if({first}, "{x}", null)' if extreme.once else f'"{x}"'


def _fence_layers(extreme: Extreme, scope: Scope, order: str) -> list[str]:
    """Median and upper fence, Q3 + k (Q3 - Q1), of peer groups (Tukey 1977).

    A group of which half are equal has no fence, as there the least difference would lie beyond.
    """
    x = extreme.measure
    group, _, one = _grouped(extreme, scope.own, order)
    quarters = [f'quantile_cont("{x}_one", {part}) over g' for part in (0.75, 0.25)]
    return [
        f'select "row".*, {one} as "{x}_one" from ({{}}) as "row"',
        f'select "row".*, median("{x}_one") over g as "{x}_median",'
        f' count("{x}_one") over g as "{x}_peers", {quarters[0]} as "{x}_upper",'
        f' {quarters[0]} - {quarters[1]} as "{x}_range" from ({{}}) as "row"'
        f" window g as (partition by {group})",
        f'select "row".*, if("{x}_peers" >= {extreme.min_peers}, "{x}_upper"'
        f' + {scope.sql(extreme.fence)} * nullif("{x}_range", 0), null) as "{x}_limit"'
        f' from ({{}}) as "row"',
    ]
