"""Judging subjects by a measure: norms of their peers, then each subject's distance from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detectors.deviation.measures import Measure
from detectors.deviation.robust import (
    Norm,
    Values,
    backward,
    forward,
    norm_of,
    robust_z,
    tail_probability,
)
from features.peers import ENOUGH, LADDERS, NARROW, assign, columns_of, group_sizes

ALPHA = 0.05

CANDIDATE_DDL = (
    "measure string, subject_id string, observed double, base double, stake double, z double,"
    " p double, above boolean, peer_group string, peer_level bigint, peer_size bigint,"
    " expected double, upper double, threshold double, tested bigint"
)
CANDIDATE_COLUMNS = tuple(part.split()[0] for part in CANDIDATE_DDL.split(", "))


@dataclass(frozen=True)
class Norms:
    """Norms by measure and group, and the size of each measure's groups."""

    by_measure: Mapping[str, Mapping[str, Norm]]
    sizes: Mapping[str, Mapping[str, int]]


def _doubles(column: pd.Series) -> Values:
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    return np.asarray(numbers, dtype=np.float64)


def _judged(frame: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """The subjects with enough cases, and their place on the scale of comparison."""
    base = _doubles(frame[measure.base])
    observed = _doubles(frame[measure.feature_name])
    place = forward(observed, measure.feature.scale, base, measure.offset)
    found = frame.assign(_observed=observed, _base=base, _place=place * measure.sign)
    return found[(base >= measure.least) & np.isfinite(place)]


def norms(frame: pd.DataFrame, measures: Iterable[Measure]) -> Norms:
    """The norms of all groups of a ladder in which subjects are judged.

    Args:
        frame: profiles of one kind of subject, or a sample of them.
    """
    by_measure: dict[str, dict[str, Norm]] = {}
    sizes: dict[str, dict[str, int]] = {}
    for measure in measures:
        ladder = LADDERS[measure.subject]
        judged = _judged(frame, measure)
        keys = ladder.keys(judged)
        sizes[measure.name] = group_sizes(keys)
        found: dict[str, Norm] = {}
        for key in keys[: measure.widest + 1]:
            for group, places in judged["_place"].groupby(key):
                if len(places) >= NARROW:
                    found[str(group)] = norm_of(
                        places.to_numpy(dtype=np.float64), measure.feature.scale
                    )
        by_measure[measure.name] = found
    return Norms(by_measure, sizes)


def judge(
    frame: pd.DataFrame,
    subject_id: str,
    *,
    measures: Iterable[Measure],
    known: Norms,
    threshold: float,
) -> pd.DataFrame:
    """Subjects on the costly side with p ≤ 0.05, by measure, and how many each measure tested.

    Returns:
        Columns of ``CANDIDATE_DDL``; a row without a subject carries a measure's number of tests.
    """
    found = [
        _by_measure(_judged(frame, measure), subject_id, measure, known, threshold)
        for measure in measures
    ]
    return pd.concat(found, ignore_index=True)[list(CANDIDATE_COLUMNS)]


def _by_measure(
    judged: pd.DataFrame,
    subject_id: str,
    measure: Measure,
    norms_: Norms,
    threshold: float,
) -> pd.DataFrame:
    ladder = LADDERS[measure.subject]
    if judged.empty:
        return pd.DataFrame(columns=list(CANDIDATE_COLUMNS))
    peers = assign(ladder.keys(judged), dict(norms_.sizes[measure.name]), ladder)
    known = norms_.by_measure[measure.name]
    fair = (
        peers["peer_group"].isin(known.keys())
        & (peers["peer_level"] <= measure.widest)
        & ((peers["peer_size"] >= ENOUGH) | (peers["peer_level"] == ladder.narrow))
    )
    judged, peers = judged[fair], peers[fair]
    of = [known[group] for group in peers["peer_group"]]
    centre = np.array([norm.centre for norm in of], dtype=np.float64)
    scale = np.array([norm.spread for norm in of], dtype=np.float64)
    size = np.array([norm.size for norm in of], dtype=np.float64)
    cut = np.array([norm.cut for norm in of], dtype=np.float64)
    base = judged["_base"].to_numpy(dtype=np.float64)
    place = judged["_place"].to_numpy(dtype=np.float64)
    z = robust_z(place, centre, scale, base, measure.prior)

    def value(places: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
        kind = measure.feature.scale
        return [backward(measure.sign * x, kind, measure.offset) for x in places]

    weight = base / (base + measure.prior)
    candidates = pd.DataFrame(
        {
            "measure": measure.name,
            "subject_id": judged[subject_id].to_numpy(),
            "observed": judged["_observed"].to_numpy(dtype=np.float64),
            "base": base,
            "stake": pd.to_numeric(judged[measure.stake]).fillna(0).to_numpy(dtype=np.float64),
            "z": z,
            "p": tail_probability(z, size),
            "above": place > cut,
            "peer_group": ladder.said(judged, peers["peer_group"]).to_numpy(),
            "peer_level": peers["peer_level"].to_numpy(),
            "peer_size": size.astype("int64"),
            "expected": value(centre),
            "upper": value(np.array([norm.upper for norm in of], dtype=np.float64)),
            "threshold": value(centre + threshold * scale / weight),
            "tested": 0,
        }
    )
    counted = pd.DataFrame([{"measure": measure.name, "tested": len(judged)}])
    kept = candidates[candidates["p"] <= ALPHA]
    return (
        pd.concat([kept, counted], ignore_index=True)
        if len(kept)
        else counted.reindex(columns=list(CANDIDATE_COLUMNS))
    )


def ladder_columns(measures: Iterable[Measure]) -> tuple[str, ...]:
    """Profile columns that judging by these measures reads, beside the subject's id."""
    listed = list(measures)
    own = [column for measure in listed for column in measure.columns]
    return tuple(dict.fromkeys([*columns_of(listed[0].subject), *own]))
