"""Months, times and cents, as schemes count them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from claims.synthetic.world import END


def cents(amount: float) -> Decimal:
    """An amount rounded to cents."""
    return Decimal(round(amount * 100)).scaleb(-2)


def next_month(day: date) -> date:
    """The first of the next month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def months(first: date, many: int) -> list[date]:
    """The firsts of ``many`` months from ``first`` on, none after December 2024."""
    found = [first.replace(day=1)]
    while len(found) < many and next_month(found[-1]) <= END:
        found.append(next_month(found[-1]))
    return found


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of that day."""
    return datetime(day.year, day.month, day.day, hour, minute)
