"""The catalogue as a page for people: what every column of a profile measures."""

from __future__ import annotations

from typing import Final, get_args

from features.catalogue import Direction, Feature, Subject, features_of
from features.peers import LADDERS

_SUBJECTS: Final[dict[Subject, tuple[str, str]]] = {
    "provider": (
        "Providers",
        "`provider_profiles`: one row a provider who billed, rendered timed services, ordered or "
        "certified in the period. What is billed is null for those who billed nothing.",
    ),
    "member": (
        "Members",
        "`member_profiles`: one row a person with a net claim line or benefit payment.",
    ),
    "employer": (
        "Employers",
        "`employer_profiles`: one row an employer with workers, benefits of workers or "
        "declarations; absent where no employers and employments were loaded.",
    ),
    "account": (
        "Accounts",
        "`account_profiles`: one row a bank account that claim lines or benefits were paid to.",
    ),
}

_SIDES: Final[dict[Direction, str]] = {
    "high": "high",
    "low": "low",
    "both": "either",
    "none": "",
}

_HEAD = """# The features of a run

Every column of the profiles that detectors, case files and notebooks read, written by
`vigie feature-docs` from the catalogue in `features/`. A profile has one row a subject and period
of a run. Sums are made in the member buckets and merged; claims and benefits are the net state,
without what was voided, replaced, denied or is pending. Doubles are rounded to nine decimals.

*Costly side* is the side on which a value is a reason to look; without one the feature only
describes. A *total* grows with the subject's size and is never itself a suspicion: detectors use it
as a base or a stake, and a forest does not see it. A share lies in [0, 1].
"""


def page() -> str:
    """Markdown of ``docs/features.md``."""
    parts = [_HEAD, _overview()]
    for subject in get_args(Subject):
        title, told = _SUBJECTS[subject]
        parts.append(f"## {title}\n\n{told}\n\n{_ladder(subject)}\n\n{_table(subject)}")
    return "\n".join(parts)


def _overview() -> str:
    rows = []
    for subject in get_args(Subject):
        listed = features_of(subject)
        sided = sum(not f.total and f.direction != "none" for f in listed)
        totals = sum(f.total for f in listed)
        rows.append(f"| {subject} | {len(listed)} | {sided} | {totals} |")
    whole = sum(len(features_of(subject)) for subject in get_args(Subject))
    head = "| subject | features | with a costly side | totals |\n|---|---|---|---|"
    return f"{whole} features in all.\n\n{head}\n" + "\n".join(rows) + "\n"


def _ladder(subject: Subject) -> str:
    ladder = LADDERS[subject]
    rungs = "; ".join(" × ".join(_words(name) for name in rung) or "all" for rung in ladder.rungs)
    return f"Peers, from the narrowest group to the widest: {rungs}."


def _words(column: str) -> str:
    return column.replace("_", " ")


def _table(subject: Subject) -> str:
    head = "| feature | definition | unit | costly side | null |\n|---|---|---|---|---|"
    return head + "\n" + "\n".join(_row(feature) for feature in features_of(subject)) + "\n"


def _row(feature: Feature) -> str:
    unit = feature.unit + (", total" if feature.total else "")
    cells = (
        f"`{feature.name}`",
        feature.definition,
        unit,
        _SIDES[feature.direction],
        feature.nulls,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
