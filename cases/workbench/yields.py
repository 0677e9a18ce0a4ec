"""What the work yields, for a notebook: figures with their table, picture and sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from cases import yields
from cases.decisions import REASONS, Store
from cases.learning import reliability
from cases.learning.precision import By
from cases.reading import run_of
from cases.workbench import yield_charts as drawn
from cases.workbench.charts import svg
from cases.workbench.currency import currency
from cases.workbench.opening import store_of
from cases.workbench.pages import fragment
from claims.errors import VigieError
from claims.lake import Lake

FIRST = 40


@dataclass(frozen=True)
class Figure:
    """One report: a cell that ends in it shows the sentence, the picture and the table.

    Args:
        table: every number of the picture.
    """

    title: str
    sentence: str
    table: pd.DataFrame
    chart: alt.TopLevelMixin | None

    def _repr_html_(self) -> str:
        return fragment(
            "figure.html",
            title=self.title,
            sentence=self.sentence,
            picture_of=svg(self.chart) if self.chart is not None else "",
            table=self.table.head(FIRST).astype(object),
            lines=len(self.table),
        )


@dataclass(frozen=True)
class Yield:
    """The figures of a lake's decisions, as they stand now."""

    lake: Lake
    store: Store

    def funnel(self) -> Figure:
        """From the findings of the latest run to the money that came back."""
        frame = yields.funnel(self.lake, self.store)
        cases, decided, won = (int(frame["cases"][n]) for n in (1, 2, 3))
        back = frame["money"].iloc[-1]
        said = (
            f"Of {cases:,} cases {decided:,} are decided and {won:,} substantiated; "
            f"{back:,.0f} {self._currency} came back."
        )
        return Figure(
            "From findings to recoveries", said, frame, drawn.funnel(frame, self._currency)
        )

    def precision(self, by: By = "detector") -> Figure:
        """How often what a detector (or ``family``, ``group``) named was substantiated."""
        frame = yields.precision(self.lake, self.store, by)
        known = int((frame["decided"] > 0).sum())
        said = (
            f"{known:,} of {len(frame):,} have a decision that tells for or against them; "
            "an interval as wide as the scale says that nothing is known yet."
        )
        order = frame.sort_values(["precision", "decided"], ascending=False)
        return self._figure(f"Precision by {by}", said, order, drawn.precision, known > 0)

    def money_per_hour(self, every: yields.Every = "month") -> Figure:
        """Money confirmed and recovered for an hour of work, by month, quarter or year."""
        frame = yields.money_per_hour(self.store, every)
        hours = frame["hours"].sum()
        gained = frame["confirmed"].sum() / hours if hours else 0.0
        said = f"{hours:,.0f} hours told; {gained:,.0f} {self._currency} confirmed an hour."
        return self._figure(
            "Money an hour", said, frame,
            lambda rows: drawn.money_per_hour(rows, self._currency), hours > 0,
        )  # fmt: skip

    def ageing(self) -> Figure:
        """How long cases have stood where they stand, the oldest first."""
        frame = yields.ageing(self.lake, self.store)
        said = f"{len(frame):,} cases are in people's hands"
        if len(frame):
            said += f"; the oldest has stood for {int(frame['days'].max()):,} days"
        bands = frame.groupby("band", as_index=False).size().rename(columns={"size": "cases"})
        bands["days"] = bands["band"]
        return Figure(
            "Ageing", f"{said}.", frame, drawn.counts(bands, "days") if len(bands) else None
        )

    def by_analyst(self) -> Figure:
        """Decisions by analyst: a picture of the work, not of its quality, as cases differ."""
        frame = yields.by_analyst(self.store)
        said = "Cases differ, so shares of different people are not compared for their quality."
        return self._figure(
            "By analyst", said, frame, lambda rows: drawn.precision(rows, "analyst"),
            bool(len(frame)) and bool((frame["decided"] > 0).any()),
        )  # fmt: skip

    def false_positive_reasons(self) -> Figure:
        """Why cases were not substantiated."""
        frame = yields.false_positive_reasons(self.store)
        frame = frame.assign(reason=[REASONS.get(code, code) for code in frame["reason"]])
        said = f"{len(frame):,} reasons were told of cases that were not substantiated."
        return self._figure(
            "Reasons of false positives", said, frame,
            lambda rows: drawn.counts(rows, "reason"), len(frame) > 0,
        )  # fmt: skip

    def lift(self) -> Figure:
        """The ranked cases beside those drawn at random: what the ranking is worth."""
        frame = yields.lift(self.lake, self.store)
        random = frame[(frame["arm"] == "random") & (frame["decided"] > 0)]
        said = (
            f"{int(random['decided'].iloc[0]):,} cases drawn at random are decided."
            if len(random)
            else "No case drawn at random is decided yet: what the ranking is worth is not known."
        )
        return self._figure(
            "Lift against the random control", said, frame,
            lambda rows: drawn.precision(rows, "arm"), bool((frame["decided"] > 0).any()),
        )  # fmt: skip

    def reliability(self) -> Figure:
        """Whether a suspicion of 70 % is substantiated in 70 of 100 cases."""
        frame = reliability(self.lake, self.store)
        said = (
            f"{int(frame['cases'].sum()):,} decided cases; points on the dashed line agree."
            if len(frame)
            else "No case is decided yet: suspicion is a judgement, not a frequency."
        )
        return self._figure(
            "Suspicion against outcome", said, frame, drawn.reliability, len(frame) > 0
        )

    @property
    def _currency(self) -> str:
        return currency(run_of(self.lake))

    def _figure(
        self,
        title: str,
        sentence: str,
        frame: pd.DataFrame,
        draw: Callable[[pd.DataFrame], Any],
        wanted: bool,
    ) -> Figure:
        return Figure(title, sentence, frame, draw(frame) if wanted else None)


def yield_of(lake: Lake | str) -> Yield:
    """The figures of the decisions on a lake's cases.

    Raises:
        VigieError: no store of decisions opens.
    """
    opened = Lake(lake) if isinstance(lake, str) else lake
    store = store_of(opened)
    if store is None:
        raise VigieError("no store of decisions opens; set VIGIE_DECISIONS to a database")
    return Yield(opened, store)
