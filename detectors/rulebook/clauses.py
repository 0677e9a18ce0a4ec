"""What makes a rule true, clause by clause: SQL with the words of each clause as a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from textwrap import fill

from detectors.rulebook.rule import Extreme, Match, Rule

WIDTH = 100
_MARKS = re.compile(r"'[^']*'|[()]|\b(?:between|and|or|case|end)\b", re.IGNORECASE)


def condition(rule: Rule) -> str:
    """The clauses of a rule in the order in which they are decided, for people to read."""
    lines: list[str] = []
    for words, group in groupby(_told(rule), key=lambda told: told[0]):
        texts = [text.strip() for _, text in group]
        lines.append(_filled(f"-- {words}", "--   "))
        lines += [_broken(line) for text in texts for line in text.splitlines()]
    return "\n".join(lines)


def _broken(line: str) -> str:
    """A line of SQL that fits the page: broken before its conjunctions, else where it must be."""
    if len(line) <= WIDTH:
        return line
    lead = " " * (len(line) - len(line.lstrip()))
    parts, start, depth, between = [], 0, 0, False
    for found in _MARKS.finditer(line):
        word = found.group().lower()
        depth += (word in ("(", "case")) - (word in (")", "end"))
        if depth or word not in ("between", "and", "or"):
            continue
        if word != "between" and not between:
            parts.append(line[start : found.start()].strip())
            start = found.start()
        between = word == "between"
    parts.append(line[start:].strip())
    whole = [_filled(part, f"{lead}    ") for part in parts if part]
    return lead + f"\n{lead}  ".join(whole)


def _filled(line: str, indent: str) -> str:
    return fill(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _told(rule: Rule) -> Iterator[tuple[str, str]]:
    yield f"looks at {rule.rows or rule.evidence} ({rule.grain.replace('_', ' ')})", ""
    yield from _where("only rows where", rule.given)
    yield from _named("with", rule.let)
    if rule.key:
        yield f"rows that share {', '.join(rule.key)}", ""
    yield from _named("with, over all rows that share it", rule.together)
    for match in rule.match:
        yield f"and {_another(rule, match, 'a')}", match.where
    for clause in rule.absent:
        yield f"and {_another(rule, clause, 'no')}", clause.where
    yield from _where("where", rule.where)
    if rule.measures:
        each = "".join(f", {part}" for part in rule.by)
        yield from _named(f"summed for each {rule.subject}{each}", rule.measures)
    yield from _where("only subjects where", rule.among)
    yield from _named("and of these", rule.derive)
    for extreme in rule.extreme:
        yield _far(extreme), ""
    yield from _where("flagged where", rule.having)
    yield from _where("of their rows, those where", rule.flag)


def _where(words: str, text: str) -> Iterator[tuple[str, str]]:
    if text.strip():
        yield words, text


def _named(words: str, columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in columns.items():
        yield words, f"{text.strip()} as {name}"


def _another(rule: Rule, match: Match, article: str) -> str:
    """Which other row must be there, or not."""
    own = f"{article} further row{'' if rule.key else ' of the person'}"
    row = own if match.view == "same" else f"{article} row of {match.view}"
    order = f" (the first by {', '.join(match.order)})" if match.order else ""
    return f"{row}{order}, here {match.name}, where"


def _far(extreme: Extreme) -> str:
    among = f"peers of one {', '.join(extreme.peers)}" if extreme.peers else "all others"
    limit = (
        f"above the upper quartile by {extreme.fence} interquartile ranges"
        if extreme.fence
        else f"robust z of at least {extreme.z}"
    )
    told = f"{extreme.measure} far above {among}: {limit}, at least {extreme.min_peers} of them"
    return f"{extreme.name}: {told}" if extreme.name else f"and {told}"
