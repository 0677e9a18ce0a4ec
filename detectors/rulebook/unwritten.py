"""What a starter leaves to its author: texts marked TODO, each with its line and remedy.

A draft may hold them, as it can be tested and never runs; a rule that runs may not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from detectors.rulebook.problems import Problem

MARK = "TODO"
REMEDIES: Mapping[str, str] = {
    "title": "say in a few words what does not fit",
    "basis": "name the law, contract or report that the rule rests on",
    "false_positives": "name an honest case that it would flag",
    "ask": "say what to ask the subject for",
}
_DRAFT = re.compile(r"^status:\s*['\"]?draft\b", re.MULTILINE)
_KEY = re.compile(r"([a-z_]+):")
_COMMENT = re.compile(r"(^|\s)#.*$")


def is_draft(text: str) -> bool:
    """The text of a rule file says that it is a draft."""
    return _DRAFT.search(text) is not None


def unwritten(file: str, text: str) -> Iterator[Problem]:
    """Every text of a rule file that its author still has to write.

    Args:
        file: path as messages name it.
    """
    if MARK not in text:
        return
    key = ""
    for number, line in enumerate(text.splitlines(), 1):
        found = _KEY.match(line)
        key = found.group(1) if found else key
        if MARK in _COMMENT.sub("", line):
            remedy = REMEDIES.get(key, "write what it stands for")
            yield Problem(file, number, f"{key} is still to be written", remedy)
