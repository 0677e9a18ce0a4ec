"""A value, or null where it stands for nothing, written into a rule as ``known(phone)``.

Phones, addresses and ids that are blank, a word such as UNKNOWN or one digit repeated would tie
strangers together; a null groups and joins with nobody.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from claims.identifiers import placeholder_sql
from detectors.rulebook.problems import ExpressionError

KNOWN = "known"
_KNOWN = sqlglot.parse_one(
    f"(case when {placeholder_sql('($value)')} then null else ($value) end)", dialect="duckdb"
)


def told(tree: exp.Expr) -> exp.Expr:
    """The expression with every ``known`` written out.

    Raises:
        ExpressionError: it does not hold one value.
    """

    def replace(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Anonymous) or node.name.lower() != KNOWN:
            return node
        if len(node.expressions) != 1:
            raise ExpressionError(f"{KNOWN} of several values", f"write {KNOWN}(column)")
        value = told(node.expressions[0])
        return _KNOWN.transform(
            lambda part: value.copy() if isinstance(part, exp.Placeholder) else part
        )

    return tree.transform(replace)
