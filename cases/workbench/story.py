"""A case in words: what stands out, what it is compared with, and what would make it innocent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cases.reading import CaseFile
from cases.workbench import charts

Reason = dict[str, Any]
INNOCENT = ("false_positives", "innocent_if")
WORDS = {"claim_lines": "claim lines", "benefit_payments": "payments"}


def reasons_of(file: CaseFile) -> list[Reason]:
    """What stands out, strongest first: detector, family, points, reason, details and more."""
    return [
        {**row, "family": family(row["detector"]), "details": json.loads(row["details"] or "{}")}
        for row in file.contributions
        if row["finding_id"] is not None
    ]


def subjects_of(file: CaseFile, reasons: Sequence[Reason]) -> list[tuple[str, str]]:
    """Type and id of the subject and, for a group, of each of its members."""
    members = [
        (member["subject_type"], member["subject_id"])
        for row in reasons
        for member in row["details"].get("subjects") or ()
    ]
    return list(dict.fromkeys([(file.case["subject_type"], file.case["subject_id"]), *members]))


def innocent_explanations(reasons: Iterable[Reason]) -> list[str]:
    """What to rule out first, as the detectors and rules name it, each once."""
    named = [
        text for row in reasons for key in INNOCENT for text in _texts(row["details"].get(key))
    ]
    return list(dict.fromkeys(named))


def lead(file: CaseFile, reasons: Sequence[Reason], currency: str) -> str:
    """The case in two sentences: how many reasons of which families, on which rows, of when."""
    counted = [row for row in reasons if row["points"] > 0]
    families = list(dict.fromkeys(row["family"] for row in counted))
    flagged = [row for row in file.evidence if row["role"] == "flagged"]
    tables: dict[str, set[str]] = {}
    for row in flagged:
        tables.setdefault(row["table_name"], set()).add(row["row_key"])
    named = ", ".join(
        f"{len(keys):,} {WORDS.get(table, 'rows of ' + table)}" for table, keys in tables.items()
    )
    many = "one reason counts" if len(counted) == 1 else f"{len(counted)} reasons count"
    whole = f"{many}, of {_and(families)}." if counted else "No reason counts."
    paid, undue = file.case["exposure"] or 0, file.case["overpayment"] or 0
    rows = f" They rest on {named}: {paid:,.0f} {currency} at stake" if named else ""
    if named and len(file.evidence) < file.evidence_rows:
        rows = rows.replace(f"on {named}", f"on {named} and more")
    believed = f", of which {undue:,.0f} are believed paid in error." if named else ""
    return (whole[0].upper() + whole[1:]) + rows + believed


def comparisons(reasons: Iterable[Reason]) -> list[charts.Comparison]:
    """What findings observed beside what they expected, where both are numbers."""
    return [found for row in reasons for found in _comparisons(row)]


def measures_of(reasons: Iterable[Reason]) -> list[str]:
    """Profile columns that findings rest on, strongest finding first."""
    found = []
    for row in reasons:
        drivers = row["details"].get("drivers")
        parts = drivers if isinstance(drivers, list) else [row["details"]]
        found += [str(part.get("feature") or part.get("measure") or "") for part in parts]
    return list(dict.fromkeys(name for name in found if name))


def family(detector: str) -> str:
    """The first word of a detector's name."""
    return detector.split(".", maxsplit=1)[0]


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(text) for text in value] if isinstance(value, list) else []


def _comparisons(row: Mapping[str, Any]) -> list[charts.Comparison]:
    """What a finding compares: itself, or each feature that drove it."""
    details = row["details"]
    drivers = details.get("drivers")
    compared = drivers if isinstance(drivers, list) else [details]
    size = details["peers"].get("size") if isinstance(details.get("peers"), dict) else None
    found = []
    for part in compared:
        observed, expected = _number(part.get("observed")), _number(part.get("expected"))
        if observed is not None and expected is not None and expected > 0:
            name = part.get("feature") or details.get("measure")
            label = f"{row['family']}: {name}" if name else row["detector"]
            found.append(
                charts.Comparison(
                    label + (f" ({size:,} peers)" if size else ""),
                    observed,
                    expected,
                    _number(part.get("threshold")),
                )
            )
    return found


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
