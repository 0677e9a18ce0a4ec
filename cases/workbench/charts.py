"""Pictures of a case in Altair, shown without asking anything outside this machine."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import altair as alt
import pandas as pd
import vl_convert

from cases.workbench.palette import COLOURS, FLAGGED, OTHER

BARS = 12
WIDTH = 820


@dataclass(frozen=True)
class Part:
    """One bar of a waterfall: a named part of the score, in log-odds."""

    label: str
    family: str
    points: float
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """What one finding observed beside what was expected, all in the finding's own unit."""

    label: str
    observed: float
    expected: float
    threshold: float | None = None


def bundle(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A chart as Jupyter takes it: live in the page, and as a picture where there is no page.

    JupyterLab 4.6 draws Vega-Lite under the mime type of version 5 only, whatever the schema.
    """
    picture = vl_convert.vegalite_to_png(spec, vl_version=_vegalite(), scale=2)
    return {
        "application/vnd.vegalite.v5+json": spec,
        "image/png": base64.b64encode(picture).decode(),
    }


def svg(chart: alt.TopLevelMixin) -> str:
    """The chart as an SVG text that needs no script."""
    return str(vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=_vegalite()))


def _vegalite() -> str:
    return ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


@alt.theme.register("vigie", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    return {
        "config": {
            "padding": {"left": 30, "right": 14, "top": 5, "bottom": 5},
            "axis": {
                "gridColor": "#eceff3",
                "domainColor": "#8a8f98",
                "titleFontWeight": "normal",
                "labelFontSize": 11,
            },
            "view": {"stroke": None},
        }
    }


alt.renderers.register("vigie", bundle)
alt.renderers.enable("vigie")


def waterfall(parts: Sequence[Part]) -> alt.LayerChart:
    """Prior and points, each bar starting where the last ended, down to the score they sum to.

    Args:
        parts: the prior first; parts of 0 points are left to the table beside.
    """
    counted = [part for part in parts if part.points or part.family == "prior"]
    rest = counted[BARS:]
    if rest:
        left = Part(f"{len(rest)} others", "rules", sum(part.points for part in rest))
        counted = [*counted[:BARS], left]
    rows, start = [], 0.0
    for part in counted:
        end = start + part.points
        rows.append(_bar(part.label, part.family, start, end, f"{part.points:+.2f}", part.reason))
        start = end
    rows.append(_bar("score", "score", 0.0, start, f"{start:+.2f}", "prior and points together"))
    frame = pd.DataFrame(rows)
    low = min(0.0, frame[["start", "end"]].min().min())
    high = max(0.0, frame[["start", "end"]].max().max())
    margin = (high - low) * 0.12
    base = alt.Chart(frame).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, ticks=False))
    )
    bars = base.mark_bar(height={"band": 0.62}).encode(
        x=alt.X(
            "start:Q",
            title="log-odds (0 is as likely as not)",
            scale=alt.Scale(domain=[low - margin, high + margin], nice=False),
        ),
        x2="end:Q",
        color=alt.Color(
            "family:N",
            title=None,
            legend=None,
            scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
        ),
        tooltip=["label", "points", "reason"],
    )
    # A halo keeps the figures readable where the line at zero passes through them.
    told = base.encode(x="far:Q", text="points:N")
    halo = told.mark_text(align="left", dx=4, stroke="#ffffff", strokeWidth=4)
    texts = told.mark_text(align="left", dx=4, color="#2b2f36")
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(color="#2b2f36", strokeWidth=1)
    layers = alt.layer(bars, zero.encode(x="x:Q"), halo, texts)
    return cast("alt.LayerChart", layers.properties(width=WIDTH - 190, height=alt.Step(26)))


def _bar(
    label: str, family: str, start: float, end: float, points: str, reason: str
) -> dict[str, Any]:
    return {
        "label": label,
        "family": family,
        "start": start,
        "end": end,
        "far": max(start, end),
        "points": points,
        "reason": reason,
    }


def timeline(rows: pd.DataFrame, currency: str) -> alt.Chart:
    """Rows by day and amount; flagged ones differ by shape as well as by colour.

    Args:
        rows: columns row_key, day, amount, flagged, text.
    """
    frame = rows.assign(
        day=pd.to_datetime(rows["day"]),
        mark=rows["flagged"].map({True: "flagged", False: "other rows"}),
    ).drop(columns=["flagged"])
    chart = (
        alt.Chart(frame)
        .mark_point(filled=True, size=46)
        .encode(
            x=alt.X(
                "day:T",
                title=None,
                scale=alt.Scale(padding=12),
                axis=alt.Axis(format="%Y-%m-%d", tickCount=8, labelOverlap=True),
            ),
            y=alt.Y("amount:Q", title=f"paid ({currency})", scale=alt.Scale(padding=8)),
            color=alt.Color(
                "mark:N",
                title=None,
                scale=alt.Scale(domain=["flagged", "other rows"], range=[FLAGGED, OTHER]),
                legend=alt.Legend(orient="top"),
            ),
            shape=alt.Shape(
                "mark:N",
                title=None,
                scale=alt.Scale(domain=["flagged", "other rows"], range=["diamond", "circle"]),
            ),
            opacity=alt.condition(alt.datum.mark == "flagged", alt.value(0.95), alt.value(0.55)),
            tooltip=["row_key", "day:T", "amount", "text", "mark"],
        )
        .properties(width=WIDTH - 60, height=200)
    )
    return cast("alt.Chart", chart)


def peers(comparisons: Sequence[Comparison]) -> alt.LayerChart:
    """How many times the expected value was observed, with the threshold that was passed.

    Args:
        comparisons: their expected values are positive.
    """
    frame = pd.DataFrame(
        {
            "label": c.label,
            "ratio": c.observed / c.expected,
            "threshold": None if c.threshold is None else c.threshold / c.expected,
            "observed": f"{c.observed:,.2f}",
            "expected": f"{c.expected:,.2f}",
            "said": f"{c.observed / c.expected:.1f} times",
        }
        for c in comparisons
    )
    frame["threshold"] = frame["threshold"].astype(float)
    base = alt.Chart(frame).encode(y=alt.Y("label:N", title=None, axis=alt.Axis(labelLimit=260)))
    at = alt.X(
        "ratio:Q",
        title="times the expected value",
        scale=alt.Scale(zero=True),
        axis=alt.Axis(tickCount=8),
    )
    lines = base.mark_bar(height=3, color=OTHER).encode(x=at)
    points = base.mark_point(filled=True, size=110, shape="diamond", color=FLAGGED).encode(
        x="ratio:Q", tooltip=["label", "observed", "expected", "said"]
    )
    said = base.mark_text(align="left", dx=10).encode(x="ratio:Q", text="said:N")
    limits = base.mark_tick(color="#2b2f36", thickness=2, size=18).encode(
        x="threshold:Q", tooltip=["label", "threshold"]
    )
    expected = alt.Chart(pd.DataFrame({"x": [1.0]})).mark_rule(strokeDash=[4, 3]).encode(x="x:Q")
    layers = alt.layer(lines, expected, limits, points, said)
    return cast("alt.LayerChart", layers.properties(width=WIDTH - 240, height=alt.Step(34)))
