"""What a run tells of detectors that did not run."""

from __future__ import annotations

from jobs.detect_stage import silent_lines


def test_many_that_share_a_reason_share_a_line() -> None:
    shared = {f"rules.group.rule_{n}": "in shadow: it opens no case" for n in range(9)}
    lines = list(silent_lines({**shared, "forest.members": "11 members; a forest needs 200"}))
    assert lines == [
        "  not run: forest.members, because 11 members; a forest needs 200",
        "  not run: 9 detectors, because in shadow: it opens no case",
    ]
