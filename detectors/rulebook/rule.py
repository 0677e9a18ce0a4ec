"""One rule as its file states it. Expressions are still text; plan.py makes SQL of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any, Literal

Status = Literal["draft", "shadow", "active", "retired"]
Grain = Literal["line", "member_timeline", "pair", "provider_period", "account", "employer_period"]

STATUSES: tuple[Status, ...] = ("draft", "shadow", "active", "retired")
ROW_GRAINS: tuple[Grain, ...] = ("line", "member_timeline", "pair")
PERIOD_GRAINS: tuple[Grain, ...] = ("provider_period", "account", "employer_period")
GRAINS: tuple[Grain, ...] = (*ROW_GRAINS, *PERIOD_GRAINS)

ALWAYS = (date(1900, 1, 1), date(2999, 12, 31))


@dataclass(frozen=True)
class Match:
    """Another row, of a view, that the flagged row must have.

    Args:
        name: how expressions call it (``other`` by default).
        where: condition besides the shared person or key.
        order: which match is kept where there are several; the first one is.
        excuse: of an absent record, that it would only explain the row away; its absence is not
            what the rule reports, and says nothing of the source where most rows share it.
    """

    view: str
    name: str
    where: str
    order: tuple[str, ...] = ()
    excuse: bool = False


@dataclass(frozen=True)
class Extreme:
    """A measure far above the peers': robust z, 99th percentile, false discovery rate of 5 %.

    Args:
        measure: name of a measure or derived column.
        peers: columns of the subject that make a peer group.
        z: least (x - median) / (1.4826 MAD) of the group.
        min_peers: least size of a group.
        once: the measure is one figure a subject (or, where a part of ``by`` is among the peers'
            columns, one a subject and part) that stands on each of its rows; it counts once.
        name: column that holds the answer, for ``having`` to combine; a condition of its own
            where empty.
        fence: in place of ``z``, how many interquartile ranges above the upper quartile.
    """

    measure: str
    peers: tuple[str, ...]
    z: str = "3.5"
    min_peers: int = 30
    once: bool = False
    name: str = ""
    fence: str = ""


@dataclass(frozen=True)
class Example:
    """Rows by table, and what the rule must say of them.

    Args:
        rows: expected keys of the flagged rows; ``None`` where any flagged row will do.
        overpayment: expected sum; ``None`` where it is not looked at.
        sets: code sets in place of the shipped ones, as rows of ``code_sets``.
        reason: expected sentence of one of the flagged rows; ``None`` where it is not looked at.
        weight: the same of their weights.
    """

    flagged: bool
    tables: Mapping[str, tuple[Mapping[str, Any], ...]]
    rows: tuple[str, ...] | None
    overpayment: str | None
    sets: tuple[Mapping[str, Any], ...]
    line: int
    note: str = ""
    reason: str | None = None
    weight: float | None = None


@dataclass(frozen=True)
class Rule:
    """A rule of the library; attributes are the keys of its file.

    Args:
        every: each match of a row counts (over merged sums), not the first one alone.
        group: the folder it lies in, one of the catalogue's families.
        optional: tables of which one will do, and code sets without which it still holds.
        together: columns of a pair over all rows that share its key, whoever they belong to.
        edition: first day in force, where it is one of several dated versions of the rule.
        lookback: days before the period that sums read too; flagged rows lie in the period.
        lines: line of the file by key, for messages.
    """

    id: str
    group: str
    title: str
    status: Status
    owner: str
    grain: Grain
    rows: str
    subject: str
    overpayment: str
    reason: str
    weight: str
    basis: str
    false_positives: tuple[str, ...]
    given: str = ""
    let: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    together: Mapping[str, str] = field(default_factory=dict)
    match: tuple[Match, ...] = ()
    every: bool = False
    lookback: int = 0
    absent: tuple[Match, ...] = ()
    where: str = ""
    by: tuple[str, ...] = ()
    measures: Mapping[str, str] = field(default_factory=dict)
    among: str = ""
    derive: Mapping[str, str] = field(default_factory=dict)
    having: str = ""
    extreme: tuple[Extreme, ...] = ()
    evidence: str = ""
    flag: str = ""
    jurisdiction: str = "generic"
    effective: tuple[date, date] = ALWAYS
    edition: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    ask: str = ""
    overrides: bool = False
    examples: tuple[Example, ...] = ()
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The detector name of its findings."""
        return f"rules.{self.group}.{self.id}"

    @property
    def dated_name(self) -> str:
        """The name, and of dated versions which: no two rules of a library share it."""
        return f"{self.name}@{self.edition}" if self.edition else self.name

    @property
    def version(self) -> str:
        """Hash of what the rule means: clauses, parameters, dates; not its prose or examples."""
        meaning = {
            name: getattr(self, name)
            for name in (
                "id", "grain", "rows", "subject", "overpayment", "weight", "given", "key",
                "where", "by", "among", "having", "evidence", "flag", "optional", "every",
                "lookback",
            )
        }  # fmt: skip
        meaning |= {
            "let": list(self.let.items()),
            "together": list(self.together.items()),
            "measures": list(self.measures.items()),
            "derive": list(self.derive.items()),
            "match": [vars(match) for match in self.match],
            "absent": [vars(match) for match in self.absent],
            "extreme": [vars(extreme) for extreme in self.extreme],
            "params": dict(self.params),
            "effective": self.effective,
            "needs": dict(self.needs),
        }
        text = json.dumps(meaning, sort_keys=True, default=str)
        return sha256(text.encode()).hexdigest()[:12]

    def with_params(self, values: Mapping[str, Any]) -> Rule:
        """The rule with a site's values in place of its defaults."""
        return replace(self, params={**self.params, **values})
