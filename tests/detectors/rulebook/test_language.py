"""What authors are told a rule may name is what the rulebook admits."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlglot import exp

from detectors.rulebook import code_sets, language
from detectors.rulebook.expressions import AGGREGATES, PLAIN_FUNCTIONS, SET_FUNCTIONS, WINDOWED
from detectors.rulebook.expressions import parse as parsed
from detectors.rulebook.problems import ExpressionError, RuleError
from detectors.rulebook.scope import Scope
from detectors.rulebook.shared_views import VIEWS

# Operators that the parser takes for functions, and one that it cannot be brought to name.
OPERATORS = frozenset(("and", "or", "not", "xor", "to_number"))
ADMITTED = PLAIN_FUNCTIONS | AGGREGATES | WINDOWED | SET_FUNCTIONS
CALLS = language.calls()


def names(text: str) -> Iterator[str]:
    for node in parsed(text, True, True).walk():
        if isinstance(node, exp.Func):
            yield (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def told() -> set[str]:
    """Functions of the calls, and those that the answers name besides."""
    found: set[str] = set()
    for call in CALLS:
        found |= {*names(call.call), *re.findall(r"\w+(?=\()", call.call)}
        for word in re.findall(r"`(\w+)", call.answer):
            found.add(word)
            for arguments in ("(units, 1)", "(units)"):
                try:
                    found |= set(names(word + arguments))
                except ExpressionError:
                    continue
    return found


def test_every_function_that_is_admitted_is_told() -> None:
    assert ADMITTED - OPERATORS - told() == set()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.call)
def test_a_call_is_admitted_as_it_is_told(call: language.Call) -> None:
    lines, payments = VIEWS["lines"], VIEWS["payments"]
    two_rows = "other." in call.call
    scope = Scope(payments, {"other": payments}) if two_rows else Scope(lines)
    aggregates, windows = call.kind == "Aggregates", call.kind == "Windows"
    assert scope.sql(call.call, windows, aggregates)


def test_sets_that_are_named_are_shipped() -> None:
    named = {
        name for call in CALLS for name in re.findall(r"_(?:set|value|related)\('(\w+)", call.call)
    }
    assert named and named <= set(language.code_sets())


def test_sets_that_only_a_site_can_fill_are_known_and_not_empty_sets_of_ours() -> None:
    assert "panels" in code_sets.to_load()
    assert code_sets.known() == {*code_sets.to_load(), *language.code_sets()}
    assert not set(code_sets.to_load()) & set(language.code_sets())


def test_every_view_is_told() -> None:
    assert list(language.views()) == list(VIEWS)
    assert all(language.views().values())


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_told_can_be_read(view: str) -> None:
    scope = Scope(VIEWS[view])
    found = language.columns(view)
    assert found
    for column in found:
        assert column.type
        assert scope.sql(column.name)


def test_a_column_tells_where_it_comes_from() -> None:
    found = {column.name: column for column in language.columns("lines")}
    assert found["paid_amount"].origin == language.LOADED
    assert found["units"].origin == language.COMPUTED
    assert found["member.birth_date"] == language.Column(
        "member.birth_date", "date", "members by person_id"
    )
    assert found["procedure.fee_amount"].origin == "procedures by procedure_code on the row's date"


def test_an_unknown_view_is_told_with_those_it_may_be() -> None:
    with pytest.raises(RuleError, match="lins: no such view; did you mean lines"):
        language.columns("lins")
