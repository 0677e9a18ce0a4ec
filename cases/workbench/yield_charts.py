"""What the work yields, drawn: funnel, precision with its interval, money an hour, calibration."""

from __future__ import annotations

from typing import cast

import altair as alt
import pandas as pd

from cases.workbench.charts import WIDTH
from cases.workbench.palette import COLOURS, FLAGGED, OTHER

MOST = 30
ROW = 24


def funnel(frame: pd.DataFrame, currency: str) -> alt.HConcatChart:
    """Stages from findings to recoveries: how many, and how much money."""
    stages = list(frame["stage"])
    base = alt.Chart(frame).encode(y=alt.Y("stage:N", sort=stages, title=None))
    parts = []
    for column, title in (("cases", "number"), ("money", f"money ({currency})")):
        x = alt.X(f"{column}:Q", title=title, axis=alt.Axis(format="~s", tickCount=5))
        bars = base.mark_bar(color=COLOURS["deviation"], height={"band": 0.6}).encode(x=x)
        texts = base.mark_text(align="left", dx=4).encode(
            x=x, text=alt.Text(f"{column}:Q", format=",.0f")
        )
        sized = alt.layer(bars, texts).properties(width=(WIDTH - 220) // 2, height=alt.Step(ROW))
        parts.append(sized)
    return alt.hconcat(*parts)


def precision(frame: pd.DataFrame, name: str = "name") -> alt.LayerChart:
    """Share substantiated with its 95 % interval; what is in shadow is hollow."""
    shown = frame[frame["decided"] > 0].head(MOST).copy()
    shadow = shown["shadow"] if "shadow" in shown else pd.Series(False, shown.index)
    shown["kind"] = shadow.map({True: "in shadow", False: "counts"})
    shown["said"] = [
        f"{s:.0f} of {d:.0f}" for s, d in zip(shown["substantiated"], shown["decided"], strict=True)
    ]
    y = alt.Y(f"{name}:N", sort=list(shown[name]), title=None, axis=alt.Axis(labelLimit=300))
    x = alt.X(
        "precision:Q",
        title="share substantiated, with its 95 % interval",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%"),
    )
    base = alt.Chart(shown).encode(y=y)
    lines = base.mark_rule(strokeWidth=2, color=OTHER).encode(
        x=alt.X("low:Q", scale=alt.Scale(domain=[0, 1])), x2="high:Q"
    )
    points = base.mark_point(size=80, color=FLAGGED).encode(
        x=x,
        shape=alt.Shape(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=["counts", "in shadow"], range=["diamond", "circle"]),
        ),
        fill=alt.condition(alt.datum.kind == "counts", alt.value(FLAGGED), alt.value("white")),
        tooltip=[name, "said", "low", "high"],
    )
    texts = base.mark_text(align="left", dx=8, dy=-9, fontSize=10).encode(x=x, text="said:N")
    chart = alt.layer(lines, points, texts).properties(width=WIDTH - 330, height=alt.Step(ROW + 6))
    return cast("alt.LayerChart", chart)


def money_per_hour(frame: pd.DataFrame, currency: str) -> alt.Chart:
    """Money confirmed and recovered for an hour of work, by period."""
    long = frame.melt(
        "period",
        ["confirmed_per_hour", "recovered_per_hour"],
        var_name="what",
        value_name="money",
    )
    long["what"] = long["what"].str.replace("_per_hour", "")
    chart = (
        alt.Chart(long)
        .mark_line(point=True)
        .encode(
            x=alt.X("period:O", title=None),
            y=alt.Y("money:Q", title=f"{currency} an hour"),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(range=[COLOURS["deviation"], COLOURS["forest"]]),
                legend=alt.Legend(orient="top"),
            ),
            strokeDash=alt.StrokeDash("what:N", title=None),
            tooltip=["period", "what", alt.Tooltip("money:Q", format=",.0f")],
        )
        .properties(width=WIDTH - 100, height=180)
    )
    return cast("alt.Chart", chart)


def counts(frame: pd.DataFrame, name: str, value: str = "cases") -> alt.LayerChart:
    """Numbers of cases by a name, in the order given."""
    base = alt.Chart(frame).encode(
        y=alt.Y(f"{name}:N", sort=list(frame[name]), title=None, axis=alt.Axis(labelLimit=320))
    )
    x = alt.X(f"{value}:Q", title=value, axis=alt.Axis(tickMinStep=1))
    bars = base.mark_bar(color=OTHER, height={"band": 0.6}).encode(x=x)
    texts = base.mark_text(align="left", dx=4).encode(x=x, text=f"{value}:Q")
    chart = alt.layer(bars, texts).properties(width=WIDTH - 360, height=alt.Step(ROW))
    return cast("alt.LayerChart", chart)


def reliability(frame: pd.DataFrame) -> alt.LayerChart:
    """Suspicion told before, against the share found substantiated; the diagonal is agreement."""
    unit = alt.Scale(domain=[0, 1])
    base = alt.Chart(frame).encode(
        x=alt.X("predicted:Q", scale=unit, title="suspicion told", axis=alt.Axis(format="%"))
    )
    lines = base.mark_rule(strokeWidth=2, color=OTHER).encode(
        y=alt.Y("observed_low:Q", scale=unit), y2="observed_high:Q"
    )
    points = base.mark_point(filled=True, size=70, color=FLAGGED).encode(
        y=alt.Y("observed:Q", scale=unit, title="substantiated", axis=alt.Axis(format="%")),
        tooltip=["low", "high", "cases", "predicted", "observed"],
    )
    agree = alt.Chart(pd.DataFrame({"x": [0, 1], "y": [0, 1]}))
    diagonal = agree.mark_line(strokeDash=[4, 3], color="#2b2f36").encode(x="x:Q", y="y:Q")
    return cast(
        "alt.LayerChart", alt.layer(diagonal, lines, points).properties(width=320, height=320)
    )
