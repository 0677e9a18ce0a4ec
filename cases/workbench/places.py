"""Where a case happens: its subject and the persons and places of its rows, as far as located."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any, cast

import altair as alt
import duckdb
import pandas as pd

from cases.workbench.palette import FLAGGED, OTHER
from claims.lake import Lake

WIDE, HIGH = 640, 420
# Coordinates to one decimal name a town, about 10 kilometres across, and no house.
TOWN_DECIMALS = 1
LEAST_SPAN = 0.2

LOCATED = """
select '{what}' as what, {key} as id, latitude, longitude from "{table}"
where {key} in (select unnest($ids)) and latitude is not null and longitude is not null
"""
SOURCES = (
    ("provider", "providers", "provider_id"),
    ("member", "members", "person_id"),
    ("employer", "employers", "employer_id"),
)


@dataclass(frozen=True)
class Places:
    """Points of a case.

    Args:
        points: columns what (provider, member, employer), subject (whether it is the case's own),
            latitude, longitude (degrees, WGS 84), n (how many lie on one point).
        exact: coordinates are as stored; otherwise rounded to a town.
    """

    points: pd.DataFrame
    exact: bool

    def chart(self) -> alt.LayerChart:
        """The points over lines of latitude and longitude; no map is asked of anybody."""
        frame = self.points.assign(
            role=self.points["subject"].map({True: "this case", False: ""})
            .where(lambda said: said != "", self.points["what"]),
        )  # fmt: skip
        (west, east), (south, north) = self._frame()
        x = alt.X(
            "longitude:Q",
            title="longitude",
            scale=alt.Scale(domain=[west, east], nice=False),
            axis=alt.Axis(format=".1f", grid=True, tickCount=8),
        )
        y = alt.Y(
            "latitude:Q",
            title="latitude",
            scale=alt.Scale(domain=[south, north], nice=False),
            axis=alt.Axis(format=".1f", grid=True, tickCount=6),
        )
        roles = [role for role in ("this case", "provider", "member", "employer")
                 if role in set(frame["role"])]  # fmt: skip
        colours = {"this case": FLAGGED, "provider": "#2f6f9f", "member": OTHER,
                   "employer": "#4d7c3a"}  # fmt: skip
        shapes = {"this case": "diamond", "provider": "circle", "member": "triangle-up",
                  "employer": "square"}  # fmt: skip
        points = (
            alt.Chart(frame)
            .mark_point(filled=True, opacity=0.75)
            .encode(
                x=x,
                y=y,
                color=alt.Color(
                    "role:N",
                    title=None,
                    scale=alt.Scale(domain=roles, range=[colours[r] for r in roles]),
                    legend=alt.Legend(orient="top"),
                ),
                shape=alt.Shape(
                    "role:N",
                    title=None,
                    scale=alt.Scale(domain=roles, range=[shapes[r] for r in roles]),
                ),
                size=alt.Size("n:Q", legend=None, scale=alt.Scale(range=[50, 500])),
                order=alt.Order("subject:Q"),
                tooltip=["role", "n"],
            )
        )
        return cast("alt.LayerChart", alt.layer(points).properties(width=WIDE, height=HIGH))

    def _frame(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Bounds that keep a kilometre as long across as upwards."""
        lat, lon = self.points["latitude"], self.points["longitude"]
        middle = ((lat.min() + lat.max()) / 2, (lon.min() + lon.max()) / 2)
        tall = max(lat.max() - lat.min(), LEAST_SPAN) * 1.12
        wide = max(lon.max() - lon.min(), LEAST_SPAN) * 1.12
        shrink = max(cos(radians(middle[0])), 0.1)
        unit = max(tall / HIGH, wide * shrink / WIDE)
        tall, wide = unit * HIGH, unit * WIDE / shrink
        return (
            (middle[1] - wide / 2, middle[1] + wide / 2),
            (middle[0] - tall / 2, middle[0] + tall / 2),
        )


def places_of(
    lake: Lake,
    run: Mapping[str, Any],
    subjects: Sequence[tuple[str, str]],
    others: Sequence[tuple[str, str]],
    exact: bool,
) -> Places | None:
    """The places of a case's subjects and of the others its rows name; none where none is known.

    Args:
        subjects, others: type and id.
        exact: keep coordinates as stored; otherwise they are rounded to a town.
    """
    wanted = {*subjects, *others}
    parts = []
    with duckdb.connect() as connection:
        for what, table, key in SOURCES:
            ids = sorted(i for kind, i in wanted if kind == what)
            if ids and table in run["rows"]:
                lake.attach(connection, table, int(run["rows"][table]["version"]))
                text = LOCATED.format(what=what, key=key, table=table)
                parts.append(connection.sql(text, params={"ids": ids}).df())
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if found.empty:
        return None
    found["subject"] = [(row.what, row.id) in set(subjects) for row in found.itertuples()]
    if not exact:
        at = found[["latitude", "longitude"]].astype("float64").round(TOWN_DECIMALS)
        found = found.assign(latitude=at["latitude"], longitude=at["longitude"])
    keys = ["what", "subject", "latitude", "longitude"]
    grouped = found.groupby(keys, as_index=False).agg(n=("id", "nunique"))
    return Places(grouped, exact)
