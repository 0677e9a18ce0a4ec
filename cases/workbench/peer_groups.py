"""A subject among its peers: its own values of the run's profiles, and those of its group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd

from cases.reading import attach_run
from cases.workbench.currency import currency
from claims.lake import Lake
from features.catalogue import PROFILES, Feature, Subject, features_of
from features.peers import LADDERS, assign, columns_of, group_sizes

MOST_MEASURES = 4
# Whoever stands in a larger population is compared with a seeded sample of it, as detectors do.
MOST_PEERS = 100_000
USUAL: Mapping[str, tuple[str, ...]] = {
    "provider": ("paid_per_member", "lines_per_member", "lines_per_day"),
    "member": ("paid_per_day", "benefit_day_ratio", "providers"),
    "employer": ("leave_days_per_worker", "leave_paid_per_worker", "contribution_rate"),
    "account": ("paid_per_payment", "benefits_per_person", "beneficiaries"),
}


@dataclass(frozen=True)
class Peers:
    """One measure of a subject and of its peers.

    Args:
        measure: how a reason names it; ``definition`` says what it counts, ``unit`` in what.
        own: the subject's value.
        values: the peers' values, the subject's own left out.
        group: who the peers are, in words.
        log: whether values are compared on the log scale.
        found: whether a finding of the case rests on it.
    """

    measure: str
    definition: str
    unit: str
    own: float
    values: np.ndarray
    group: str
    log: bool
    found: bool

    @property
    def median(self) -> float:
        """The peers' median."""
        return float(np.median(self.values))

    @property
    def above(self) -> float:
        """Share of peers below the subject, in [0, 1]."""
        return float((self.values < self.own).mean())

    @property
    def sentence(self) -> str:
        """What the picture says, for who cannot see it."""
        times = f", {self.own / self.median:.1f} times the median" if self.median > 0 else ""
        return (
            f"{self.measure}: {self.own:,.2f} {self.unit}{times} ({self.median:,.2f}); "
            f"higher than {100 * self.above:.0f} % of {len(self.values):,} peers ({self.group})"
        )


def peers_of(
    lake: Lake, run: Mapping[str, Any], subject: tuple[str, str], measures: Sequence[str]
) -> list[Peers]:
    """The subject's measures beside its peers'; empty where the run has no profile of it.

    Args:
        subject: type and id.
        measures: profile columns that findings name; further usual ones are added after them.
    """
    kind, subject_id = subject
    table, key = PROFILES.get(kind, ("", ""))
    if table not in run["parameters"].get("profiles", ()):
        return []
    named = cast("Subject", kind)
    known = {feature.name: feature for feature in features_of(named)}
    wanted = [name for name in dict.fromkeys((*measures, *USUAL[kind])) if name in known]
    frame = _read(lake, run, table, key, subject_id, [*columns_of(named), *wanted])
    own = frame[frame[key] == subject_id]
    if own.empty:
        return []
    group, words = _group(named, frame, own.index[0])
    others = frame[group].drop(index=own.index)
    found = [
        _measured(known[name], own.iloc[0], others, words, name in measures, currency(run))
        for name in wanted
    ]
    return [one for one in found if one is not None][:MOST_MEASURES]


def _read(
    lake: Lake,
    run: Mapping[str, Any],
    table: str,
    key: str,
    subject_id: str,
    columns: Sequence[str],
) -> pd.DataFrame:
    with duckdb.connect() as connection:
        attach_run(connection, lake, run["run_id"], table)
        there = {row[0] for row in connection.sql(f'describe "{table}"').fetchall()}
        listed = ", ".join(f'"{name}"' for name in dict.fromkeys((key, *columns)) if name in there)
        found: pd.DataFrame = connection.sql(
            f'with numbered as (select {listed}, hash({key}) as place from "{table}") '
            f"select * exclude place from numbered where {key} = $subject or place in "
            "(select place from numbered order by place limit $most) "
            f"order by {key}",
            params={"subject": subject_id, "most": MOST_PEERS},
        ).df()
    return found


def _group(kind: Subject, frame: pd.DataFrame, own: Any) -> tuple[pd.Series, str]:
    """Who stands in the subject's group, and the group in words."""
    ladder = LADDERS[kind]
    complete = frame.reindex(columns=[*frame.columns, *set(columns_of(kind)) - set(frame.columns)])
    keys = ladder.keys(complete)
    chosen = assign(keys, group_sizes(keys), ladder).loc[own]
    words = str(chosen["peer_group"]).split(":", 1)[1]
    return keys[int(chosen["peer_level"])] == chosen["peer_group"], words


def _measured(
    feature: Feature,
    own: pd.Series,
    others: pd.DataFrame,
    group: str,
    found: bool,
    currency: str,
) -> Peers | None:
    if feature.name not in others or pd.isna(own[feature.name]):
        return None
    values = others[feature.name].dropna().astype("float64").to_numpy()
    if len(values) < 3:
        return None
    value = float(own[feature.name])
    log = feature.scale == "log" and value > 0 and bool((values > 0).mean() > 0.9)
    shown = values[values > 0] if log else values
    unit = currency if feature.unit == "currency" else feature.unit
    return Peers(feature.label, feature.definition, unit, value, shown, group, log, found)
