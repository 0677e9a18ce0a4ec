"""What an office's work yields: the funnel, money an hour, ageing, and how good the ranking is.

Pandas frames for the yield notebook, read from a lake and the store of decisions without a JVM.
Money is in the lake's currency, as floats; shares carry 95 % Jeffreys intervals.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Literal

import duckdb
import pandas as pd

from cases.decisions import Disposition, Store
from cases.decisions.settings import PROMOTED
from cases.learning import control
from cases.learning.labels import SUCCESS, labelled
from cases.learning.precision import By, precision_by, with_precision
from cases.reading import attach_run, run_of
from cases.standing import standings
from claims.lake import Lake
from claims.runs import now

Every = Literal["month", "quarter", "year"]
PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}
BANDS = (7, 30, 90)

FOUND = """
select (select count(*) from findings) as findings,
    (select cast(coalesce(sum(overpayment), 0) as double) from findings) as claimed,
    count(*) as cases, cast(coalesce(sum(overpayment), 0) as double) as overpayment from cases
"""

__all__ = [
    "ageing", "by_analyst", "false_positive_reasons", "funnel", "lift", "money_per_hour",
    "population_share", "precision", "promotions",
]  # fmt: skip


def funnel(lake: Lake, store: Store, run_id: str | None = None) -> pd.DataFrame:
    """From the findings of a run (the latest by default) to the money that came back on its cases.

    Returns:
        stage (findings, cases, decided, substantiated, recovered), cases (number; of findings, for
        the first) and money: overpayment claimed, then confirmed, then recovered.
    """
    with duckdb.connect() as connection:
        run = run_of(lake, run_id)["run_id"]
        attach_run(connection, lake, run, "findings", "cases")
        findings, claimed, cases, overpayment = connection.sql(FOUND).fetchall()[0]
        known = {case for (case,) in connection.sql("select case_id from cases").fetchall()}
    decided = [s for s in store.states().values() if s.in_force and s.case_id in known]
    won = [s for s in decided if s.outcome == "substantiated"]
    back = [r for r in store.recoveries() if r.case_id in known]
    return pd.DataFrame(
        [
            ("findings", findings, claimed),
            ("cases", cases, overpayment),
            ("decided", len(decided), float(sum(s.amount or 0 for s in decided))),
            ("substantiated", len(won), float(sum(s.amount or 0 for s in won))),
            ("recovered", len({r.case_id for r in back}), float(sum(r.amount for r in back))),
        ],
        columns=["stage", "cases", "money"],
    )


def precision(lake: Lake, store: Store, by: By = "detector") -> pd.DataFrame:
    """How often what each detector named was substantiated, in shadow beside what counts.

    Returns:
        name, shadow, decided, substantiated, precision, low, high.
    """
    return precision_by(lake, labelled(lake, store), by)


def money_per_hour(store: Store, every: Every = "month") -> pd.DataFrame:
    """Money confirmed and recovered for an hour of work, by the period of decision and recovery.

    Hours are those that analysts told; a decision without minutes adds money and no hours.

    Returns:
        period, decided, hours, confirmed, recovered, confirmed_per_hour, recovered_per_hour.
    """
    decided = pd.DataFrame(
        [
            (d.decided_at, 1, (d.minutes_spent or 0) / 60, _confirmed(d))
            for d in store.dispositions()
        ],
        columns=["at", "decided", "hours", "confirmed"],
    )
    back = pd.DataFrame(
        [(r.recovered_at, float(r.amount)) for r in store.recoveries()],
        columns=["at", "recovered"],
    )
    both = pd.concat([decided, back], ignore_index=True)
    period = pd.PeriodIndex(pd.to_datetime(both["at"]), freq=PERIODS[every]).astype(str)
    names = ["decided", "hours", "confirmed", "recovered"]
    summed = both[names].astype(float).groupby(period).sum().rename_axis("period").reset_index()
    hours = summed["hours"].where(summed["hours"] > 0)
    return summed.assign(
        decided=summed["decided"].astype(int),
        confirmed_per_hour=summed["confirmed"] / hours,
        recovered_per_hour=summed["recovered"] / hours,
    )


def _confirmed(decision: Disposition) -> float:
    return float(decision.amount_confirmed or 0) * (decision.outcome == "substantiated")


def ageing(lake: Lake, store: Store, on: date | None = None) -> pd.DataFrame:
    """How long each case that people have at work has stood where it stands, the oldest first.

    Returns:
        case_id, status, assignee, days and band (``0-7``, ``8-30``, ``31-90``, ``over 90``).
    """
    today = on or now().date()
    rows = [
        (case, s.state.status, s.state.assignee, (today - s.state.since.date()).days)
        for case, s in standings(lake, store, on=today).items()
        if s.in_queue and s.state.since
    ]
    found = pd.DataFrame(rows, columns=["case_id", "status", "assignee", "days"])
    found["band"] = [_band(days) for days in found["days"]]
    return found.sort_values(["days", "case_id"], ascending=[False, True], ignore_index=True)


def _band(days: int) -> str:
    low = 0
    for high in BANDS:
        if days <= high:
            return f"{low}-{high}"
        low = high + 1
    return f"over {BANDS[-1]}"


def by_analyst(store: Store) -> pd.DataFrame:
    """Decisions by analyst: a picture of the work, not of its quality, as cases differ.

    Returns:
        analyst, decided, substantiated, precision, low, high (of those with an outcome that counts
        for or against the findings), minutes and confirmed.
    """
    rows = [
        (
            d.analyst,
            int(d.outcome in SUCCESS),
            SUCCESS.get(d.outcome, 0),
            d.minutes_spent or 0,
            _confirmed(d),
        )
        for d in store.dispositions()
    ]
    columns = ["analyst", "decided", "substantiated", "minutes", "confirmed"]
    found = pd.DataFrame(rows, columns=columns).groupby("analyst", as_index=False).sum()
    return with_precision(found)


def false_positive_reasons(store: Store) -> pd.DataFrame:
    """Why cases were not substantiated, by reason code; a decision may name several.

    Returns:
        reason, cases and share of the unsubstantiated decisions in force, most frequent first.
    """
    states = [s for s in store.states().values() if s.in_force and s.outcome == "unsubstantiated"]
    last = {act.case_id: act for act in store.acts("decide")}
    told: Counter[str] = Counter()
    for state in states:
        told.update(last[state.case_id].details["reasons"] or ["not told"])
    rows = sorted(told.items(), key=lambda item: (-item[1], item[0]))
    found = pd.DataFrame(rows, columns=["reason", "cases"])
    return found.assign(share=found["cases"] / max(1, len(states)))


def lift(lake: Lake, store: Store) -> pd.DataFrame:
    """The ranked arm beside the random control: arm, decided, substantiated, …, lift."""
    return control.arms(labelled(lake, store))


def population_share(lake: Lake, store: Store) -> pd.DataFrame:
    """The share of all cases that would be substantiated, by inverse-probability weights."""
    return control.population_share(lake, labelled(lake, store))


def promotions(store: Store) -> pd.DataFrame:
    """Rules that people promoted or put back: name, value, reason, set_at and analyst."""
    names = ["name", "value", "reason", "set_at", "analyst"]
    rows = [
        (s.name.removeprefix(PROMOTED), s.value, s.reason, s.set_at, s.analyst)
        for s in store.settings()
        if s.name.startswith(PROMOTED)
    ]
    return pd.DataFrame(rows, columns=names)
