"""Mutants of a rule: the rule with one thing changed, to see whether its own examples notice.

A mutant flips one comparison, moves one bound, reads another column of the same type, swaps `and`
for `or`, drops a `not`, or drops a part of a key (mutation analysis: DeMillo, Lipton and Sayward
1978, Hints on test data selection, Computer 11(4)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlglot import exp

from claims.model import INPUT_TABLES
from detectors.rulebook.expressions import ROW, parse
from detectors.rulebook.rule import Rule
from detectors.rulebook.shared_views import VIEWS

FLIPS: dict[type[exp.Expr], tuple[type[exp.Binary], ...]] = {
    exp.GT: (exp.GTE, exp.LT),
    exp.GTE: (exp.GT, exp.LTE),
    exp.LT: (exp.LTE, exp.GT),
    exp.LTE: (exp.LT, exp.GTE),
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.And: (exp.Or,),
    exp.Or: (exp.And,),
    exp.Add: (exp.Sub,),
    exp.Sub: (exp.Add,),
}
TEXTS = ("given", "where", "among", "having", "flag", "overpayment")
NAMED = ("let", "together", "derive", "measures")


@dataclass(frozen=True)
class Mutant:
    """A rule with one thing changed, and what was changed in words."""

    rule: Rule
    change: str


def mutants(rule: Rule) -> Iterator[Mutant]:
    """All mutants of a rule, in the order of its clauses."""
    yield from _of_clauses(rule)
    yield from _of_matches(rule)
    for place, part in enumerate(rule.key if len(rule.key) > 1 else ()):
        kept = (*rule.key[:place], *rule.key[place + 1 :])
        yield Mutant(replace(rule, key=kept), f"key without {part}")
    for name, value in rule.params.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            for moved in _moved(value):
                changed = replace(rule, params={**rule.params, name: moved})
                yield Mutant(changed, f"params.{name}: {value} becomes {moved}")


def _of_clauses(rule: Rule) -> Iterator[Mutant]:
    for name in TEXTS:
        for change, mutated in _of_text(getattr(rule, name), rule):
            yield Mutant(_with(rule, name, mutated), f"{name}: {change}")
    for name in NAMED:
        clauses = getattr(rule, name)
        for key, text in clauses.items():
            for change, mutated in _of_text(text, rule):
                changed = _with(rule, name, {**clauses, key: mutated})
                yield Mutant(changed, f"{name}.{key}: {change}")


def _of_matches(rule: Rule) -> Iterator[Mutant]:
    for name in ("match", "absent"):
        clauses = getattr(rule, name)
        for place, clause in enumerate(clauses):
            for change, mutated in _of_text(clause.where, rule):
                own = replace(clause, where=mutated)
                listed = (*clauses[:place], own, *clauses[place + 1 :])
                yield Mutant(_with(rule, name, listed), f"{name} {clause.name}: {change}")


def _with(rule: Rule, clause: str, value: Any) -> Rule:
    changed: dict[str, Any] = {clause: value}
    return replace(rule, **changed)


def _moved(value: float) -> tuple[float, ...]:
    # Whole numbers move by one; shares and rates by a tenth of themselves.
    step = 1 if isinstance(value, int) else abs(value) / 10 or 0.1
    return (round(value - step, 9), round(value + step, 9))


def _of_text(text: str, rule: Rule) -> Iterator[tuple[str, str]]:
    """Changes of one expression: what changed, and the new text."""
    if not text:
        return
    tree = parse(text, windows=True, aggregates=True)
    for place, node in enumerate(tree.walk()):
        for change, make in _changes(node, rule):
            copy = tree.copy()
            target = list(copy.walk())[place]
            made = make(target)
            whole = made if target is copy else copy
            if target is not copy:
                target.replace(made)
            yield change, _text(whole)


def _changes(node: exp.Expr, rule: Rule) -> Iterator[tuple[str, Callable[[Any], exp.Expr]]]:
    for other in FLIPS.get(type(node), ()):
        words = f"{_text(node)}: {type(node).__name__} becomes {other.__name__}"
        yield words, partial(_flipped, other)
    if isinstance(node, exp.Not):
        yield f"{_text(node)}: not dropped", lambda old: old.this
    if isinstance(node, exp.Between):
        yield (
            f"{_text(node)}: lower end left out",
            lambda old: exp.and_(old.this > old.args["low"], old.this.copy() <= old.args["high"]),
        )
        yield (
            f"{_text(node)}: upper end left out",
            lambda old: exp.and_(old.this >= old.args["low"], old.this.copy() < old.args["high"]),
        )
    if isinstance(node, exp.Literal) and not node.is_string and not _typed(node):
        value = float(node.this) if "." in node.this else int(node.this)
        for moved in _moved(value):
            if moved >= 0:
                yield f"{value} becomes {moved}", partial(_number, moved)
    if isinstance(node, exp.Column):
        other_name = _other_column(node, rule)
        if other_name:
            yield f"{_text(node)} becomes {other_name}", partial(_renamed, other_name)


def _typed(node: exp.Expr) -> bool:
    """A number that is part of a type, an interval or an ordinal, not a bound."""
    return node.find_ancestor(exp.DataType) is not None


def _flipped(other: type[exp.Binary], old: exp.Binary) -> exp.Expr:
    return other(this=old.this, expression=old.expression)


def _number(moved: float, _: exp.Expr) -> exp.Expr:
    return exp.Literal.number(str(moved))


def _renamed(name: str, column: exp.Column) -> exp.Expr:
    copy = column.copy()
    copy.set("this", exp.to_identifier(name))
    return copy


def _other_column(node: exp.Column, rule: Rule) -> str:
    """Another column of the same view and type: the next one in the view's order."""
    parts = [part.name for part in node.parts]
    clauses = (*rule.match, *rule.absent)
    others = {clause.name: _view_of(clause.view, rule) for clause in clauses}
    view_name = others.get(parts[0], rule.rows)
    if parts[0] in (*others, ROW):
        parts = parts[1:]
    if view_name not in VIEWS or len(parts) != 1:
        return ""
    view = VIEWS[view_name]
    kind = view.column((parts[0],))
    if kind is None:
        return ""
    names = [name for name in _columns(view_name) if view.column((name,)) == kind]
    if parts[0] not in names or len(names) < 2:
        return ""
    return names[(names.index(parts[0]) + 1) % len(names)]


def _view_of(name: str, rule: Rule) -> str:
    return rule.rows if name == "same" else name


def _columns(view_name: str) -> list[str]:
    view = VIEWS[view_name]
    table = list(INPUT_TABLES[view.table].names) if view.table else []
    return [*table, *view.columns]


def _text(tree: exp.Expr) -> str:
    text = str(tree.sql(dialect="duckdb"))
    # Parameters were parsed as placeholders; the rule's own spelling is read again.
    for found in tree.find_all(exp.Placeholder):
        text = text.replace(f"${found.name}", "{" + found.name + "}")
    return text.replace(f"{ROW}.", "row.")
