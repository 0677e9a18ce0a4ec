"""Lists of a shape as matrices: one row a subject, one column a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from detectors.deviation.comparison import Values
from features.partials import shape_columns

What = Literal["lines", "cents", "weights"]


def lists(frame: pd.DataFrame, column: str) -> list[np.ndarray]:
    """A column of lists, empty where there is none."""
    return [
        np.asarray(value if value is not None and np.ndim(value) else []) for value in frame[column]
    ]


def keys_of(frame: pd.DataFrame, part: str) -> list[str]:
    """All keys that any of the subjects has, in order."""
    found = lists(frame, shape_columns(part)[0])
    return sorted({str(key) for keys in found for key in keys})


def matrix(frame: pd.DataFrame, part: str, what: What, keys: Sequence[str]) -> Values:
    """What each subject has at each key of a part; other keys are left out."""
    place = {key: number for number, key in enumerate(keys)}
    named = lists(frame, f"by_{part}_keys")
    held = lists(frame, f"by_{part}_{what}")
    found = np.zeros((len(frame), len(keys)), dtype=np.float64)
    rows = np.repeat(np.arange(len(frame)), [len(names) for names in named])
    flat = [str(name) for names in named for name in names]
    columns = np.array([place.get(name, -1) for name in flat], dtype=np.int64)
    values = np.concatenate([np.asarray(h, dtype=np.float64) for h in held] or [np.zeros(0)])
    kept = columns >= 0
    np.add.at(found, (rows[kept], columns[kept]), values[kept])
    return found


def totals(frame: pd.DataFrame, part: str, what: What = "lines") -> Values:
    """What each subject has in a part over all keys."""
    return np.array([float(np.sum(held)) for held in lists(frame, f"by_{part}_{what}")])
