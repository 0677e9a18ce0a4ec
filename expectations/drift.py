"""Measures of a load as a whole: size, nulls, money and age against the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from expectations.counting import Counts
from expectations.report import Account, Measures

NULL_DRIFT = 0.10
# Checks on what a load refused, judged by its account and not by its rows.
QUARANTINE = ("none_quarantined", "most_accepted")


@dataclass(frozen=True)
class Observed:
    """A check's value before it is judged.

    Args:
        value: what the tolerance is compared with; nothing where the check did not run.
        failing: rows or columns that fail, where the check counts any.
        reason: why it did not run, or which columns are meant.
    """

    value: float | None = None
    failing: int | None = None
    reason: str = ""


def measures(counts: Counts) -> Measures:
    """What is kept of a table for the next comparison."""
    shares = {
        name: round(nulls / counts.rows, 6) if counts.rows else 1.0
        for name, nulls in sorted(counts.nulls.items())
    }
    daily = (
        round(counts.money / counts.days, 2) if counts.money is not None and counts.days else None
    )
    newest = counts.newest.isoformat() if counts.newest else None
    return Measures(counts.rows, shares, daily, newest)


def observe(name: str, now: Measures, before: Measures | None, as_of: date) -> Observed:
    """The value of one check of kind ``load``.

    Args:
        name: the check's name within its table.
        now: the table's measures.
        before: those of the last load, if there was one.
    """
    if name == "has_rows":
        return Observed(0.0 if now.rows else 1.0)
    if name == "newest_age":
        if now.newest is None:
            return Observed(reason="no day up to the as-of date")
        return Observed(float((as_of - date.fromisoformat(now.newest)).days))
    if before is None:
        return Observed(reason="no earlier load to compare with")
    return COMPARISONS[name](now, before)


def quarantined(account: Account | None) -> Observed:
    """Rows that came and lie in quarantine, and their share of all that came."""
    if account is None:
        return Observed(reason="how many rows came in is not known")
    refused = int(account["quarantined"])
    return Observed(round(_share(refused, int(account["in"])), 9), refused)


def _rows_kept(now: Measures, before: Measures) -> Observed:
    return Observed(_share(max(0, before.rows - now.rows), before.rows))


def _rows_drift(now: Measures, before: Measures) -> Observed:
    return Observed(_share(abs(now.rows - before.rows), before.rows))


def _null_share_drift(now: Measures, before: Measures) -> Observed:
    if not now.rows or not before.rows:
        return Observed(reason="no rows to compare")
    names = sorted({*now.null_shares, *before.null_shares})
    changes = {
        name: abs(now.null_shares.get(name, 1.0) - before.null_shares.get(name, 1.0))
        for name in names
    }
    moved = [name for name in names if changes[name] > NULL_DRIFT]
    return Observed(max(changes.values(), default=0.0), len(moved), ", ".join(moved))


def _money_drift(now: Measures, before: Measures) -> Observed:
    if now.money_per_day is None or not before.money_per_day:
        return Observed(reason="no money to compare")
    return Observed(abs(now.money_per_day / before.money_per_day - 1))


def _newest_kept(now: Measures, before: Measures) -> Observed:
    if now.newest is None or before.newest is None:
        return Observed(reason="no day to compare")
    lost = date.fromisoformat(before.newest) - date.fromisoformat(now.newest)
    return Observed(float(max(0, lost.days)))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


COMPARISONS: Mapping[str, Callable[[Measures, Measures], Observed]] = {
    "rows_kept": _rows_kept,
    "rows_drift": _rows_drift,
    "null_share_drift": _null_share_drift,
    "money_drift": _money_drift,
    "newest_kept": _newest_kept,
}
