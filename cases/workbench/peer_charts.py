"""Peers drawn: how their values are spread, and where the subject stands among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import altair as alt
import numpy as np
import pandas as pd

from cases.workbench.charts import WIDTH
from cases.workbench.palette import FLAGGED, OTHER
from cases.workbench.peer_groups import Peers

BINS = 40
HEIGHT = 74


def distributions(measures: Sequence[Peers]) -> alt.VConcatChart:
    """One histogram a measure, its peers' median and the subject's own value marked.

    Counts are drawn, never a peer's own value, so no other subject can be read off.
    """
    charts = [_one(peers) for peers in measures]
    return alt.vconcat(*charts, spacing=16)


def _one(peers: Peers) -> alt.LayerChart:
    edges = _edges(peers)
    counts, _ = np.histogram(np.clip(peers.values, edges[0], edges[-1]), edges)
    bars = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "peers": counts, "none": 0})
    scale = alt.Scale(type="log" if peers.log else "linear", nice=False)
    at = alt.X(
        "from:Q",
        scale=scale,
        title=f"{peers.measure} ({peers.unit})",
        axis=alt.Axis(tickCount=7, format="~s" if edges[-1] >= 10_000 else "~g"),
    )
    drawn = (
        alt.Chart(bars)
        .mark_rect(color=OTHER, stroke="#ffffff", strokeWidth=0.5)
        .encode(
            x=at,
            x2="to:Q",
            y=alt.Y("peers:Q", title="peers", axis=alt.Axis(tickCount=2, tickMinStep=1)),
            y2="none:Q",
            tooltip=["from", "to", "peers"],
        )
    )
    marks = pd.DataFrame(
        {
            "x": [peers.median, float(np.clip(peers.own, edges[0], edges[-1]))],
            "what": [f"median {_short(peers.median)}", f"this subject {_short(peers.own)}"],
        }
    )
    lines = alt.Chart(marks).encode(x=alt.X("x:Q", scale=scale), tooltip=["what"])
    median = lines.transform_filter("indexof(datum.what, 'median') == 0").mark_rule(
        strokeDash=[4, 3], color="#2b2f36"
    )
    own = lines.transform_filter("indexof(datum.what, 'this') == 0")
    right = peers.own > peers.median
    return cast(
        "alt.LayerChart",
        alt.layer(
            drawn,
            median,
            own.mark_rule(color=FLAGGED, strokeWidth=2),
            own.mark_point(filled=True, shape="diamond", size=90, color=FLAGGED).encode(
                y=alt.value(8)
            ),
            own.mark_text(
                align="right" if right else "left", dx=-9 if right else 9, fontWeight="bold"
            ).encode(y=alt.value(8), text="what:N"),
        ).properties(width=WIDTH - 80, height=HEIGHT),
    )


def _edges(peers: Peers) -> np.ndarray:
    """Bins from the smallest to the largest value, the subject's among them."""
    everyone = np.append(peers.values, peers.own)
    low, high = float(everyone.min()), float(everyone.max())
    if high <= low:
        return np.array([low - 0.5, low + 0.5])
    if peers.log:
        return np.geomspace(low, high, BINS + 1)
    return np.linspace(low, high, BINS + 1)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
