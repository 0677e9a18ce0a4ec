"""The peers' calendar: what season, holidays and epidemics give every provider of a group."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from detectors.deviation.comparison import Values, doubles
from detectors.deviation.methods.scales import double_mad, mad
from detectors.deviation.robust import tail_probability

PERIOD = ("period_start", "period_end")
"""Columns of the run's first and last day, beside the shapes."""


def having(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The subjects that have more than nothing in a profile column; all where none is named."""
    found: pd.DataFrame = frame[np.nan_to_num(doubles(frame[column])) > 0] if column else frame
    return found


def first_last(frame: pd.DataFrame) -> tuple[date, date]:
    """The period of a frame that has rows."""
    return frame["period_start"].iloc[0], frame["period_end"].iloc[0]


def calendar_of(counts: Values, block: int = 1) -> Values:
    """The peers' shares of each place.

    A large peer counts for three usual ones at most, and a block of places (30 days, say) for three
    of its own median ones, so that no peer's burst makes the calendar. No row is empty.
    """
    total = counts.sum(axis=1, keepdims=True)
    held = counts * np.minimum(1.0, 3.0 * np.median(total) / np.maximum(total, 1.0))
    starts = np.arange(0, counts.shape[1], block)
    sums = np.add.reduceat(held, starts, axis=1)
    usual = np.nanmedian(np.where(sums > 0, sums, np.nan), axis=1, keepdims=True)
    most = np.broadcast_to(3.0 * usual, sums.shape)
    kept = np.minimum(1.0, np.divide(most, sums, out=np.ones_like(sums), where=sums > 0))
    found = (held * np.repeat(kept, block, axis=1)[:, : counts.shape[1]]).sum(axis=0) + 1e-6
    return np.asarray(found / found.sum(), dtype=np.float64)


def open_span(counts: Values) -> Values:
    """1 from a row's first to its last active place, else 0: opening and closing are no bursts."""
    active = counts > 0
    began = np.maximum.accumulate(active, axis=1)
    goes_on = np.maximum.accumulate(active[:, ::-1], axis=1)[:, ::-1]
    return (began & goes_on).astype(np.float64)


def beyond_peers(effects: Values, peers: Values) -> Values:
    """p-values of effects as large, by the peers' own: no model of chance knows all of theirs.

    A robust z on the peers' median and the longer side's MAD, with Student's tail.
    """
    scale = max(mad(peers), double_mad(peers)[1], 0.1)
    return tail_probability((effects - float(np.median(peers))) / scale, len(peers))
