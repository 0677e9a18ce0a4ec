"""Kilometres between two positions, written into a rule as ``km_between(lat, lon, lat, lon)``."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from detectors.rulebook.problems import ExpressionError

KM_BETWEEN = "km_between"
EARTH_KM = 6371.0088  # mean radius, IUGG 1980
_NAMES = ("lat1", "lon1", "lat2", "lon2")

# The haversine, which stays exact for short ways. A part that is missing makes the distance
# unknown, and so does latitude 0 with longitude 0, which sources write for a missing position.
_KM = sqlglot.parse_one(
    f"""(case when ($lat1) + ($lon1) + ($lat2) + ($lon2) is not null
        and not (($lat1) = 0 and ($lon1) = 0) and not (($lat2) = 0 and ($lon2) = 0)
    then {2 * EARTH_KM} * asin(sqrt(least(1.0, pow(sin(radians(($lat2) - ($lat1)) / 2), 2)
        + cos(radians($lat1)) * cos(radians($lat2))
        * pow(sin(radians(($lon2) - ($lon1)) / 2), 2)))) end)""",
    dialect="duckdb",
)


def expanded(tree: exp.Expr) -> exp.Expr:
    """The expression with every distance written out.

    Raises:
        ExpressionError: a distance without its four numbers.
    """

    def replace(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Anonymous) or node.name.lower() != KM_BETWEEN:
            return node
        if len(node.expressions) != len(_NAMES):
            raise ExpressionError(
                f"{KM_BETWEEN} with {len(node.expressions)} values",
                f"write {KM_BETWEEN}(latitude, longitude, latitude, longitude)",
            )
        values = dict(zip(_NAMES, map(expanded, node.expressions), strict=True))
        return _KM.transform(
            lambda part: values[part.name].copy() if isinstance(part, exp.Placeholder) else part
        )

    return tree.transform(replace)
