"""Which rules stand beside one another: dated versions of one rule, and a site's in place of ours.

The file ``impossible_day.yaml`` holds a rule, ``impossible_day@2026-01-01.yaml`` the version of it
that is in force from that day on. Versions never overlap, so each service is judged by one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from detectors.rulebook.problems import Problem
from detectors.rulebook.rule import Rule


def together(ours: Sequence[Rule], added: Iterable[tuple[Rule, bool]]) -> list[Rule]:
    """The rules that stand once others are added, by name and first day in force.

    Args:
        ours: rules that stand already.
        added: further rules, each with whether it is a site's; a site's that says ``overrides``
            takes the place of all our versions of that id.
    """
    found = list(added)
    replaced = {rule.id for rule, site in found if site and rule.overrides}
    kept = [rule for rule in ours if rule.id not in replaced]
    kept += [rule for rule, site in found if site or rule.id not in replaced]
    return sorted(kept, key=lambda rule: (rule.name, rule.effective, rule.file))


def clashes(rules: Sequence[Rule], standing: Iterable[Rule] = ()) -> list[Problem]:
    """Ids that stand twice, and versions of one rule that are in force on one day.

    Args:
        rules: all that are to stand, as ``together`` gives them.
        standing: those among them that were there before; the defect is the newcomer's.
    """
    settled = {rule.file for rule in standing}
    by_id: dict[str, list[Rule]] = {}
    for rule in rules:
        by_id.setdefault(rule.id, []).append(rule)
    problems = []
    for versions in by_id.values():
        ordered = sorted(versions, key=lambda rule: (rule.effective, rule.file))
        for one, other in pairwise(ordered):
            old, new = (other, one) if other.file in settled else (one, other)
            fault = _fault(one, other, old)
            if fault:
                line = new.lines.get("effective" if new.edition else "id", 1)
                problems.append(Problem(new.file, line, *fault))
    return problems


def _fault(one: Rule, other: Rule, old: Rule) -> tuple[str, str] | None:
    if not (one.edition or other.edition) or one.group != other.group:
        return (
            f"{old.id} exists in {old.file}",
            "choose another id, or say `overrides: true` in a site's folder",
        )
    if one.effective[1] >= other.effective[0]:
        return (
            f"this version and that of {old.file} are both in force on {other.effective[0]}",
            f"let the earlier one end before: `effective: {{from: {one.effective[0]}, to: …}}`"
            " (of ours, a site's copy that says `overrides: true`)",
        )
    return None
