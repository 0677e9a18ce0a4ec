"""A rule leaves shadow by a person's recorded decision, and only in the version that was judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cases import yields
from cases.decisions import DecisionError, Identity, open_store
from cases.promotions import promote, promoted
from detectors.rulebook.library import library


def test_a_promotion_holds_for_the_version_judged_until_it_is_taken_back(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'd.db'}", identity=Identity("ann"))
    by = library()
    trial = next(rule for rule in by.rules if rule.status == "shadow")
    active = next(rule for rule in by.rules if rule.status == "active")
    assert promoted(by, store) == (by, [])
    with pytest.raises(DecisionError, match="blank"):
        promote(store, trial, "active", " ")
    with pytest.raises(DecisionError, match="is active by its file"):
        promote(store, active, "active", "why not")

    promote(store, trial, "active", "28 of 30 were right")
    found, lapsed = promoted(by, store)
    assert lapsed == []
    assert [r.name for r in found.rules if r.status != by_name(by, r.name)] == [trial.name]
    assert found.origin["params"] == {trial.id: {"status": "active"}}
    assert found.hash != by.hash

    changed = replace(by, rules=tuple(
        replace(r, weight="0.01") if r.name == trial.name else r for r in by.rules
    ))  # fmt: skip
    kept, lapsed = promoted(changed, store)
    assert kept.rules == changed.rules
    assert lapsed == [f"{trial.name} has changed since it was promoted, and runs in shadow"]

    promote(store, trial, "shadow", "too many honest ones")
    assert promoted(by, store) == (by, [])
    told = yields.promotions(store)
    assert told["name"].tolist() == [trial.name] * 2
    assert told["reason"].tolist() == ["28 of 30 were right", "too many honest ones"]


def by_name(by: object, name: str) -> str:
    return next(r.status for r in by.rules if r.name == name)  # type: ignore[attr-defined]
