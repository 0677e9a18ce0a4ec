"""Rules that a person has promoted out of shadow, and how they have done beside those that count.

A promotion is a record in the store of decisions, with author, reason and the version of the rule
that was judged. It holds for that version: a rule changed since runs in shadow until it is promoted
again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from cases.decisions import DecisionError, Store
from cases.decisions.settings import PROMOTED, put
from detectors.rulebook.library import Library
from detectors.rulebook.rule import Rule
from detectors.rulebook.site_params import with_values

ACTIVE, SHADOW = "active", "shadow"


def promote(store: Store, rule: Rule, status: str, reason: str) -> None:
    """Record that a rule in shadow counts from now on, or no longer does.

    Args:
        status: ``active``, or ``shadow`` to put it back.

    Raises:
        DecisionError: the rule is not in shadow by its own file, or no reason is given.
    """
    if rule.status != SHADOW:
        raise DecisionError(
            f"{rule.name} is {rule.status} by its file, not in shadow; its status is changed there "
            "or in the file of parameters"
        )
    value = json.dumps({"status": status, "version": rule.version})
    put(store.engine, store.identity, PROMOTED + rule.name, value, reason)


def promoted(library: Library, store: Store) -> tuple[Library, list[str]]:
    """The library with the promotions that hold, and what to tell of those that do not.

    Promotions are kept among the library's parameters, so that a run's row names them.
    """
    active, lapsed = _holding(library, store)
    values = {rule.id: {**library.params.get(rule.id, {}), "status": ACTIVE} for rule in active}
    rules = with_values(library.rules, {rule.id: {"status": ACTIVE} for rule in active})
    return replace(library, rules=rules, params={**library.params, **values}), lapsed


def _holding(library: Library, store: Store) -> tuple[list[Rule], list[str]]:
    last = {s.name: json.loads(s.value) for s in store.settings() if s.name.startswith(PROMOTED)}
    active, lapsed = [], []
    for rule in _in_shadow(library):
        said = last.get(PROMOTED + rule.name, {})
        if said.get("status") != ACTIVE:
            continue
        if said["version"] == rule.version:
            active.append(rule)
        else:
            lapsed.append(f"{rule.name} has changed since it was promoted, and runs in shadow")
    return active, lapsed


def _in_shadow(library: Library) -> Iterator[Rule]:
    return (rule for rule in library.rules if rule.status == SHADOW)
