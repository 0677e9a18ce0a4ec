"""Checks of rules that need no data: expressions, names, and what DuckDB makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import duckdb
from sqlglot import exp

from detectors.rulebook.code_sets import known
from detectors.rulebook.declared import declare
from detectors.rulebook.evaluate import describe, with_candidates
from detectors.rulebook.expressions import SET_FUNCTIONS, parse
from detectors.rulebook.fields import CONDITIONS
from detectors.rulebook.plan import Plan, plan
from detectors.rulebook.problems import ExpressionError, Problem
from detectors.rulebook.rewriting import SET_NAME
from detectors.rulebook.rule import Rule

# What a clause may be in turn, to find the one that DuckDB refuses.
HARMLESS: Mapping[str, Any] = {
    **dict.fromkeys(CONDITIONS, "true"), "overpayment": "0", "weight": "0.5", "reason": "-",
    "absent": (), "extreme": (),
}  # fmt: skip
# Columns that other clauses name, so that none of them can be left out.
OWN_COLUMNS = ("let", "together", "measures", "derive", "match")
BOOLEAN = (
    exp.Predicate, exp.Connector, exp.Not, exp.Boolean, exp.In, exp.Between, exp.Column,
    exp.Anonymous, exp.StartsWith, exp.RegexpLike, exp.Contains, exp.LogicalOr, exp.LogicalAnd,
    exp.Exists, exp.Null,
)  # fmt: skip
# Only binding runs here, yet what authors wrote is bound where no file can be reached.
ENCLOSED: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "enable_external_access": False,
}


def check(rules: Sequence[Rule]) -> list[Problem]:
    """Every defect of the rules' expressions."""
    problems: list[Problem] = []
    plans: list[Plan] = []
    for rule in rules:
        found = [*_prose(rule), *_expressions(rule)]
        problems += found
        if found:
            continue
        try:
            planned = plan(rule)
        except ExpressionError as error:
            line = _line_of(rule, error)
            problems.append(Problem(rule.file, line, error.fault, error.remedy))
            continue
        if planned.unused:
            names = ", ".join(sorted(planned.unused))
            line = rule.lines.get("params", 1)
            problems.append(Problem(rule.file, line, f"unused parameter {names}", "drop it"))
        plans.append(planned)
    return problems + _bound(plans)


def _expressions(rule: Rule) -> Iterator[Problem]:
    """What does not parse or is not admitted, expression by expression."""
    for key, text, windows, aggregates in _texts(rule):
        try:
            tree = parse(text, windows, aggregates)
        except ExpressionError as error:
            yield Problem(rule.file, rule.lines.get(key, 1), f"{key}: {error.fault}", error.remedy)
            continue
        for name in _unknown_sets(rule, tree):
            near = get_close_matches(name, sorted(known()), 3)
            asked = f"did you mean {' or '.join(near)}? If not, " if near else ""
            shown = f"sets: [{{code_set: {name}, code: …}}]"
            yield Problem(
                rule.file, rule.lines.get(key, 1), f"{key}: unknown code set {name}",
                f"{asked}show what a site loads in an example: {shown}",
            )  # fmt: skip
        if key in (*CONDITIONS, "match", "absent") and not _boolean(tree):
            yield Problem(
                rule.file, rule.lines.get(key, 1), f"{key} is not a condition",
                "write a comparison that is true or false",
            )  # fmt: skip


def _unknown_sets(rule: Rule, tree: exp.Expr) -> list[str]:
    """Sets that an expression names and neither we nor the rule's own examples have."""
    calls = (node for node in tree.find_all(exp.Anonymous) if node.name.lower() in SET_FUNCTIONS)
    first = [argument for call in calls for argument in call.expressions[:1]]
    # Of a call without a set, or of one whose name is no word, the plan says what is wrong.
    named = {
        argument.name
        for argument in first
        if isinstance(argument, exp.Literal) and SET_NAME.fullmatch(argument.name)
    }
    shown = {row.get("code_set") for example in rule.examples for row in example.sets}
    return sorted(named - known() - shown - set(rule.optional))


def _prose(rule: Rule) -> Iterator[Problem]:
    """What is wrong with the sentence's braces and with a weight that is a plain number."""
    if re.search(r"[{}]", re.sub(r"\{[^{}]+\}", "", rule.reason)):
        remedy = "close each {value}; a brace alone has no place"
        yield Problem(rule.file, rule.lines.get("reason", 1), "reason: a brace is open", remedy)
    if re.fullmatch(r"-?[0-9.]+", rule.weight.strip()) and not 0 <= float(rule.weight) <= 1:
        fault = f"weight {rule.weight.strip()} is not between 0 and 1"
        yield Problem(rule.file, rule.lines.get("weight", 1), fault, "write a share such as 0.5")


def _texts(rule: Rule) -> Iterator[tuple[str, str, bool, bool]]:
    for key in (*CONDITIONS, "subject", "overpayment", "weight"):
        if getattr(rule, key):
            yield key, getattr(rule, key), False, False
    for key in ("let", "together", "derive"):
        for text in getattr(rule, key).values():
            yield key, text, True, False
    for text in rule.measures.values():
        yield "measures", text, False, True
    for key in ("key", "by"):
        for text in getattr(rule, key):
            yield key, text, False, False
    for key in ("match", "absent"):
        for clause in getattr(rule, key):
            yield key, clause.where, False, False


def _boolean(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren):
        return _boolean(node.this)
    if isinstance(node, exp.Coalesce):
        return _boolean(node.this)
    if isinstance(node, exp.If | exp.Case):
        return True
    return isinstance(node, BOOLEAN)


def _line_of(rule: Rule, error: ExpressionError) -> int:
    """The line of the clause that names what the error is about."""
    word = error.fault.rsplit(" ", 1)[-1]
    for key, text, _, _ in _texts(rule):
        if word in text:
            return rule.lines.get(key, 1)
    return rule.lines.get("reason", 1) if word in rule.reason else 1


def _bound(plans: Sequence[Plan]) -> list[Problem]:
    """What DuckDB refuses of the statements, over empty tables."""
    problems: list[Problem] = []
    if not plans:
        return problems
    with duckdb.connect(config=ENCLOSED) as connection:
        declare(connection, plans)
        for planned in plans:
            fault = _refused(connection, planned)
            if fault:
                key = _refused_clause(connection, planned.rule)
                line = planned.rule.lines.get(key, 1)
                told = f"{key}: {fault}" if key else fault
                remedy = "mend the types or functions it names"
                problems.append(Problem(planned.rule.file, line, told, remedy))
    return problems


def _refused_clause(connection: duckdb.DuckDBPyConnection, rule: Rule) -> str:
    """The clause without which DuckDB takes the rule; empty where it is more than one."""
    for key, harmless in HARMLESS.items():
        if getattr(rule, key):
            try:
                without = plan(replace(rule, **{key: harmless}))
            except ExpressionError:
                continue
            if not _refused(connection, without):
                return key
    return next((key for key in OWN_COLUMNS if getattr(rule, key)), "")


def _refused(connection: duckdb.DuckDBPyConnection, planned: Plan) -> str:
    """What binding finds; a view is bound and no more, where `explain` would go on to a plan."""
    try:
        if planned.candidates:
            with_candidates(connection, planned.candidates)
        for text in (planned.hits, planned.partial, planned.subjects, planned.named, planned.keyed):
            if text:
                connection.execute(f"create or replace temp view bound as {text}")
    except duckdb.Error as error:
        return describe(error)
    return ""
