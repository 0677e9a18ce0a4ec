"""One suite a table: a function that returns its typed checks."""

from __future__ import annotations

from collections.abc import Callable

from expectations.check import Check
from expectations.suites import benefits, health, reference

SUITES: dict[str, Callable[[], tuple[Check, ...]]] = {
    suite.__name__: suite for suite in (*health.SUITES, *benefits.SUITES, *reference.SUITES)
}
