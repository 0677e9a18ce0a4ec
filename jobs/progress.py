"""One line a stage or table on standard error: what was done and how long it took."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic


def say(line: str) -> None:
    """Print one line of progress."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def stage(name: str) -> Iterator[list[str]]:
    """Time a stage; what the block appends to the list is told at its end."""
    started = monotonic()
    told: list[str] = []
    yield told
    say(f"{name:<12} {'; '.join(told):<70} {monotonic() - started:6.1f} s")
