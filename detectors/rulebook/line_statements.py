"""A line rule as the parts of its condition and the wording of its hits, for line_rules.py."""

from __future__ import annotations

from dataclasses import replace

import sqlglot

from detectors.rulebook.conjuncts import Conjunct, conjuncts
from detectors.rulebook.expressions import DUCKDB
from detectors.rulebook.rows import RowStage

# Column in which candidates of several rules name theirs.
RULE = "rule "


def line_statements(rows: RowStage) -> tuple[tuple[Conjunct, ...], str]:
    """What a row must meet, and the hits over ``candidates`` that meet it and name their rule.

    Nothing where more than the row itself decides. A sub-query stays with the hits, as it joins,
    and is asked of the few rows that are left.
    """
    rule = rows.rule
    if rule.grain != "line" or rule.given or rule.let or rule.match or rule.absent or rule.evidence:
        return (), ""

    def text(flat: str) -> bool:
        return rows.view.column(tuple(flat.split(".", 1))) == "varchar"

    trees = [sqlglot.parse_one(rows.dated, dialect=DUCKDB)]
    parts = conjuncts([*trees, rows.where] if rows.where else trees, text)
    asking = " and ".join(f"({part.sql})" for part in parts if part.asks)
    undue = replace(rows.wording(), relation="candidates", condition=asking or "true")
    return parts, rows.flagged(undue, f'"row"."{RULE}"')
